"""Where sentences begin and end, as character offsets, so that a quotation is exact by construction.

Written here because what we cite stands on it: splitters in libraries return strings, lose offsets, or break at
"et al." and "GPT-3.5". Rules only; a text without punctuation is cut at `LONGEST` characters.
"""

import re

LONGEST = 600
"""Characters; no sentence that a reader would want quoted is longer."""

# A run of marks is tried once, at its first mark, and never given back: "....a" takes linear time.
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s|$)|[。！？]+[」』”]*|\n[^\S\n]*\n\s*")
_BREAK = re.compile(_END.pattern + r"|\n")
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof sr jr st vs v e.g i.e eg ie cf etc al approx ca no nos fig figs eq sec ch vol pp ed eds "
    "inc ltd co corp llc dept gov gen sen rep rev hon jan feb mar apr jun jul aug sep sept oct nov dec u.s u.k u.n e.u "
    "a.m p.m ph.d".split()
)
_SURE_ENDS = frozenset("etc inc ltd co corp llc u.s u.k u.n e.u a.m p.m ph.d".split())
_STARTERS = frozenset(
    "the a an in it its this that these those he she they we i you but and however when while after before on at for "
    "since if as our their his her there here what who why how".split()
)
_LAST_WORD = re.compile(r"[^\s(\[“\"']+$")
_NEXT_WORD = re.compile(r"\s*[\"'“‘(\[]*(\S{1,40})")


def split(text: str, *, by_line: bool = False) -> list[tuple[int, int]]:
    """Half-open spans of the sentences of `text`, trimmed of white space; `by_line` ends one at each newline too."""
    spans: list[tuple[int, int]] = []
    begin = 0
    for match in (_BREAK if by_line else _END).finditer(text):
        if _is_end(text, match):
            _append(spans, text, begin, match.end())
            begin = match.end()
    _append(spans, text, begin, len(text))
    return spans


def _is_end(text: str, match: re.Match[str]) -> bool:
    mark = match.group()
    if not mark.startswith(".") or mark.startswith(".."):
        # A question or exclamation mark inside a sentence ("Why? she asked") is followed by a small letter.
        following = _NEXT_WORD.match(text, match.end())
        return mark.isspace() or mark[0] in "。！？" or following is None or not following[1][0].islower()
    following = _NEXT_WORD.match(text, match.end())
    if following is None:
        return True
    # Sentences are short; looking back further than a word can be long only wastes time on hostile text.
    last = _LAST_WORD.search(text, max(0, match.start() - 40), match.start())
    word = last.group().lower() if last else ""
    if following[1][0].islower():
        return False
    if len(word) == 1 and word.isalpha() and last is not None and last.group().isupper():
        return False  # an initial: "J. Smith"
    if word in _ABBREVIATIONS:
        return word in _SURE_ENDS and following[1].lower().rstrip(".,;:") in _STARTERS
    return True


def _append(spans: list[tuple[int, int]], text: str, begin: int, end: int) -> None:
    while begin < end and text[begin].isspace():
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    while end - begin > LONGEST:
        cut = max(text.rfind(mark, begin + LONGEST // 2, begin + LONGEST) for mark in ("; ", ", ", " ", "\n"))
        cut = begin + LONGEST if cut < 0 else cut + 1
        _append(spans, text, begin, cut)
        begin = cut
        while begin < end and text[begin].isspace():
            begin += 1
    if begin < end:
        spans.append((begin, end))
