"""Comparisons: as many sentences from each side, said which is which, and what only one side has."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.answer import Citation, Sentence
from assistant.query_engine import Draft
from assistant.understanding.phrases import OPENER
from assistant.understanding.vocabulary import Vocabulary, key_of
from index import dates
from index.catalogue import Catalogue
from index.models import AnyEntry

from .entry_lists import Records
from .selection import escape

A_SIDE = 3
"""Sentences from each side, at the most."""
_SIDE_WORDS = 7
_ASKED = re.compile(
    rf"^{OPENER}"
    r"(?:(?:compare|contrast)\s++(?P<c>.+)"
    r"|(?:(?:what(?:'s|’s| is| are| was| were)|explain|tell me|describe)\s++)?(?:the\s++)?(?:\w++\s++)?differences?\s++between\s++(?P<d>.+)"
    r"|how\s++(?:do|does|did|is|are|was|were)\s++(?P<h>.+?)\s++(?:differ|compare[sd]?|different)"
    r"(?:\s++(?:from each other|with each other|to each other|from one another))?(?:(?P<t>\s++(?:from|to|with)\s++.+)|\W*+$)"
    r"|(?P<v>.+?\s(?:vs\.?|versus)\s.+))",
    re.IGNORECASE | re.DOTALL,
)
_JOINT = re.compile(r"\s+(?:and|with|to|against|vs\.?|versus|from)\s+", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|a|an|both)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Side:
    """One thing compared: as it was asked, the sentences about it, and the entries that hold its name."""

    name: str
    quoted: tuple[tuple[Sentence, Citation], ...]
    entries: tuple[AnyEntry, ...]


class Comparer:
    """Compares two things that one catalogue knows."""

    def __init__(
        self, catalogue: Catalogue, vocabulary: Vocabulary, records: Records, look_up: Callable[[str], Draft]
    ) -> None:
        """`look_up` answers a plain question; a draft without citations says that there is no answer."""
        self._catalogue = catalogue
        self._vocabulary = vocabulary
        self._records = records
        self._look_up = look_up

    def answer(self, question: str) -> Draft | None:
        """The comparison that a question asks for; None where it asks for none, or knows neither side."""
        began = time.perf_counter()
        names = self._sides(question)
        if names is None:
            return None
        first, second = (self._side(name, other) for name, other in (names, names[::-1]))
        if not first.quoted and not second.quoted:
            return None
        room = min((len(side.quoted) for side in (first, second) if side.quoted), default=0)
        paragraphs: list[str] = []
        sentences: list[Sentence] = []
        citations: list[Citation] = []
        for side in (first, second):
            if not side.quoted:
                continue
            paragraphs.append(escape(f"On {side.name}:"))
            told = []
            for sentence, citation in side.quoted[: max(2, room)]:
                number = len(citations) + 1
                citations.append(replace(citation, number=number))
                sentences.append(Sentence(sentence.text, (number,), sentence.support))
                told.append(f"{escape(sentence.text)} [{number}]")
            paragraphs.append(" ".join(told))
        paragraphs.append(escape(_told_apart(first, second)))
        found = tuple(dict.fromkeys(entry.id for side in (first, second) for entry in side.entries))
        return Draft("\n\n".join(paragraphs), tuple(sentences), tuple(citations), 1.0, began, None, found)

    def _sides(self, question: str) -> tuple[str, str] | None:
        """The two things compared; at least one must be a name of the catalogue's."""
        best: tuple[int, tuple[str, str]] | None = None
        for names in _splits(" ".join(question.split())):
            known = sum(self._vocabulary.get(name) is not None for name in names)
            if known and (best is None or known > best[0]):
                best = known, names
        return best[1] if best else None

    def _side(self, name: str, other: str) -> Side:
        draft = self._look_up(f"What is {name}?")
        if not draft.citations:
            draft = self._look_up(f"Tell me about {name}")
        by_number = {citation.number: citation for citation in draft.citations}
        elsewhere = set(key_of(other))
        quoted = [
            (sentence, by_number[sentence.citations[0]])
            for sentence in draft.sentences
            # What an entry about the other says does not tell this side.
            if not elsewhere <= set(key_of(by_number[sentence.citations[0]].title)) or key_of(name) == key_of(other)
        ]
        return Side(name, tuple(quoted[:A_SIDE]), tuple(self._records.holding(name)))


def _splits(question: str) -> Iterator[tuple[str, str]]:
    match = _ASKED.match(question)
    if match is None:
        return
    whole = match["c"] or match["d"] or match["v"] or f"{match['h']}{match['t'] or ''}"
    for joint in _JOINT.finditer(whole):
        names = (_bare(whole[: joint.start()]), _bare(whole[joint.end() :]))
        if all(name and len(name.split()) <= _SIDE_WORDS for name in names) and key_of(names[0]) != key_of(names[1]):
            yield names


def _bare(name: str) -> str:
    return _ARTICLE.sub("", name.strip(" \t?!.,;:\"'“”‘’"))


def _told_apart(first: Side, second: Side) -> str:
    """What the catalogue has on each side, and what it lacks."""
    said = [
        f"The catalogue has nothing on {side.name}." for side in (first, second) if not side.quoted and not side.entries
    ]
    said += [
        f"The catalogue mentions {s.name}, but does not say what it is."
        for s in (first, second)
        if s.entries and not s.quoted
    ]
    counted = [side for side in (first, second) if side.entries]
    if len(counted) == 2:
        both = len({entry.id for entry in first.entries} & {entry.id for entry in second.entries})
        each = "; ".join(_counted(side) for side in counted)
        said.append(f"Entries that mention {each}; both: {both:,}.")
    return " ".join(said) or f"Only the sentences above speak of {first.name} and {second.name}."  # fmt: skip


def _counted(side: Side) -> str:
    years: Sequence[str] = sorted(dates.span(entry.date)[0].isoformat()[:4] for entry in side.entries if entry.date)
    when = "" if not years else f", {years[0]}" if years[0] == years[-1] else f", {years[0]} to {years[-1]}"
    return f"{side.name}: {len(side.entries):,}{when}"
