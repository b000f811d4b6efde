"""Reads the training data, without the data used for measurements, and separates training from validation."""

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.sentences import split

HELD_OUT = {
    "answers": ("covid-qa",),
    "supports": ("fool-me-twice-dev", "fool-me-twice-test", "scitail-test"),
}
"""Sources used only for validation."""
WEIGHTS = {"conjnli-adv-train(silver)": 0.4, "breaking-nli": 0.3, "help(conj. part)": 0.3}
"""Weights of sources with automatic labels or with short texts; all others have weight 1."""
STARTER = Path(__file__).parent.parent / "index" / "starter"


@dataclass(frozen=True, slots=True)
class Example:
    """A pair of texts with its label for one head."""

    head: int
    """0 *answers*, 1 *supports*."""
    first: str
    second: str
    label: int
    weight: float
    source: str


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSON Lines file, gzipped or not."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as stream:
        yield from (json.loads(line) for line in stream if line.strip())


def plain(text: str) -> str:
    """The words of a text in lower case, for comparing texts."""
    return " ".join(re.findall(r"\w+", text.lower()))


def sealed(evaldata: Path) -> set[str]:
    """The questions and claims of the measurements, which must not be in the training data."""
    found: set[str] = set()
    for path in sorted(evaldata.glob("citation/*/*.jsonl.gz")):
        found.update(plain(row["claim"]) for row in rows(path))
    for path in (*sorted(evaldata.glob("mtrag/*/queries.*.gz")), *sorted(evaldata.glob("scifact/queries.*.gz"))):
        found.update(plain(row["text"]) for row in rows(path))
    for row in rows(evaldata / "mtrag" / "un-tasks.jsonl.gz"):
        found.add(plain(row["question"]))
        found.update(plain(turn["text"]) for turn in row["history"] if turn["speaker"] == "user")
    return found


def public(folder: Path, without: set[str]) -> tuple[list[Example], int]:
    """The public examples, and the number of those left out because a measurement uses them."""
    found: dict[tuple[int, str, str], Example] = {}
    left_out = 0
    for head, name, first, second in ((0, "qa", "question", "text"), (1, "nli", "claim", "evidence")):
        for row in rows(folder / f"{name}.jsonl.gz"):
            if plain(row[first]) in without:
                left_out += 1
                continue
            label = int(row["label"]) if head == 0 else int(row["label"] == "supported")
            weight = WEIGHTS.get(row["source"], 1.0)
            one = Example(head, row[first].strip(' "'), row[second].strip(), label, weight, row["source"])
            found.setdefault((head, one.first, one.second), one)
    return list(found.values()), left_out


def catalogue(evaldata: Path) -> list[tuple[str, str]]:
    """Titles and texts of AI incidents and of the starter catalogue, without the entries `kept` for planted faults."""
    found = [(row["title"], row["text"]) for row in rows(evaldata / "aiid" / "corpus.jsonl.gz")]
    found += [(title, text) for key, title, text in starter() if not kept(key)]
    return found


def starter() -> Iterator[tuple[str, str, str]]:
    """The id, title and text of each text in the starter catalogue."""
    for row in (*rows(STARTER / "events.jsonl"), *rows(STARTER / "guides.jsonl")):
        for text in (row.get("summary"), row.get("tldr"), *(part["text"] for part in row.get("sections", ()))):
            if text:
                yield row["id"], row["title"], text


def kept(key: str) -> bool:
    """Whether an entry of the starter catalogue is reserved for planted faults; half of them are."""
    return zlib.crc32(key.encode()) % 2 == 0


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [text[begin:end] for begin, end in split(text)]
