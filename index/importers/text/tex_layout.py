"""Write formulas on one line, with spaces and brackets that separate scripts, roots and fractions from the rest.

While a formula is read, private-use characters mark its parts. The functions here replace these markers with spaces
and brackets when the adjacent characters are known.
"""

import re
import unicodedata

_FRACTION, _FRACTION_END, _END, _RELATION, _FUNCTION, _START = (
    "\ue000",
    "\ue001",
    "\ue002",
    "\ue003",
    "\ue004",
    "\ue005",
)
LESS, GREATER = "\ue006", "\ue007"
"""Placeholders for `<` and `>` from TeX, so that they are not taken for HTML."""
OWN = re.compile("[\ue000-\ue00f]")
_FRACTIONS = re.compile(f"{_FRACTION}([^{_FRACTION}{_FRACTION_END}]*){_FRACTION_END}")
_RELATIONS = re.compile(rf" *{_RELATION}([^{_RELATION}]+){_RELATION} *")
_FUNCTIONS = re.compile(rf" *{_FUNCTION}([^{_FUNCTION}]+){_FUNCTION} *")
_ATOM = re.compile(
    r"(?:\d[\d.,]*%?|[√∂]?[^\W\d_][\u0300-\u036f′']*|[^\W\d_]+\([^()]*\)|∞|\|[^|]*\|)(?:[_^](?:[+-]?\d++|[^\W\d]))*"
)
_PRODUCT = re.compile(r"[\w.√]+")
_SIMPLE_SCRIPT = re.compile(r"[+\-−±]?\d+(?:[.,]\d+)?%?|-?[^\W\d_]+|[^\w\s(){}\[\]]|[^\W\d_][\u0300-\u036f]")
_ORDINALS = {"st", "nd", "rd", "th", "®", "™", "©"}
_OWN_MARKS = re.compile("[\ue000-\ue005]")


def fraction(upper: str, lower: str) -> str:
    """Return `a/b`, with brackets around a side that has more than one factor."""
    upper, lower = upper.rstrip(_END), lower.rstrip(_END)
    above = upper if _ATOM.fullmatch(upper) or _PRODUCT.fullmatch(upper) else f"({upper})"
    below = lower if _ATOM.fullmatch(lower) else f"({lower})"
    return f"{_FRACTION}{above}/{below}{_FRACTION_END}"


def root(sign: str, inner: str) -> str:
    """Return a root such as `√2` or `√(n+1)`."""
    return f"{sign}{inner}{_END}" if re.fullmatch(r"\d+(?:\.\d+)?|\w", inner) else f"{sign}({inner})"


def function(name: str) -> str:
    """Return the name of a function such as `log`, marked so that it is separated from adjacent letters."""
    return f"{_FUNCTION}{name}{_FUNCTION}"


def settled(text: str) -> str:
    """Replace the remaining markers: add spaces where a script or a fraction touches a letter or digit."""
    text = re.sub(rf"(?<=\w){_START}", " ", text)
    return _OWN_MARKS.sub("", re.sub(rf"{_END}(?=\w)", " ", text))


def relation(sign: str) -> str:
    """Return a relation sign, marked so that it gets spaces around it."""
    return f"{_RELATION}{sign}{_RELATION}"


def letters(style: str, inner: str) -> str:
    """Return a letter in another style, such as double-struck, if Unicode has it. Words stay unchanged."""
    if len(inner) != 1:
        return inner
    try:
        return unicodedata.lookup(f"{style} {'CAPITAL' if inner.isupper() else 'SMALL'} {inner.upper()}")
    except KeyError:
        pass
    kind = "DIGIT " + unicodedata.name(inner).rpartition(" ")[2] if inner.isdigit() else ""
    case = kind or f"{'CAPITAL' if inner.isupper() else 'SMALL'} {inner.upper()}"
    try:
        return unicodedata.lookup(f"MATHEMATICAL {style} {case}")
    except KeyError:
        return inner


def script(sign: str, inner: str) -> str:
    """Return a superscript (`^`) or a subscript (`_`), with a marker at its end."""
    inner = inner.strip()
    if not inner:
        return ""
    if sign == "^" and inner in _ORDINALS:
        return inner
    if sign == "^" and inner == "∘":
        return "°"
    if sign == "^" and set(inner) <= {"'", "′"}:
        return inner
    return f"{sign}{inner}{_END}" if _SIMPLE_SCRIPT.fullmatch(inner) else f"{sign}({inner})"


def finished(text: str, *, opening: bool = False) -> str:
    """Replace the markers of a formula with spaces and brackets, except those at its start and end."""
    text = _FRACTIONS.sub(lambda match: _fitted(match, opening=opening), text)
    text = _FUNCTIONS.sub(_spaced, text)
    text = _RELATIONS.sub(_around, text)
    text = re.sub(r"([(\[⌊⌈⟨]) +| +([)\]⌋⌉⟩])", r"\1\2", text)
    text = re.sub(rf"{_END}(?=[\w√])", " ", text)
    return re.sub(r" {2,}", " ", text.replace(_FRACTION, "").replace(_FRACTION_END, "")).strip()


def _fitted(match: re.Match[str], *, opening: bool) -> str:
    """Return a fraction, in brackets if adjacent characters could be read as a part of it."""
    before, after = match.string[: match.start()].rstrip(" " + _END), match.string[match.end() :].lstrip()
    touched = before[-1:].isalnum() or before[-1:] in {")", "]", _FRACTION_END, "/"}
    followed = after[:1].isalnum() or after[:1] in {"(", "^", "_", "/", "√", _FRACTION, "!", "∞"}
    if touched or followed:
        lead = " " if touched else ""
        return f"{lead}({match[1]})" + (" " if after[:1].isalnum() else "")
    start = _START if not before and not opening else ""
    return f"{start}{match[1]}{_END}"


def _spaced(match: re.Match[str]) -> str:
    before, after = match.string[match.start() - 1 : match.start()], match.string[match.end() : match.end() + 1]
    lead = (
        " " if before.isalnum() or before in {")", "]", _FRACTION_END, _END} else match[0][: match[0].index(_FUNCTION)]
    )
    tail = " " if after.isalnum() or after in {"√", _FRACTION, _FUNCTION} else ""
    return f"{lead}{match[1]}{tail}"


def _around(match: re.Match[str]) -> str:
    before, after = match.string[: match.start()].rstrip(), match.string[match.end() :]
    if not before or before[-1] in "([,;" or not after:
        return match[1]
    return f" {match[1]} "


def bracketed(text: str) -> str:
    """Replace `<` and `>` with the placeholders `LESS` and `GREATER`."""
    return text.replace("<", LESS).replace(">", GREATER)
