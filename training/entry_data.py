"""Reads the training rows of the entry reader: questions over whole entries, with the numbers of the sentences that answer."""

import hashlib
import random
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.answering.reader.entry_encoding import EntryText
from assistant.answering.reader.entry_reader import entry_head, head_of
from assistant.conversation.history import READ_TURNS
from index.catalogue import load_starter
from index.chunk import BY_LINE
from index.models import AnyEntry
from index.sentences import split

from .sources import STARTER, plain, rows, sealed

VALIDATION_SHARE = 10
"""One text in so many is kept for validation, with all its rows."""
PUBLIC_SHARES = {
    "squad2-dev-half": 6500,
    "squadshifts-wiki": 4500,
    "squadshifts-amazon": 700,
    "squadshifts-reddit": 900,
    "selqa": 3000,
    "timeqa-human": 2000,
    "medquad": 500,
    "abg-coqa": 1500,
    "hotpotqa": 1200,
    "disfl-qa": 1200,
    "2wikimultihop": 900,
    "xquad-en": 800,
    "policyqa": 300,
    "covid-qa": 800,
    "qed-nq-dev": 1500,
    "multispanqa": 0,
    "quotesum": 256,
}
"""Most rows of each public source, by the start of its name; other sources are left out."""
MISSING_LABEL_WEIGHT = 0.4
"""Weight of the label 0 of a sentence beside an answer in a public row: these sets label only the sentence with the answer span."""
INCIDENT = "aiid-"
"""How the ids of AIID's incidents begin."""
FIRST_KEPT_INCIDENT = 788
ONE_LABEL = ("squad", "xquad", "disfl", "covid", "timeqa", "abg", "qed")


@dataclass(frozen=True, slots=True)
class Row:
    """A question over one entry."""

    question: str
    history: tuple[str, ...]
    entry: EntryText
    answers: tuple[int, ...]
    kind: str
    source: str
    text: str
    """Identity of the entry, to keep whole texts for validation."""
    missing: float = 1.0
    """Weight of the label 0 of a sentence beside an answering one."""
    helps: tuple[int, ...] = ()
    """Sentences that do not answer, but belong after the answer."""


def is_validation(text: str) -> bool:
    """Whether a text is kept for validation; decided by its identity, so that a text is never on both sides."""
    return zlib.crc32(text.encode()) % VALIDATION_SHARE == 0


def handwritten(own: Path, traindata: Path, evaldata: Path) -> list[Row]:
    """The rows written by hand: ours, and those given with the public data."""
    made = list(_given(traindata / "handwritten", _starter_organisations()))
    return made + _rows_of(sorted(own.glob("*.jsonl")), entry_texts(traindata, evaldata))


def retrieved(own: Path, traindata: Path, evaldata: Path) -> list[Row]:
    """The rows made by `mine_negatives`: entries that the search finds for a question and that do not answer it."""
    return _rows_of([own / "retrieved" / "negatives.jsonl"], entry_texts(traindata, evaldata))


def judged(own: Path, traindata: Path, evaldata: Path, without: Collection[str] = ()) -> list[Row]:
    """The rows of `data/judged`: what the product found for a question, each sentence judged by a person or a model.

    A later turn is read after the turns before it, also if it stands alone: the model learns when they matter.
    Entries kept for tests are left out, and so are texts that have changed since.

    Args:
        own: The folder of our rows.
        traindata: The folder of the given training data.
        evaldata: The folder of the data for measurements, which has the texts of incidents.
        without: Names of files to leave out, to measure on them.
    """
    folder = own / "judged"
    kept = set((folder / "kept-for-tests.txt").read_text("utf-8").split())
    starter, incidents = load_starter().by_id, entry_texts(traindata, evaldata)
    made = []
    for path in sorted(folder.glob("*.jsonl")):
        if path.stem in without:
            continue
        for row in rows(path):
            *earlier, text = row["turns"]
            for unit in row["units"]:
                name = unit["entry"]
                if name in kept or (name.startswith(INCIDENT) and is_kept_incident(int(name.removeprefix(INCIDENT)))):
                    continue
                entry = (
                    _incident(name, unit, incidents) if name.startswith(INCIDENT) else _unit(starter.get(name), unit)
                )
                if entry is None or _check_sum(entry.sentences) != unit["text"]:
                    continue
                made.append(
                    Row(
                        text if earlier else row["read"],
                        tuple(earlier[-READ_TURNS:]),
                        entry,
                        tuple(unit["answers"]),
                        "judged",
                        f"judged:{path.stem}",
                        f"{name} {unit['sentences'][0].partition(':')[0]}",
                        helps=tuple(unit["helps"]),
                    )
                )
    return made


def is_kept_incident(number: int) -> bool:
    """Whether an AIID incident is kept for tests: those with even numbers, and the last ones."""
    return number % 2 == 0 or number >= FIRST_KEPT_INCIDENT


def _incident(name: str, unit: Mapping[str, Any], texts: Mapping[tuple[str, str], EntryText]) -> EntryText:
    """The head and the sentences of a judged incident; of a long one only those that were judged."""
    whole = texts[f"aiid:{name.removeprefix(INCIDENT)}", "summary"]
    numbers = [int(sentence.rpartition(":")[2]) for sentence in unit["sentences"]]
    return EntryText(whole.head, tuple(whole.sentences[number] for number in numbers))


def _unit(entry: AnyEntry | None, unit: Mapping[str, Any]) -> EntryText | None:
    """The head and the sentences of a judged text of the starter catalogue; None if it has no such sentences any more."""
    texts = _sentences(entry, unit["sentences"]) if entry is not None else None
    if entry is None or texts is None:
        return None
    field = unit["sentences"][0].partition(":")[0]
    return EntryText(entry_head(entry, "" if field.startswith("terms.") else field), texts)


def sentence_spans(entry: AnyEntry, field: str) -> list[tuple[int, int]]:
    """The spans of the sentences of a field, split as the index splits it; empty if the entry lacks the field."""
    return split(entry.texts().get(field, ""), by_line=field in BY_LINE)


def _sentences(entry: AnyEntry, names: Sequence[str]) -> tuple[str, ...] | None:
    """The sentences with some names, "field:number"; None if the entry lacks one of them."""
    found = []
    for name in names:
        field, _, number = name.rpartition(":")
        spans = sentence_spans(entry, field)
        if int(number) >= len(spans):
            return None
        start, end = spans[int(number)]
        found.append(entry.texts()[field][start:end])
    return tuple(found)


def _check_sum(texts: Sequence[str]) -> int:
    return zlib.crc32("\n".join(texts).encode())


def _rows_of(files: Sequence[Path], texts: Mapping[tuple[str, str], EntryText]) -> list[Row]:
    return [
        Row(
            row["question"],
            tuple(row["history"]),
            texts.get((row["entry"], row["field"])) or texts[row["entry"], ""],
            tuple(row["answers"]),
            row["kind"],
            f"hand:{path.stem}",
            f"{row['entry']} {row['field']}",
        )
        for path in files
        for row in rows(path)
    ]


def _starter_organisations() -> dict[str, list[str]]:
    return {f"starter:{row['id']}": row.get("organisations", []) for row in rows(STARTER / "events.jsonl")}


def _given(folder: Path, organisations: dict[str, list[str]]) -> Iterator[Row]:
    entries = {f"{row['entry']} {row['field']}": row for row in rows(folder / "entries.jsonl")}
    for path in sorted(folder.glob("rows-*.jsonl")):
        for row in rows(path):
            entry = entries[row["e"]]
            head = head_of(entry["title"], entry["date"], organisations.get(entry["entry"], ()))
            text = EntryText(head, tuple(entry["sentences"]))
            yield Row(row["q"], tuple(row["h"]), text, tuple(row["a"]), row["k"], f"given:{path.stem}", row["e"])


def entry_texts(traindata: Path, evaldata: Path) -> dict[tuple[str, str], EntryText]:
    """Head and sentences of each entry that our own rows name, by entry and field; the field is empty where any fits."""
    organisations = _starter_organisations()
    texts: dict[tuple[str, str], EntryText] = {}
    for row in rows(evaldata / "aiid" / "corpus.jsonl.gz"):
        entry = f"aiid:{row['_id'].removeprefix('aiid-')}"
        named = [*row.get("deployer", ()), *row.get("developer", ())]
        head = head_of(row["title"], row["date"], list(dict.fromkeys(named)))
        text = row["text"]
        texts[entry, "summary"] = EntryText(head, tuple(text[start:end].strip() for start, end in split(text)))
    for row in rows(traindata / "handwritten" / "entries.jsonl"):
        if row["entry"].startswith("starter:"):
            texts[row["entry"], row["field"]] = EntryText(
                head_of(row["title"], row["date"], organisations.get(row["entry"], ())),
                tuple(row["sentences"]),
            )
    for row in rows(traindata / "entries.jsonl.gz"):
        named = f"{row['title']}\n{row['sentences'][0]}"
        entry = f"ts:{hashlib.sha256(named.encode()).hexdigest()[:12]}"
        texts.setdefault((entry, ""), EntryText(row["title"], tuple(row["sentences"])))
    return texts


def public(traindata: Path, evaldata: Path, rng: random.Random) -> list[Row]:
    """Rows of the public sets in the shares of `PUBLIC_SHARES`, without the questions of measurements."""
    without = sealed(evaldata)
    by_source: dict[str, list[Row]] = {name: [] for name in PUBLIC_SHARES}
    for row in rows(traindata / "entries.jsonl.gz"):
        name = next((name for name in PUBLIC_SHARES if row["source"].startswith(name)), None)
        if name is None or plain(row["question"]) in without:
            continue
        title, sentences = row["title"], tuple(row["sentences"])
        missing = MISSING_LABEL_WEIGHT if name.startswith(ONE_LABEL) and row["answers"] else 1.0
        by_source[name].append(
            Row(
                row["question"],
                tuple(row["history"]),
                EntryText(title, sentences),
                tuple(row["answers"]),
                row["kind"],
                row["source"],
                title or sentences[0],
                missing,
            )
        )
    chosen = []
    for name, most in PUBLIC_SHARES.items():
        chosen += rng.sample(by_source[name], min(most, len(by_source[name])))
    return chosen


def as_typed(question: str, rng: random.Random) -> str:
    """A question as people type it: a third in lower case, a third without its question mark."""
    if rng.random() < 0.35:
        question = question.lower()
    return question.rstrip("?").rstrip() if rng.random() < 0.35 else question
