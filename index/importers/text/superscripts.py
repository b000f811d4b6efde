"""What stands above and below the line in HTML: powers, indices, ordinals, and the marks of footnotes."""

import re

_LINKED_MARK = re.compile(
    r"<sup\b[^<>]*>\s*\[?\s*<a\b[^<>]*\bhref=[\"']?[^\"'<>]*#[^<>]*>(?:[^<>]|</?(?:span|b|i|em)\b[^<>]*>){0,200}</a>\s*\]?\s*</sup>"
    r"|<a\b[^<>]*\bclass=[\"'][^\"'<>]*\b(?:footnote-?(?:ref|back|backref|anchor)|reversefootnote)\b[^<>]*>.{0,200}?</a>"
    r"|<a\b[^<>]*\bhref=[\"']?[^\"'<>]*#(?:fnref|footnote-?ref|_?ftnref|cite_ref|noteref)[^<>]*>.{0,200}?</a>"
    r"|<sup\b[^<>]*>\s*\[\s*\w{1,4}\s*\]\s*</sup>",
    re.IGNORECASE | re.DOTALL,
)
_OPENINGS = {"sup": "\ue012", "sub": "\ue013"}
_CLOSING = "\ue014"
_MARKED = re.compile(f"([\ue012\ue013])([^\ue012-\ue014]*){_CLOSING}")
_ALL = re.compile("[\ue012-\ue014]")
_PLAIN_ABOVE = re.compile(r"st|nd|rd|th|er|e|ème|®|™|©|℠|TM|SM|\(R\)|[*†‡§ºª]+", re.IGNORECASE)
_SIMPLE = re.compile(r"[+\-−]?\d+(?:[.,]\d+)?|[+\-−]?[^\W\d_]+|[^\w\s()]")
_ELEMENT = re.compile(r"(?:[A-Z][a-z]?|\))$")


def without_marks(markup: str) -> str:
    """HTML without the marks that lead to footnotes and back from them; the notes stay."""
    lower = markup.lower()
    return _LINKED_MARK.sub("", markup) if "<sup" in lower or "footnote" in lower or "fnref" in lower else markup


def mark(name: str, *, closing: bool) -> str:
    """The sign that stands for a tag `sup` or `sub` until the whole text is known."""
    return _CLOSING if closing else _OPENINGS[name]


def written(text: str) -> str:
    """The text in which `10<sup>23</sup>` is `10^23` and `x<sub>i</sub>` is `x_i`."""
    for _ in range(4):  # a script in a script, and no deeper
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
