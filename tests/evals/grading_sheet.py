"""Plays a random sample of turns and writes them for a grader who knows nothing else.

`python -m tests.evals.grading_sheet CONVERSATIONS --seed N --out sheet.jsonl --key key.jsonl`

CONVERSATIONS is JSON Lines, one conversation per line: `{"id": "x-01", "turns": [{"text": "…", "kind": "newcomer"}, …]}`.
Every turn up to a drawn one is asked in order, with the state that the chat keeps. The sheet has only what the grader
may see; the kind of each turn is in the key. Rows are in the order in which they were drawn, so that the first 30 are a
random sample as well.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.answer import Answer, Brief
from assistant.evaluation.datasets import EvaluationError, rows
from assistant.question import Question
from assistant.settings import settings
from assistant.workplace import Workplace
from index.errors import AlmanacError
from index.files import write_atomically
from index.models import Level
from ui.chat import brief_text
from ui.chat.conversation import Exchange, Failure, turns
from ui.chat.layout import Block, after, blocks, runs
from ui.serving.protocols import Assistant

_HINT = 'one conversation per line: {"id": "x-01", "turns": [{"text": "what is RLHF", "kind": "newcomer"}]}'


@dataclass(frozen=True)
class Talk:
    """One conversation of the file: what the user says in each turn, and the kind of each turn."""

    id: str
    texts: tuple[str, ...]
    kinds: tuple[str | None, ...]


@dataclass(frozen=True)
class Drawn:
    """One turn of the sample; turns are counted from 0."""

    talk: Talk
    turn: int

    @property
    def id(self) -> str:
        """The id in sheet and key: that of the conversation and the number of the turn, from 1."""
        return f"{self.talk.id}.{self.turn + 1}"


def read(path: Path) -> list[Talk]:
    """Read the conversations of a file.

    Raises:
        EvaluationError: the file cannot be read, or a line is not a conversation.
    """
    talks: dict[str, Talk] = {}
    for place, row in rows(path):
        talk = _talk(row, place)
        if talk.id in talks:
            raise EvaluationError(f"{place}: the id {talk.id!r} was used before", hint="give each conversation its own")
        talks[talk.id] = talk
    return list(talks.values())


def _talk(row: Mapping[str, Any], place: str) -> Talk:
    name, turns = row.get("id"), row.get("turns")
    if not isinstance(name, str) or not name or not isinstance(turns, list) or not turns:
        raise EvaluationError(f"{place}: a conversation needs an id and turns", hint=_HINT)
    for number, turn in enumerate(turns, start=1):
        text = turn.get("text") if isinstance(turn, dict) else None
        if not isinstance(text, str) or not text.strip():
            raise EvaluationError(f"{place}: turn {number} needs a text", hint=_HINT)
        if not isinstance(turn.get("kind"), str | None):
            raise EvaluationError(f"{place}: turn {number}: the kind is not a text", hint=_HINT)
    return Talk(name, tuple(turn["text"] for turn in turns), tuple(turn.get("kind") for turn in turns))


def draw(talks: Sequence[Talk], count: int, seed: int) -> list[Drawn]:
    """Draw turns; each turn of each conversation is as likely as any other.

    Raises:
        EvaluationError: there are not so many turns, or none is wanted.
    """
    turns = [Drawn(talk, turn) for talk in talks for turn in range(len(talk.texts))]
    if not 1 <= count <= len(turns):
        raise EvaluationError(f"cannot draw {count} of {len(turns)} turns", hint="choose another --count")
    return random.Random(seed).sample(turns, count)  # noqa: S311 - a sample that can be drawn again


def play(assistant: Assistant, texts: Sequence[str], level: Level = "intermediate") -> Iterator[Exchange]:
    """Ask the turns of one conversation as the chat does; yield each exchange when it is complete."""
    exchanges: list[Exchange] = []
    for number, text in enumerate(texts, start=1):
        words = text.strip()
        try:
            answer = assistant.ask(Question(words, turns(exchanges), level))
        except AlmanacError as error:
            exchanges.append(Exchange(number, words, failure=Failure.of(error)))
        else:
            exchanges.append(Exchange(number, words, answer))
        yield exchanges[-1]


def sheet(assistant: Assistant, drawn: Sequence[Drawn], level: Level = "intermediate") -> Iterator[dict[str, Any]]:
    """Play each conversation once, up to its last drawn turn; yield a row for each drawn turn, in the order drawn."""
    last: dict[str, int] = {}
    for one in drawn:
        last[one.talk.id] = max(one.turn, last.get(one.talk.id, 0))
    exchanges = {
        one.talk.id: list(play(assistant, one.talk.texts[: last[one.talk.id] + 1], level))
        for one in {one.talk.id: one for one in drawn}.values()
    }
    for one in drawn:
        exchange = exchanges[one.talk.id][one.turn]
        yield {
            "id": one.id,
            "conversation": list(one.talk.texts[: one.turn]),
            "question": one.talk.texts[one.turn],
            "answer": shown(exchange),
            "suggestions": list(exchange.answer.suggestions) if exchange.answer else [],
        }


def key(drawn: Sequence[Drawn]) -> Iterator[dict[str, Any]]:
    """The kind of each drawn turn, which the grader does not see."""
    for one in drawn:
        yield {"id": one.id, "kind": one.talk.kinds[one.turn]}


def shown(exchange: Exchange) -> str:
    """An answer as text: its sentences with a number each, the title of the entry of each, and the remarks around them."""
    answer = exchange.answer
    if exchange.failure is not None or answer is None:
        return f"{exchange.failure.message}. {exchange.failure.hint}." if exchange.failure else ""
    if answer.status != "answered" or not answer.sentences:
        near = [f"- {entry.title}" for entry in answer.nearest]
        listed = ["\n".join(["Closest entries in the catalogue:", *near])] if near else []
        return "\n\n".join([answer.reason or answer.text, *listed])
    parts: list[str] = []
    number = 1
    for run in runs(blocks(answer, len(answer.sentences))):
        heading = brief_text.heading_before(answer.brief, run[0].sentences[0])
        parts += [f"{heading}:"] if heading else []
        parts += [run[0].before] if run[0].before and answer.brief is None else []
        lines: list[str] = []
        for block in run:
            lines += _lines(block, answer, number)
            number += len(block.sentences)
        parts.append("\n".join(lines))
    return "\n\n".join([*parts, *(_framed(answer, answer.brief) if answer.brief else filter(None, [after(answer)]))])


def _lines(block: Block, answer: Answer, number: int) -> Iterator[str]:
    """A paragraph or an item of a list, one sentence per line; `number` is that of its first sentence."""
    titles = {citation.number: citation.title for citation in answer.citations}
    for place, sentence in enumerate(block.sentences, start=number):
        sources = "; ".join(dict.fromkeys(titles[cited] for cited in sentence.citations))
        mark = "" if not block.item else "- " if place == number else "  "
        yield f"{mark}{place}. {sentence.text}" + (f" [{sources}]" if sources else "")


def _framed(answer: Answer, brief: Brief) -> Iterator[str]:
    """What is below a summary: how it was made, later entries and open questions."""
    yield brief_text.counts(answer, brief)
    for later in brief.later:
        yield f"[{later.number}] {brief_text.SAYS[later.says]}: {brief_text.dated(later)}: “{later.quote}”"
    for point in brief.open_points:
        yield f"Open question: {point.about}: {point.why}"


def _write(path: Path, written: Iterator[dict[str, Any]]) -> None:
    write_atomically(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in written).encode())


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw turns, play them, and write the sheet and its key."""
    options = argparse.ArgumentParser(prog="python -m tests.evals.grading_sheet", description=main.__doc__)
    options.add_argument("conversations", type=Path, help="JSON Lines file of conversations")
    options.add_argument("--catalogue", type=Path, help="catalogue file; default: that of the settings")
    options.add_argument("--data", type=Path, help="folder of the index; default: that of the settings")
    options.add_argument("--seed", type=int, required=True, help="number that decides the sample")
    options.add_argument("--count", type=int, default=100, help="number of turns")
    options.add_argument("--out", type=Path, required=True, help="file for the sheet")
    options.add_argument("--key", type=Path, help="file for the kinds of the turns")
    given = options.parse_args(arguments)
    changes = {name: value for name in ("catalogue", "data") if (value := getattr(given, name)) is not None}
    try:
        drawn = draw(read(given.conversations), given.count, given.seed)
        chosen = settings.load()[0].model_copy(update=changes)
        _write(given.out, sheet(Workplace(chosen).assistant(), drawn, chosen.level))
        if given.key:
            _write(given.key, key(drawn))
    except AlmanacError as error:
        sys.stderr.write(f"error: {error}\n  try: {error.hint}\n")
        return 2
    sys.stdout.write(f"{len(drawn)} turns, seed {given.seed}: {given.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
