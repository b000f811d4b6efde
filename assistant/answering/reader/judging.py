"""Lets the entry reader judge the candidates: the sentences of the best entries, each read within its entry."""

from collections.abc import Sequence
from dataclasses import replace

from assistant.answering.evidence import Evidence
from assistant.answering.reader.ranking import Ranking
from assistant.understanding.wording import halves
from index import deadline

from .entry_encoding import EntryText
from .entry_reader import EntryReader, entry_head

MAX_UNITS = 10
"""Entries and sections that are read for a question; each takes about ten milliseconds on two cores."""
MAX_UNITS_OF_AN_ENTRY = 3
MAX_CANDIDATES_OF_A_HALF = 24
"""Candidates that are judged once more for each of two questions in one message."""
MAX_SENTENCES_OF_A_UNIT = 14
"""Of a longer text only the neighbourhood of the best sentence is read."""

_Unit = tuple[str, str]


def read(reader: EntryReader, question: str, history: Sequence[str], evidence: Sequence[Evidence]) -> list[Evidence]:
    """As `judged`; if a message asks two things, the best candidates are judged for each of them as well."""
    result = judged(reader, question, history, evidence)
    asked = halves(question)
    if asked is None:
        return result
    nearest = result[:MAX_CANDIDATES_OF_A_HALF]
    first = {item.place: item.score for item in judged(reader, asked[0], history, nearest)}
    second = {item.place: item.score for item in judged(reader, asked[1], [*history, asked[0]], nearest)}
    return [
        replace(item, halves=(first[item.place], second[item.place])) if item.place in first else item
        for item in result
    ]


def judged(reader: EntryReader, question: str, history: Sequence[str], evidence: Sequence[Evidence]) -> list[Evidence]:
    """The candidates with the reader's probabilities, best first; those that were not read come last.

    Args:
        reader: The entry reader.
        question: The question.
        history: The user's earlier turns, if the question needs them.
        evidence: The candidates, best first.
    """
    groups: dict[_Unit, list[Evidence]] = {}
    for item in evidence:
        groups.setdefault(_unit(item), []).append(item)
    units = [_window(items) for items in _best_units(groups)]
    deadline.check()
    texts = [EntryText(_head(items[0]), tuple(item.text for item in items)) for items in units]
    ranking = Ranking.open()
    result: list[Evidence] = []
    for items, judgement in zip(units, reader.judge(question, history, texts), strict=True):
        result += [
            replace(item, judged=value, answered=judgement.answered)
            for item, value in zip(items, judgement.sentences, strict=True)
        ]
    result = [replace(item, chance=ranking.probability(item)) for item in result]
    places = {item.place for item in result}
    rest = [replace(item, judged=0.0, chance=0.0) for item in evidence if item.place not in places]
    return [*sorted(result, key=lambda item: -item.score), *rest]


def _unit(item: Evidence) -> _Unit:
    """What is read together: the summary of an event, a section, all takeaways, the whole glossary."""
    name = "terms" if item.field.startswith("terms.") else item.field
    return item.entry.id, name


def _head(item: Evidence) -> str:
    return entry_head(item.entry, "" if item.field.startswith("terms.") else item.field)


def _best_units(groups: dict[_Unit, list[Evidence]]) -> list[list[Evidence]]:
    """The units with the best sentences, not too many of one entry."""
    by_entry: dict[str, int] = {}
    chosen: list[list[Evidence]] = []
    for (entry_id, _), items in groups.items():  # in the order of their best sentence
        if len(chosen) == MAX_UNITS:
            break
        if by_entry.get(entry_id, 0) < MAX_UNITS_OF_AN_ENTRY:
            by_entry[entry_id] = by_entry.get(entry_id, 0) + 1
            chosen.append(items)
    return chosen


def _window(items: Sequence[Evidence]) -> list[Evidence]:
    """The sentences of a unit in reading order; of a long unit those around its best sentence."""
    ordered = sorted(items, key=lambda item: item.place)
    if len(ordered) <= MAX_SENTENCES_OF_A_UNIT:
        return ordered
    best = max(range(len(ordered)), key=lambda at: ordered[at].score)
    start = max(0, min(best - MAX_SENTENCES_OF_A_UNIT // 2, len(ordered) - MAX_SENTENCES_OF_A_UNIT))
    return ordered[start : start + MAX_SENTENCES_OF_A_UNIT]
