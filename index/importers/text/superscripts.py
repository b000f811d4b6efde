"""Superscripts and subscripts in HTML: powers, indices, ordinals and footnote markers."""

import re

_OPENING = re.compile(r"<(?P<name>sup|a)\b(?P<attributes>[^<>]*+)>", re.IGNORECASE)
_HREF = re.compile(r"""\bhref=["']?([^"']*+)""", re.IGNORECASE)
_CLASS = re.compile(r"""\bclass=["']([^"']*+)""", re.IGNORECASE)
_NOTE_ADDRESS = re.compile(r"#(?:fnref|footnote-?ref|_?ftnref|cite_ref|noteref)", re.IGNORECASE)
_NOTE_CLASS = re.compile(r"\b(?:footnote-?(?:ref|back|backref|anchor)|reversefootnote)\b", re.IGNORECASE)
_LINK_ABOVE = re.compile(r"\s*+(?:\[\s*+)?+<a\b(?P<attributes>[^<>]*+)>", re.IGNORECASE)
_REST_OF_LINK_ABOVE = re.compile(
    r"(?:[^<>]|</?(?:span|b|i|em)\b[^<>]*+>){0,200}+</a>\s*+(?:\]\s*+)?+</sup>", re.IGNORECASE
)
_NUMBER_ABOVE = re.compile(r"\s*+\[\s*+\w{1,4}+\s*+\]\s*+</sup>", re.IGNORECASE)
_REST_OF_LINK = re.compile(r".{0,200}?</a>", re.IGNORECASE | re.DOTALL)
_OPENINGS = {"sup": "\ue012", "sub": "\ue013"}
_CLOSING = "\ue014"
_MARKED = re.compile(f"([\ue012\ue013])([^\ue012-\ue014]*){_CLOSING}")
_ALL = re.compile("[\ue012-\ue014]")
_PLAIN_ABOVE = re.compile(r"st|nd|rd|th|er|e|ème|®|™|©|℠|TM|SM|\(R\)|[*†‡§ºª]+", re.IGNORECASE)
_SIMPLE = re.compile(r"[+\-−]?\d+(?:[.,]\d+)?|[+\-−]?[^\W\d_]+|[^\w\s()]")
_ELEMENT = re.compile(r"(?:[A-Z][a-z]?|\))$")


def without_marks(markup: str) -> str:
    """Remove the links that lead to footnotes and back. The footnotes themselves stay."""
    parts: list[str] = []
    done = at = 0
    while opening := _OPENING.search(markup, at):
        at = opening.end()
        end = _end_of_mark(markup, opening)
        if end is not None:
            parts.append(markup[done : opening.start()])
            done = at = end
    return "".join(parts) + markup[done:]


def _end_of_mark(markup: str, opening: re.Match[str]) -> int | None:
    """Return where the footnote marker that begins with this tag ends; None if it is not a footnote marker."""
    at = opening.end()
    if opening["name"].lower() == "a":
        addresses, classes = _HREF.findall(opening["attributes"]), _CLASS.findall(opening["attributes"])
        if any(map(_NOTE_ADDRESS.search, addresses)) or any(map(_NOTE_CLASS.search, classes)):
            rest = _REST_OF_LINK.match(markup, at)
            return rest.end() if rest else None
        return None
    if (number := _NUMBER_ABOVE.match(markup, at)) is not None:
        return number.end()
    link = _LINK_ABOVE.match(markup, at)
    if link is None or not any("#" in address for address in _HREF.findall(link["attributes"])):
        return None
    rest = _REST_OF_LINK_ABOVE.match(markup, link.end())
    return rest.end() if rest else None


def mark(name: str, *, closing: bool) -> str:
    """Return the placeholder for a `sup` or `sub` tag. `written` replaces it later."""
    return _CLOSING if closing else _OPENINGS[name]


def written(text: str) -> str:
    """Return the text with `10<sup>23</sup>` as `10^23` and `x<sub>i</sub>` as `x_i`."""
    for _ in range(4):  # nested scripts, up to four levels
        if _CLOSING not in text:
            return text
        text = _MARKED.sub(_script, text)
    return _ALL.sub("", text)


def _script(match: re.Match[str]) -> str:
    inner = " ".join(match[2].split())
    before = match.string[max(match.start() - 3, 0) : match.start()]
    touches = bool(before) and (before[-1].isalnum() or before[-1] in ")]}|′")
    above = match[1] == _OPENINGS["sup"]
    plain = _PLAIN_ABOVE.fullmatch(inner) if above else inner.isdigit() and _ELEMENT.search(before)
    if not inner or not touches or plain:
        return inner
    following = match.string[match.end() : match.end() + 1]
    body = inner if _SIMPLE.fullmatch(inner) else f"({inner})"
    return f"{'^' if above else '_'}{body}{' ' if following.isalnum() and body == inner else ''}"
