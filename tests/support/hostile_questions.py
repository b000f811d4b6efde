"""Slow questions: every phrase of the product's own patterns, repeated and combined up to the maximum length.

`python -m tests.support.hostile_questions 10000 SEED minilm` asks 10,000 such questions of the real engine over the
starter catalogue. It prints their cost relative to a plain question of the same length: the mean, and the maximum. With
`none` neither embedder nor entry reader runs: both cost the same for any text of this length. A question takes a small part of
the time, and the comparison is stricter.
"""

import gc
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined] # the parser that `re` itself uses has no public name
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from assistant.answer import LONGEST_QUESTION, Turn
from assistant.pipeline import Assistant
from assistant.question import Question
from index.errors import AlmanacError

from .patterns import every_pattern

PLAIN = (
    "I read somewhere that many of the newer language models were trained with feedback from people who compared two "
    "answers and said which of them they liked better, and I wonder whether this makes the models flatter their users "
    "instead of telling them the truth about hard things. "
)
MAX_RATIO = 10
"""A question may take this many times the processor time of a plain question."""
WARM_UP = (
    "What is RLHF?",
    "When was GPT-4 released?",
    "Who released GPT-4?",
    "Who wrote Language Models are Few-Shot Learners?",
    "List all events about interpretability since 2023",
    "Compare OpenAI and Anthropic",
    "Summarise what is known about alignment",
)
_TAILS = ("", "?", " zzz", "!!", "\x00", " (", "“", ";;", " and", " 2024")
_NAMES = (
    "events", "guides", "OpenAI", "RLHF", "GPT-4", "the release of GPT-4", "Anthropic", "2024", "May 2023", "it", "the model",
    "their", "alignment", "interpretability", "between GPT-3 and GPT-4", "zyxgloop", "halucinaton", "Deep Mind", "a", "AlexNet",
    "reinforcement learning from human feedback", "that", "reward model (RM)", "x", "’s", "…", "١", "ﬁ", "é",
)  # fmt: skip
_CHARACTERS = {"CATEGORY_DIGIT": "7", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "w", "CATEGORY_NOT_WORD": "-"}


def phrases() -> list[str]:
    """Return a text for each alternative and each repetition of each pattern, and texts from the catalogue."""
    found: dict[str, None] = dict.fromkeys(_NAMES)
    for one in every_pattern():
        if isinstance(one.pattern, str):
            tree = parser.parse(one.pattern, one.flags)
            found.update(dict.fromkeys(text for text in _texts(list(tree)) if text.strip()))
    return [text[:120] for text in found]


def _texts(nodes: list[Any]) -> Iterator[str]:
    """Yield texts that match a sequence of nodes.

    First the shortest text, then texts with one part replaced by each of its other forms, then the parts alone.
    """
    ways = [list(dict.fromkeys(_ways(node)))[:60] for node in nodes]
    shortest = [each[0] for each in ways]
    yield "".join(shortest)
    for place, each in enumerate(ways):
        for way in each[1:]:
            yield "".join([*shortest[:place], way, *shortest[place + 1 :]])
    for node in nodes:
        yield from _parts(node)


def _parts(node: Any) -> Iterator[str]:
    kind, value = node
    if kind is sre.SUBPATTERN:
        yield from _texts(list(value[3]))
    elif kind is sre.BRANCH:
        for branch in value[1]:
            yield from _texts(list(branch))
    elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        yield from _texts(list(value[2]))
    elif kind is sre.ATOMIC_GROUP:
        yield from _texts(list(value))
    elif kind in (sre.ASSERT, sre.ASSERT_NOT):
        yield from _texts(list(value[1]))


def _ways(node: Any) -> list[str]:
    kind, value = node
    if kind is sre.LITERAL:
        return [chr(value)]
    if kind is sre.ANY:
        return ["x", " "]
    if kind is sre.NOT_LITERAL:
        return ["y"]
    if kind is sre.IN:
        return _of_a_class(value)
    if kind is sre.SUBPATTERN:
        return _joined(list(value[3]))
    if kind is sre.ATOMIC_GROUP:
        return _joined(list(value))
    if kind is sre.BRANCH:
        return [way for branch in value[1] for way in _joined(list(branch))]
    if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        once = _joined(list(value[2]))
        least = max(1, min(int(value[0]), 50))
        return [*(way * least for way in once), *([] if value[0] else [""])]
    return [""]


def _joined(nodes: list[Any]) -> list[str]:
    ways = [_ways(node) or [""] for node in nodes]
    shortest = [each[0] for each in ways]
    found = ["".join(shortest)]
    for place, each in enumerate(ways):
        found += ["".join([*shortest[:place], way, *shortest[place + 1 :]]) for way in each[1:20]]
    return found


def _of_a_class(items: list[Any]) -> list[str]:
    if items and items[0][0] is sre.NEGATE:
        pattern = re.compile("y")
        excluded = {chr(value) for kind, value in items if kind is sre.LITERAL}
        return [one for one in "yY-5 " if one not in excluded and pattern][:3]
    found: list[str] = []
    for kind, value in items[:6]:
        if kind is sre.LITERAL:
            found.append(chr(value))
        elif kind is sre.RANGE:
            found.append(chr(value[0]))
        elif kind is sre.CATEGORY:
            found.append(_CHARACTERS.get(str(value), "z"))
    return found or ["x"]


def questions(count: int, seed: int, length: int = LONGEST_QUESTION) -> Iterator[tuple[str, tuple[Turn, ...]]]:
    """Yield questions with their conversations: first each phrase repeated, in random order, then mixed phrases."""
    chance = random.Random(seed)  # noqa: S311 -- no secret hangs on it
    known = phrases()
    chance.shuffle(known)
    for number in range(count):
        sort = number % 4
        phrase = known[number // 2 % len(known)]
        if sort == 0:
            text = _pumped(phrase + chance.choice((" ", "")), length)
        elif sort == 1:
            text = chance.choice(known) + " " + _pumped(f"{phrase} ", length)
        elif sort == 2:
            text = _pumped(" ".join(chance.choices(known, k=chance.randint(2, 4))) + " ", length)
        else:
            text = " ".join(chance.choices(known, k=length // 4))
        tail = chance.choice(_TAILS)
        text = f"{text[: length - len(tail)]}{tail}"
        if text.strip():
            yield text, _history(chance, known, text) if chance.random() < 0.2 else ()


def _pumped(text: str, length: int) -> str:
    return text * (length // max(1, len(text)) + 1)


def _history(chance: random.Random, known: list[str], text: str) -> tuple[Turn, ...]:
    """Return a conversation of up to a million characters with the same phrases."""
    turns = []
    for _ in range(chance.choice((2, 6, 20))):
        turns.append(Turn("user", _pumped(chance.choice(known) + " ", chance.choice((60, 2_000, 50_000)))))
        turns.append(Turn("assistant", _pumped(chance.choice([*known, text]) + " ", 50_000), ("gpt-4",)))
    return tuple(turns)


def cost(assistant: Assistant, text: str, history: tuple[Turn, ...] = ()) -> float:
    """Return the processor time of this thread for one answer, in seconds; a refusal counts as an answer."""
    began = time.thread_time()
    with suppress(AlmanacError):
        assistant.ask(Question(text, history=history))
    return time.thread_time() - began


def warm_up(assistant: Assistant) -> None:
    """Ask one question of each kind, so that every table that is built once per process exists."""
    for text in WARM_UP:
        cost(assistant, text)


def plain_cost(assistant: Assistant) -> float:
    """Return the seconds for a plain question of the maximum length: the minimum of several measurements."""
    texts = [_pumped(PLAIN, LONGEST_QUESTION)[number:][: LONGEST_QUESTION - 10] for number in range(5)]
    return min(cost(assistant, text) for text in texts)


def main(count: int, seed: int, embedder: str) -> int:
    """Ask `count` questions and print the results; return how many exceeded ten times the cost of a plain question."""
    from assistant.settings.settings import Settings  # noqa: PLC0415
    from assistant.workplace import Workplace  # noqa: PLC0415 -- only the command builds an index of its own

    # The phrases come from all modules of the product. A full run of the garbage collector during a question is part of
    # the question's cost, but it need not visit the modules that only this tool imports.
    phrases()
    gc.collect()
    gc.freeze()
    with tempfile.TemporaryDirectory() as folder:
        assistant = Workplace(Settings(data=Path(folder), embedder=embedder, reader=embedder != "none")).assistant()
        warm_up(assistant)
        plain = plain_cost(assistant)
        ratios: list[float] = []
        worst: list[tuple[float, str]] = []
        for number, (text, history) in enumerate(questions(count, seed), start=1):
            ratios.append(cost(assistant, text, history) / plain)
            size = sum(len(turn.content) for turn in history)
            line = f"number {number:,} after {size:,} characters: {text[:100]!r}"
            worst = sorted([*worst, (ratios[-1], line)], reverse=True)[:25]
            if number % 500 == 0:
                sys.stdout.write(f"{number:,} asked, {_figures(ratios)}\n")
                sys.stdout.flush()
        sys.stdout.write(f"a plain question of {LONGEST_QUESTION:,} characters: {plain:.3f} s of processor time\n")
        sys.stdout.write(f"{len(ratios):,} asked, {_figures(ratios)}\n")
        sys.stdout.writelines(f"{ratio:6.1f}  {line}\n" for ratio, line in worst)
        return sum(ratio > MAX_RATIO for ratio in ratios)


def _figures(ratios: list[float]) -> str:
    over = sum(ratio > MAX_RATIO for ratio in ratios)
    return f"mean {sum(ratios) / len(ratios):.2f}, worst {max(ratios):.1f}, {over} over {MAX_RATIO}"


if __name__ == "__main__":
    number, seed, embedder = [*sys.argv[1:], *("1000", "1", "minilm")[len(sys.argv) - 1 :]]
    sys.exit(bool(main(int(number), int(seed), embedder)))
