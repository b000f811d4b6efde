"""Groups the sentences of an answer into paragraphs and list items, as its Markdown text does."""

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
    """Text before the block that is not a quotation, such as "14 events since 2024:"."""


def blocks(answer: Answer, shown: int) -> list[Block]:
    """Group the first `shown` sentences as in `answer.text`. A sentence that the text does not contain continues its block."""
    grouped: list[Block] = []
    position = 0
    for sentence in answer.sentences[:shown]:
        at, end = _find(answer, sentence, position)
        gap = answer.text[position:at] if at >= 0 else ""
        position = end if at >= 0 else position
        item = _ITEM.search(gap) is not None
        before = _aside(gap)
        if not grouped or item or before or "\n\n" in gap:
            grouped.append(Block((sentence,), item, before))
        else:
            grouped[-1] = replace(grouped[-1], sentences=(*grouped[-1].sentences, sentence))
    return grouped


def after(answer: Answer) -> str:
    """The text after the last sentence, such as the counts of a comparison."""
    position = 0
    for sentence in answer.sentences:
        at, end = _find(answer, sentence, position)
        position = end if at >= 0 else position
    return _aside(answer.text[position:]) if position else ""


def _find(answer: Answer, sentence: Sentence, position: int) -> tuple[int, int]:
    """Start and end of a sentence in the text from `position` on, escaped or not; -1 if it is not there."""
    for written in (escape(sentence.text), sentence.text):
        at = answer.text.find(written, position)
        if at >= 0:
            return at, at + len(written)
    return -1, -1


def _aside(gap: str) -> str:
    """The text between two sentences, without markers, list bullets and escapes."""
    bare = _ITEM.sub("", _MARKERS.sub("", gap)).strip()
    return _ESCAPED.sub(r"\1", bare)


def runs(all_blocks: Sequence[Block]) -> list[list[Block]]:
    """Group consecutive items of a list; each paragraph is a group of its own."""
    groups: list[list[Block]] = []
    for block in all_blocks:
        if block.item and not block.before and groups and groups[-1][-1].item:
            groups[-1].append(block)
        else:
            groups.append([block])
    return groups
