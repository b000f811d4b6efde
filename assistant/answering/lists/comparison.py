"""Answers comparisons of two or more things: quotes about as many sentences on each, and says what the catalogue has on all."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.answer import Citation, Sentence
from assistant.answering.composition import escape
from assistant.draft import Draft
from assistant.understanding.phrases import OPENER
from assistant.understanding.vocabulary import Vocabulary, key_of
from index import dates
from index.catalogue import Catalogue
from index.models import AnyEntry

from .entry_lists import EntryLists

MAX_SENTENCES_PER_SIDE = 3
MAX_SENTENCES_OF_MANY = 2
"""The same for three sides or more."""
MAX_SIDES = 4
MIN_SENTENCES_PER_SIDE = 2
"""Both sides get as many sentences as the shorter one has, but not fewer than this."""
_MAX_NAME_WORDS = 7
_COMPARISON = re.compile(
    rf"^{OPENER}"
    r"(?:(?:compare|contrast)\s++(?P<compared>.+)"
    r"|(?:(?:what(?:'s|’s| is| are| was| were)|explain|tell me|describe)\s++)?(?:the\s++)?(?:\w++\s++)?differences?\s++between\s++(?P<differing>.+)"
    r"|how\s++(?:do|does|did|is|are|was|were)\s++(?P<head>.+?)\s++(?:differ|compare[sd]?|different)"
    r"(?:\s++(?:from each other|with each other|to each other|from one another))?(?:(?P<tail>\s++(?:from|to|with)\s++.+)|\W*+$)"
    r"|(?P<versus>.+?\s(?:vs\.?|versus)\s.+))",
    re.IGNORECASE | re.DOTALL,
)
_CONJUNCTION = re.compile(r"\s+(?:and|with|to|against|vs\.?|versus|from)\s+", re.IGNORECASE)
_SERIES = re.compile(r"\s*,\s*(?:(?:and|or|with|vs\.?|versus)\s+)?|\s+(?:and|with|or|vs\.?|versus)\s+", re.IGNORECASE)
"""Separates three names or more: "A, B and C", "A vs B vs C"."""
_ARTICLE = re.compile(r"^(?:the|a|an|both)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the things compared."""

    name: str
    """As the question writes it."""
    quotations: tuple[tuple[Sentence, Citation], ...]
    """Sentences about it, each with its citation."""
    entries: tuple[AnyEntry, ...]
    """The entries that contain its name."""


class Comparer:
    """Compares things that one catalogue knows."""

    def __init__(
        self, catalogue: Catalogue, vocabulary: Vocabulary, records: EntryLists, look_up: Callable[[str], Draft]
    ) -> None:
        """Set up; `look_up` answers a plain question, and a draft without citations means that it has no answer."""
        self._catalogue = catalogue
        self._vocabulary = vocabulary
        self._records = records
        self._look_up = look_up

    def answer(self, question: str) -> Draft | None:
        """Compare the things of a question; None if it compares nothing, or nothing is known of either."""
        began = time.perf_counter()
        names = self._names(question)
        if names is None:
            return None
        sides = [self._side(name, [other for other in names if other != name]) for name in names]
        quoted = [side for side in sides if side.quotations]
        if not quoted:
            return None
        most = MAX_SENTENCES_PER_SIDE if len(names) == 2 else MAX_SENTENCES_OF_MANY
        limit = max(MIN_SENTENCES_PER_SIDE, min(len(side.quotations) for side in quoted))
        paragraphs: list[str] = []
        sentences: list[Sentence] = []
        citations: list[Citation] = []
        shown: set[tuple[str, str, int]] = set()
        for side in quoted:
            texts = []
            for sentence, citation in side.quotations[: min(limit, most)]:
                key = (citation.entry_id, citation.field, citation.start)
                if key in shown:
                    continue  # a sentence about both sides stands under the first
                shown.add(key)
                number = len(citations) + 1
                citations.append(replace(citation, number=number))
                sentences.append(Sentence(sentence.text, (number,), sentence.support))
                texts.append(f"{escape(sentence.text)} [{number}]")
            if texts:
                paragraphs += [escape(f"On {side.name}:"), " ".join(texts)]
        paragraphs.append(escape(_notes(sides)))
        ids = tuple(dict.fromkeys(entry.id for side in sides for entry in side.entries))
        return Draft("\n\n".join(paragraphs), tuple(sentences), tuple(citations), 1.0, began, None, ids)

    def _names(self, question: str) -> tuple[str, ...] | None:
        """The names of the things; at least one of two, and all of three or more, must be names of the catalogue."""
        best: tuple[int, tuple[str, ...]] | None = None
        for names in _splits(" ".join(question.split())):
            known = sum(self._vocabulary.get(name) is not None for name in names)
            if len(names) > 2 and known == len(names):
                return names
            if len(names) == 2 and known and (best is None or known > best[0]):
                best = known, names
        return best[1] if best else None

    def _side(self, name: str, others: Sequence[str]) -> Side:
        draft = self._look_up(f"What is {name}?")
        if not draft.citations:
            draft = self._look_up(f"Tell me about {name}")
        by_number = {citation.number: citation for citation in draft.citations}
        pairs = [(sentence, by_number[sentence.citations[0]]) for sentence in draft.sentences]
        # An entry with the name of another side in its title is about that side.
        keys = [set(key_of(other)) for other in others if key_of(other) != key_of(name)]
        pairs = [
            (sentence, source)
            for sentence, source in pairs
            if not any(key <= set(key_of(source.title)) for key in keys)
        ]
        entries = self._records.with_name(name)
        if not pairs:
            pairs = [
                (Sentence(piece.quote, (1,), 1.0), piece.citation(1))
                for piece in self._records.introducing(name, entries)
            ]
        return Side(name, tuple(pairs[:MAX_SENTENCES_PER_SIDE]), tuple(entries))


def _splits(question: str) -> Iterator[tuple[str, ...]]:
    """The names into which a comparison can be split: the whole series, then pairs at each "and", "with" or "versus"."""
    match = _COMPARISON.match(question)
    if match is None:
        return
    names = match["compared"] or match["differing"] or match["versus"] or f"{match['head']}{match['tail'] or ''}"
    series = tuple(map(_bare, _SERIES.split(names)))
    if 2 < len(series) <= MAX_SIDES and all(map(_is_name, series)) and len(set(map(key_of, series))) == len(series):
        yield series
    for conjunction in _CONJUNCTION.finditer(names):
        pair = (_bare(names[: conjunction.start()]), _bare(names[conjunction.end() :]))
        if all(map(_is_name, pair)) and key_of(pair[0]) != key_of(pair[1]):
            yield pair


def _is_name(text: str) -> bool:
    return bool(text) and len(text.split()) <= _MAX_NAME_WORDS


def _bare(name: str) -> str:
    """A name without punctuation and article."""
    return _ARTICLE.sub("", name.strip(" \t?!.,;:\"'“”‘’"))


def _notes(sides: Sequence[Side]) -> str:
    """What the catalogue lacks on either side, and how many entries mention each and both."""
    notes = [f"The catalogue has nothing on {side.name}." for side in sides if not side.quotations and not side.entries]
    notes += [
        f"The catalogue mentions {side.name}, but does not say what it is."
        for side in sides
        if side.entries and not side.quotations
    ]
    if all(side.entries for side in sides):
        both = len(set.intersection(*({entry.id for entry in side.entries} for side in sides)))
        counts = "; ".join(map(_entry_count, sides))
        notes.append(f"Entries that mention {counts}; {'both' if len(sides) == 2 else 'all'}: {both:,}.")
    return " ".join(notes) or f"Only the sentences above speak of {' and '.join(side.name for side in sides)}."


def _entry_count(side: Side) -> str:
    """The number of entries that mention a side and their years: "GPT-4: 12, 2023 to 2025"."""
    years = sorted(dates.span(entry.date)[0].isoformat()[:4] for entry in side.entries if entry.date)
    period = "" if not years else f", {years[0]}" if years[0] == years[-1] else f", {years[0]} to {years[-1]}"
    return f"{side.name}: {len(side.entries):,}{period}"
