"""Mines negatives for the entry reader: `python -m training.mine_negatives --traindata FOLDER --evaldata FOLDER --write`.

In an answer the reader judges the entries that the search found, and the highest probability decides. Rows written over one
entry do not show it what the search finds beside that entry. So every question written by hand is searched for here, and
the found entries that the reader wrongly takes for an answer become rows without an answer. Entries kept for tests and
texts kept for validation are left out.

Another entry may answer a question as well, so a candidate that the reader is very sure of is left out.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from assistant.answering.reader.entry_encoding import EntryText
from assistant.answering.reader.entry_reader import EntryReader
from assistant.evaluation.bench import Bench
from assistant.pipeline import Assistant
from assistant.settings.settings import load
from assistant.workplace import Workplace

from . import entry_data
from .entry_data import Row

OWN_ROWS = Path(__file__).parent / "data"
TARGET = OWN_ROWS / "retrieved" / "negatives.jsonl"
LOWEST, HIGHEST = 0.15, 0.9
"""The reader's probability that a found entry answers: lower ones teach nothing, higher ones may be right."""
MOST_FOUND = 5
"""Entries found for a question that are read."""
MOST_KEPT = 2
"""Rows made from one question."""
_KEPT_INCIDENTS = range(788, 1013)

Texts = dict[tuple[str, str], EntryText]


def is_kept_for_tests(entry: str) -> bool:
    """Whether an AI incident is one that no row may be about: an even number, or 788 to 1012."""
    prefix, _, name = entry.partition(":")
    return prefix == "aiid" and (int(name) % 2 == 0 or int(name) in _KEPT_INCIDENTS)


def found(assistant: Assistant, question: str, prefix: str) -> Iterator[tuple[str, str]]:
    """Yield entry and field of the passages found for a question, best first."""
    searcher, index = assistant.searcher, assistant.index
    for hit in searcher.passages(question, searcher.embed(question)):
        passage = index.passages[hit.place]
        yield f"{prefix}:{passage.entry_id.removeprefix('aiid-')}", passage.field


def mined(assistant: Assistant, reader: EntryReader, row: Row, prefix: str, texts: Texts) -> list[dict[str, object]]:
    """Rows without an answer from one question: the found texts that the reader takes for an answer, worst first."""
    own = row.text.split()[0]
    keys = dict.fromkeys(key for key in found(assistant, row.question, prefix) if key in texts and key[0] != own)
    usable = [key for key in keys if not is_kept_for_tests(key[0]) and not entry_data.is_validation(" ".join(key))][
        :MOST_FOUND
    ]
    read = reader.judge(row.question, row.history, [texts[key] for key in usable])
    wrong = [
        (judgement.answered, key)
        for key, judgement in zip(usable, read, strict=True)
        if LOWEST <= judgement.answered <= HIGHEST
    ]
    return [
        {"question": row.question, "history": list(row.history), "entry": entry, "field": field, "answers": [], "kind": "retrieved"}
        for _, (entry, field) in sorted(wrong, reverse=True)[:MOST_KEPT]
    ]  # fmt: skip


def main(given: Sequence[str] | None = None) -> None:
    """Mine and report; with `--write`, save the rows."""
    parser = argparse.ArgumentParser(prog="python -m training.mine_negatives", description=__doc__)
    parser.add_argument("--traindata", type=Path, required=True)
    parser.add_argument("--evaldata", type=Path, required=True)
    parser.add_argument("--most", type=int, default=4000, help="questions that are searched for")
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args(given)
    settings, _ = load()
    workplace = Workplace(settings)
    reader = workplace.entry_reader
    if reader is None:
        raise SystemExit("the entry reader cannot be opened\n  try: pip install .")
    bench = Bench(settings.data / "eval", workplace.embedder, lambda *_: None, None, reader)
    texts = entry_data.entry_texts(asked.traindata, asked.evaldata)
    kept = [
        row
        for row in entry_data.handwritten(OWN_ROWS, asked.traindata, asked.evaldata)
        if not entry_data.is_validation(row.text) and row.kind not in {"broad", "act"}
    ]
    random.Random(asked.seed).shuffle(kept)
    made: list[dict[str, object]] = []
    searched = 0
    for prefix, assistant in (
        ("starter", workplace.assistant()),
        ("aiid", bench.assistant(asked.evaldata / "aiid", with_sentences=True)),
    ):
        for row in [row for row in kept if row.text.startswith(f"{prefix}:")][: asked.most // 2]:
            made += mined(assistant, reader, row, prefix, texts)
            searched += 1
            if searched % 200 == 0:
                print(f"{searched:,} questions, {len(made):,} rows", file=sys.stderr)
    print(f"{searched:,} questions, {len(made):,} rows")
    if asked.write:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in made), encoding="utf-8")


if __name__ == "__main__":
    main()
