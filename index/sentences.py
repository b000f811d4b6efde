"""Split a text into sentences, as character offsets, so that a quotation is exact.

No library fits: their splitters return strings without offsets, or break at "et al." and "GPT-3.5". This module uses
rules only. A text without punctuation is cut after at most `MAX_SENTENCE_CHARACTERS`.
"""

import re

MAX_SENTENCE_CHARACTERS = 600
"""Longer sentences are cut; nobody wants a longer one quoted."""

# The possessive quantifiers (`++`, `*+`) never backtrack, so that a long run of dots takes linear time.
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
    """The sentences of `text` as half-open spans (start, end) without surrounding white space.

    Args:
        text: The text.
        by_line: Whether each newline ends a sentence, too.
    """
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
        # A lower-case letter after a question or exclamation mark continues the sentence: "Why? she asked".
        following = _NEXT_WORD.match(text, match.end())
        return mark.isspace() or mark[0] in "。！？" or following is None or not following[1][0].islower()
    following = _NEXT_WORD.match(text, match.end())
    if following is None:
        return True
    # No word is longer than 40 characters; looking further back would cost quadratic time on hostile text.
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
    while end - begin > MAX_SENTENCE_CHARACTERS:
        cut = max(
            text.rfind(mark, begin + MAX_SENTENCE_CHARACTERS // 2, begin + MAX_SENTENCE_CHARACTERS)
            for mark in ("; ", ", ", " ", "\n")
        )
        cut = begin + MAX_SENTENCE_CHARACTERS if cut < 0 else cut + 1
        _append(spans, text, begin, cut)
        begin = cut
        while begin < end and text[begin].isspace():
            begin += 1
    if begin < end:
        spans.append((begin, end))
