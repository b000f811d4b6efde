"""Small pieces of HTML that the chat and the pages share. Every argument is escaped, except where it says otherwise."""

import html
import re
from urllib.parse import urlsplit

from assistant.export.bibliography import ALMANAC
from index import dates
from index.models import EntryKind

NAME = ALMANAC
"""The name of the site, on its pages and in citations of its guides."""
KIND_NAMES: dict[EntryKind, str] = {"event": "Event", "guide": "Guide", "path": "Reading path"}
_MAX_TITLE_LENGTH = 300
_CODE = re.compile(r"`([^`]+)`")


def text(value: str) -> str:
    """Escape a text for content or for a quoted attribute."""
    return html.escape(value, quote=True)


def with_code(value: str) -> str:
    """Escape a text and turn `backticks` into `<code>` elements."""
    return _CODE.sub(r"<code>\1</code>", text(value))


def attributes(**values: str | None) -> str:
    """Write the attributes of a tag, each after a space. `data_ask` becomes `data-ask`; None is left out."""
    return "".join(
        f' {name.rstrip("_").replace("_", "-")}="{text(value)}"' for name, value in values.items() if value is not None
    )


def ask_button(question: str, label: str, *, class_: str) -> str:
    """A button that asks `question`. `label` is HTML and is not escaped."""
    return f"<button{attributes(type='button', class_=class_, data_ask=question)}>{label}</button>"


def question_about(title: str) -> str:
    """The question that a click on the title of an entry asks."""
    return f"Tell me about {title[:_MAX_TITLE_LENGTH]}"


def safe_url(url: str | None) -> str | None:
    """The address if it is safe as a link: http or https with a host, no white space or control characters. Else None."""
    if url is None or any(character.isspace() or ord(character) < 32 for character in url):
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return None
    return url if usable else None


def host(url: str) -> str:
    """The host of an address, without `www.`."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def out_link(url: str | None, title: str) -> str:
    """A link to the source of an entry, in a new tab. Empty if the address is not safe."""
    address = safe_url(url)
    if address is None:
        return ""
    link = attributes(
        class_="out",
        href=address,
        target="_blank",
        rel="noopener noreferrer nofollow",
        aria_label=f"Read “{title}” at {host(address)} (opens in a new tab)",
    )
    return f'<a{link}>{text(host(address))}<span class="arrow" aria-hidden="true">↗</span></a>'


def date(value: str | None) -> str:
    """A date in words, such as `29 June 2026`. A value that is not a date is shown unchanged; None gives an empty text."""
    if value is None:
        return ""
    try:
        words = dates.in_words(value)
    except (ValueError, IndexError):
        return f"<span>{text(value)}</span>"
    return f'<time datetime="{text(value)}">{text(words)}</time>'


def badge(kind: EntryKind) -> str:
    """A label with the kind of an entry."""
    return f'<span class="badge" data-kind="{text(kind)}">{text(KIND_NAMES.get(kind, kind))}</span>'


def plural(count: int, noun: str, many: str | None = None) -> str:
    """A number with its noun: `1 source`, `4 sources`. `many` is a plural that is not the noun with an "s"."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"
