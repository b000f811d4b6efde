"""Renders the Jinja2 templates in `ui/templates`.

Every value that a template writes is escaped, except `Markup`. The helpers below that return `Markup` escape what they
receive.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from index import dates
from ui.feeds.page_links import feed_links

from . import html, urls

_TEMPLATES = Path(__file__).parent / "templates"
_PARAGRAPH_BREAK = re.compile(r"\n\n")


def render(template: str, /, **context: Any) -> str:
    """Render one template.

    Args:
        template: Its file name in `ui/templates`.
        context: What the template reads. A name that is missing raises `jinja2.UndefinedError`.
    """
    return _ENVIRONMENT.get_template(template).render(context)


def shorten(text: str, limit: int) -> str:
    """Put a text on one line and, if it has more than `limit` characters, cut it at a space."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    head = line[: limit - 1]
    return head.rpartition(" ")[0].rstrip(" ,;:–—-") + " …" if " " in head else head + "…"


def paragraphs(text: str) -> list[str]:
    """Split a text at blank lines; drop empty paragraphs."""
    stripped = (paragraph.strip() for paragraph in _PARAGRAPH_BREAK.split(text.replace("\r\n", "\n")))
    return [paragraph for paragraph in stripped if paragraph]


def json_in_script(value: Mapping[str, Any]) -> Markup:
    """Write JSON for a `<script>` data block. The text contains no character that could end the block."""
    text = json.dumps(value, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 -- no markup is left in it


def _markup(helper: Callable[..., str]) -> Callable[..., Markup]:
    """Mark the result of a helper from `ui.html` as safe: these helpers escape their arguments."""
    return lambda *values: Markup(helper(*values))  # noqa: S704


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "backticks_as_code": _markup(html.with_code),
        "cut": shorten,
        "date_in_words": dates.in_words,
        "json_in_script": json_in_script,
        "paragraphs": paragraphs,
        "plural": html.plural,
        "thousands": "{:,}".format,
    }
    environment.globals |= {
        "NAME": html.NAME,
        "badge": _markup(html.badge),
        "date": _markup(html.date),
        "feed_links": _markup(feed_links),
        "out_link": _markup(html.out_link),
        "question_about": html.question_about,
        "static": urls.static,
    }
    return environment


_ENVIRONMENT = _environment()
