"""Writes a cited brief on a topic: quotations from many entries, without repetition, grouped by theme or by time."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from assistant.answer import Brief, Citation, Part, Query, Sentence
from assistant.answering.composition import Piece, compose, escape
from assistant.answering.definitions import Definition
from assistant.answering.evidence import Evidence, Examiner, words_of
from assistant.retrieval.filters import within
from assistant.retrieval.search import FoundEntry, Hit
from assistant.understanding.brief_request import order_of
from assistant.understanding.reading import ParsedQuestion
from assistant.understanding.vocabulary import Vocabulary
from index.embed import Vectors
from index.generation import Index
from index.models import AnyEntry, heading_of

from . import headings, later_and_open
from .sentence_choice import BriefSelection
from .topic_ranking import TopicRanking

MIN_SHARE_OF_LEADING = 0.8
"""An entry is on the topic if its rank score is at least this share of the mean score of the leading entries."""
LEADING_ENTRIES = 8
"""Number of entries in that mean: one entry alone, with the exact words of the question, would exclude all others."""
MIN_COSINE = 0.2
"""A sentence on the topic has at least this cosine, if there are vectors."""
SURE_SCORE = 0.7
"""Every sentence of an event with at least this rank score (the first has 1) counts as being about the topic."""
MIN_TELLING_SHARE = 0.6
"""A word of the topic is telling if it has at least this share of the heaviest word's weight. In "sycophancy in language
models", only the first word tells what the topic is."""
HIGH_COSINE = 0.62
"""A sentence with a higher cosine is on the topic if its entry is, or if it has a telling word."""
MAX_PASSAGES = 3
"""Passages examined for each entry."""
MAX_ENTRIES = 30
"""Entries examined."""
MAX_DEFINITION_SENTENCES = 2


@dataclass(frozen=True, slots=True)
class Written:
    """The parts of a draft that a brief consists of."""

    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    brief: Brief | None
    """Its frame: groups, later entries and open points; None in the chat."""


class Summariser:
    """Writes briefs over one open index."""

    def __init__(self, index: Index, examiner: Examiner, vocabulary: Vocabulary) -> None:
        self._index = index
        self._examiner = examiner
        self._vocabulary = vocabulary
        self._ranking = TopicRanking(index.catalogue)

    @cached_property
    def _topics(self) -> Counter[str]:
        """The number of entries with each topic."""
        return Counter(topic for entry in self._index.catalogue.entries for topic in dict.fromkeys(entry.topics))

    def write(
        self,
        query: Query,
        reading: ParsedQuestion,
        vector: Vectors | None,
        found: Sequence[FoundEntry],
        definition: Definition | None,
    ) -> Written:
        """Write the brief on a topic.

        Args:
            query: The topic with its filters, which `found` has passed already.
            reading: The parsed topic.
            vector: Its vector; None without an embedder.
            found: The entries found, best first; they have at least one sentence, unless there is a definition.
            definition: The catalogue's definition of the topic, if there is one.
        """
        pool = self._pool(query, reading, vector, found)
        spans = definition.spans[:MAX_DEFINITION_SENTENCES] if definition else ()
        defined = [Piece(definition.entry, definition.field, *span) for span in spans] if definition else []
        selection = BriefSelection(defined, self._examiner.likeness, self._sentence_before, query.mode, query.level)
        chosen = selection.choose(pool)
        pieces = [*defined, *(Piece(item.entry, item.field, item.start, item.end) for item in chosen)]
        entries = list({piece.entry.id: piece.entry for piece in pieces}.values())
        order = order_of(query.question)
        groups = headings.arranged(entries, order, reading.words, self._topics)
        pieces = [piece for _, under in groups for entry in under for piece in _pieces_of(entry, pieces)]
        text, sentences, citations = compose(pieces)
        if query.mode == "chat":
            return Written(text, sentences, citations, None)
        parts = _parts(groups, citations)
        follow_ups = later_and_open.FollowUpFinder(self._index, self._vocabulary, query.filters)
        brief = Brief(
            order,
            len({*(item.entry.id for item in found), *(entry.id for entry in entries)}),
            len(entries),
            parts,
            follow_ups.later(citations, pool),
            follow_ups.open_points(query.searched_for, citations, [item.entry for item in pool]),
        )
        return Written(_with_headings(text, parts, citations), sentences, citations, brief)

    def _pool(
        self, query: Query, reading: ParsedQuestion, vector: Vectors | None, found: Sequence[FoundEntry]
    ) -> list[Evidence]:
        """The sentences on the topic, best first; at least the best sentence, if there is any."""
        known = self._examiner.known_weights(reading.words)
        scores = self._ranking.of(found, known, within(self._index.catalogue, query.filters))
        leading = [*scores.values()][:LEADING_ENTRIES]
        min_score = MIN_SHARE_OF_LEADING * sum(leading) / max(1, len(leading))
        by_id = {item.entry.id: item for item in found}
        examined = [
            item
            for entry_id, score in [*scores.items()][:MAX_ENTRIES]
            for item in self._examiner.examine(
                reading, vector, [self._with_passages(entry_id, score, by_id.get(entry_id))]
            )
        ]
        examined.sort(key=lambda item: -item.score)
        heaviest = max(known.values(), default=0.0)
        telling = frozenset(word for word, weight in known.items() if weight >= MIN_TELLING_SHARE * heaviest)
        return [
            item
            for item in examined
            if item is examined[0] or _is_on_topic(item, min_score, telling, has_vectors=vector is not None)
        ]

    def _with_passages(self, entry_id: str, score: float, found: FoundEntry | None) -> FoundEntry:
        """An entry with the passages to examine: those that the search found, else its first ones."""
        if found is not None:
            return replace(found, score=score, hits=found.hits[:MAX_PASSAGES])
        places = self._index.passages_of.get(entry_id, ())[:MAX_PASSAGES]
        return FoundEntry(self._index.catalogue.by_id[entry_id], score, tuple(Hit(place, 0.0) for place in places))

    def _sentence_before(self, item: Evidence) -> tuple[str, str, int] | None:
        """The entry id, field and start of the sentence before this one in its passage; None if it is the first."""
        if item.place == 0:
            return None
        before, own = self._index.sentences[item.place - 1], self._index.sentences[item.place]
        return (item.entry.id, item.field, before.start) if before.passage == own.passage else None


def _is_on_topic(item: Evidence, min_score: float, telling: Collection[str], *, has_vectors: bool) -> bool:
    """Whether a sentence is on the topic, judged by the rank of its entry and by the sentence itself.

    Args:
        item: The sentence; `standing` is the rank score of its entry.
        min_score: The rank score from which an entry is on the topic.
        telling: The index terms that tell what the topic is.
        has_vectors: Whether cosines are known.
    """
    if len(telling) > 1 and words_of(item.text).issuperset(telling):
        return True
    is_entry_on_topic = item.standing >= min_score
    if has_vectors and item.cosine >= HIGH_COSINE:
        return is_entry_on_topic or _mentions(item, telling)
    if not is_entry_on_topic or (has_vectors and item.cosine < MIN_COSINE):
        return False
    is_about_it = item.entry.kind == "event" and item.standing >= SURE_SCORE
    return is_about_it or not telling or _mentions(item, telling)


def _mentions(item: Evidence, words: Collection[str]) -> bool:
    """Whether a sentence, its heading or title, or the topics of its event contain one of some index terms."""
    texts = [item.text, item.entry.title, heading_of(item.entry, item.field) or ""]
    if item.entry.kind == "event":
        texts += [topic.replace("-", " ") for topic in item.entry.topics]
    return any(not set(words).isdisjoint(words_of(text)) for text in texts)


def _pieces_of(entry: AnyEntry, pieces: Sequence[Piece]) -> list[Piece]:
    """The quotations of one entry in reading order; those of the very first field, a definition, come first."""
    fields = list(entry.texts())
    own = [piece for piece in pieces if piece.entry.id == entry.id]
    return sorted(own, key=lambda piece: (piece.field != pieces[0].field, fields.index(piece.field), piece.start))


def _parts(groups: Sequence[headings.Group], citations: Sequence[Citation]) -> tuple[Part, ...]:
    """Each group's heading with the numbers of its first and last citation."""
    parts = []
    for heading, under in groups:
        ids = {entry.id for entry in under}
        numbers = [citation.number for citation in citations if citation.entry_id in ids]
        parts.append(Part(heading, numbers[0], numbers[-1]))
    return tuple(parts)


def _with_headings(text: str, parts: Sequence[Part], citations: Sequence[Citation]) -> str:
    """The text with each heading before the first paragraph of its part; a paragraph is what one entry says."""
    heading_at = {part.first: part.heading for part in parts if part.heading}
    paragraphs: list[str] = []
    previous: str | None = None
    own = iter(text.split("\n\n"))
    for citation in citations:
        if citation.entry_id != previous:
            if citation.number in heading_at:
                paragraphs.append(f"### {escape(heading_at[citation.number])}")
            paragraphs.append(next(own))
        previous = citation.entry_id
    return "\n\n".join(paragraphs)
