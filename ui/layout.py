"""How an answer's sentences stand on the page: the paragraphs and list items of its Markdown."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.types import Answer, Sentence

_ITEM = re.compile(r"(?:^|\n)[ \t]*(?:[-*•]|\d+[.)])[ \t]+$")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or one item of a list."""

    sentences: tuple[Sentence, ...]
    item: bool = False


def blocks(answer: Answer, shown: int) -> list[Block]:
    """The first `shown` sentences as they are grouped in `answer.text`; what is not found there goes on as before."""
    found: list[Block] = []
    place = 0
    for sentence in answer.sentences[:shown]:
        at = answer.text.find(sentence.text, place)
        gap = answer.text[place:at] if at >= 0 else ""
        place = at + len(sentence.text) if at >= 0 else place
        item = _ITEM.search(gap) is not None
        if not found or item or "\n\n" in gap:
            found.append(Block((sentence,), item))
        else:
            found[-1] = Block((*found[-1].sentences, sentence), found[-1].item)
    return found


def runs(parts: Sequence[Block]) -> list[list[Block]]:
    """Blocks with neighbouring list items brought together."""
    together: list[list[Block]] = []
    for part in parts:
        if part.item and together and together[-1][-1].item:
            together[-1].append(part)
        else:
            together.append([part])
    return together
