"""How an answer's sentences stand on the page: the paragraphs and list items of its Markdown."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answer import Answer, Sentence
from assistant.answering.composition import escape

_MARKERS = re.compile(r"^(?:\s*\[\d+\])+")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_ITEM = re.compile(r"(?:^|\n)[ \t]*(?:[-*•]|\d+[.)])[ \t]+$")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or one item of a list."""

    sentences: tuple[Sentence, ...]
    item: bool = False
    before: str = ""
    """What stands before it and is no sentence of the catalogue's: "14 events since 2024:"."""


def blocks(answer: Answer, shown: int) -> list[Block]:
    """The first `shown` sentences as they are grouped in `answer.text`; what is not found there goes on as before."""
    found: list[Block] = []
    place = 0
    for sentence in answer.sentences[:shown]:
        at, end = _where(answer, sentence, place)
        gap = answer.text[place:at] if at >= 0 else ""
        place = end if at >= 0 else place
        item = _ITEM.search(gap) is not None
        before = _aside(gap)
        if not found or item or before or "\n\n" in gap:
            found.append(Block((sentence,), item, before))
        else:
            found[-1] = replace(found[-1], sentences=(*found[-1].sentences, sentence))
    return found


def after(answer: Answer) -> str:
    """What stands after the last sentence: what a comparison counts, for one."""
    place = 0
    for sentence in answer.sentences:
        at, end = _where(answer, sentence, place)
        place = end if at >= 0 else place
    return _aside(answer.text[place:]) if place else ""


def _where(answer: Answer, sentence: Sentence, place: int) -> tuple[int, int]:
    """Where a sentence stands in the text, as Markdown or as it is; -1 where it does not."""
    for written in (escape(sentence.text), sentence.text):
        at = answer.text.find(written, place)
        if at >= 0:
            return at, at + len(written)
    return -1, -1


def _aside(gap: str) -> str:
    """A gap between two sentences without markers, marks of lists and escapes."""
    bare = _ITEM.sub("", _MARKERS.sub("", gap)).strip()
    return _ESCAPED.sub(r"\1", bare)


def runs(parts: Sequence[Block]) -> list[list[Block]]:
    """Blocks with neighbouring list items brought together."""
    together: list[list[Block]] = []
    for part in parts:
        if part.item and not part.before and together and together[-1][-1].item:
            together[-1].append(part)
        else:
            together.append([part])
    return together
