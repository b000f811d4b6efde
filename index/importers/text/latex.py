"""Convert bibliography fields that contain TeX to plain text."""

import re

from . import plaintext, tex
from .formulas import is_formula
from .tex_layout import GREATER, LESS

_PERCENT = re.compile(r"(?<!\\)%")
_DOLLAR = re.compile(r"(?<!\\)\$")
_TEX = re.compile(r"[\\{}~$%&]|--|``|''|\?`|!`")
_SPACED = re.compile(r"\s.*[\\^_=<>].*\s", re.DOTALL)


def to_text(value: str) -> str:
    """Return a field as it would appear in print."""
    if _TEX.search(value):
        value = tex.to_text(_PERCENT.sub(r"\\%", _formulas_only(value)))
    return plaintext.of_html(value).replace(LESS, "<").replace(GREATER, ">")


def _formulas_only(value: str) -> str:
    """Escape each `$` that does not begin a formula, such as one before an amount of money."""
    places = [match.start() for match in _DOLLAR.finditer(value)]
    written, at, number = [], 0, 0
    while number < len(places):
        start = places[number]
        if value.startswith("$$", start):
            end = value.find("$$", start + 2)
            if end > 0:
                written.append(value[at : end + 2])
                at = end + 2
                number = next((later for later in range(number, len(places)) if places[later] >= at), len(places))
                continue
        end = places[number + 1] if number + 1 < len(places) else 0
        inside = value[start + 1 : end] if end else ""
        if end and (is_formula(inside, value[end + 1 : end + 2], sure=True) or _SPACED.fullmatch(inside)):
            written.append(value[at : end + 1])
            number, at = number + 2, end + 1
        else:
            written.append(value[at:start] + "\\$")
            number, at = number + 1, start + 1
    return "".join(written) + value[at:]
