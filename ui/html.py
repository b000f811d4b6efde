"""The small pieces of HTML that every part of the chat is made of; everything that comes in is escaped here."""

import html
import re
from urllib.parse import urlsplit

from assistant.export.bibliography import ALMANAC
from index import dates
from index.models import Kind

NAME = ALMANAC
"""What the whole is called, on its pages and in references to its guides."""
KIND_NAMES: dict[Kind, str] = {"event": "Event", "guide": "Guide", "path": "Reading path"}
_LONGEST_TITLE = 300
_CODE = re.compile(r"`([^`]+)`")


def text(value: str) -> str:
    """Text as text, in content and in a quoted attribute alike."""
    return html.escape(value, quote=True)


def with_code(value: str) -> str:
    """Text in which `what stands in backticks` is set as code."""
    return _CODE.sub(r"<code>\1</code>", text(value))


def attributes(**values: str | None) -> str:
    """Attributes of a tag, each with a leading space; `data_ask` is written `data-ask`, None is left out."""
    return "".join(
        f' {name.rstrip("_").replace("_", "-")}="{text(value)}"' for name, value in values.items() if value is not None
    )


def ask_button(question: str, label: str, *, class_: str) -> str:
    """A button that asks `question`; `label` is ready-made HTML."""
    return f"<button{attributes(type='button', class_=class_, data_ask=question)}>{label}</button>"


def about(title: str) -> str:
    """The question that a click on an entry asks."""
    return f"Tell me about {title[:_LONGEST_TITLE]}"


def safe_url(url: str | None) -> str | None:
    """The address if a browser may be sent there: http or https with a host, without control characters."""
    if url is None or any(character.isspace() or ord(character) < 32 for character in url):
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return None
    return url if usable else None


def host(url: str) -> str:
    """The site an address leads to, as a reader would say it."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def out_link(url: str | None, title: str) -> str:
    """A link out of the catalogue, or nothing where the address is not fit to follow."""
    address = safe_url(url)
    if address is None:
        return ""
    named = attributes(
        class_="out",
        href=address,
        target="_blank",
        rel="noopener noreferrer nofollow",
        aria_label=f"Read “{title}” at {host(address)} (opens in a new tab)",
    )
    return f'<a{named}>{text(host(address))}<span class="arrow" aria-hidden="true">↗</span></a>'


def date(value: str | None) -> str:
    """A date in words, or nothing; a value in no known form is shown as it is."""
    if value is None:
        return ""
    try:
        words = dates.in_words(value)
    except (ValueError, IndexError):
        return f"<span>{text(value)}</span>"
    return f'<time datetime="{text(value)}">{text(words)}</time>'


def badge(kind: Kind) -> str:
    """What kind of entry this is."""
    return f'<span class="badge" data-kind="{text(kind)}">{text(KIND_NAMES.get(kind, kind))}</span>'


def plural(count: int, noun: str, many: str | None = None) -> str:
    """`1 source`, `4 sources`."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"
