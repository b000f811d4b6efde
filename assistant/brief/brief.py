"""A cited brief over many entries: quotations chosen for breadth, without repetition, in parts by theme or time."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from assistant.answer import Brief, Citation, Mode, Part, Query, Sentence
from assistant.answering import selection
from assistant.answering.evidence import Evidence, Examiner, words_of
from assistant.answering.selection import Definition, Piece
from assistant.retrieval.filters import within
from assistant.retrieval.search import Found, Hit
from assistant.understanding.brief_request import order_of
from assistant.understanding.reading import Reading
from assistant.understanding.vocabulary import Vocabulary
from index import deadline
from index.embed import Vectors
from index.generation import Index
from index.models import AnyEntry, Guide, Level, heading_of

from . import headings, later_and_open
from .topic_ranking import Standings

LENGTHS: dict[Mode, dict[Level, int]] = {
    "summary": {"beginner": 10, "intermediate": 13, "advanced": 15},
    "chat": {"beginner": 5, "intermediate": 6, "advanced": 7},
}
"""Sentences at the most; in the chat a brief is read between two questions."""
SHARE = 0.8
"""A sentence is on the topic where its entry stands to it at least by this share of what the leading ones do, …"""
LEADING = 8
"""… by the mean over so many, as one that has the very words of the question would leave the others out, …"""
NEAR = 0.2
"""… its own cosine is at least so high, where there are vectors, …"""
SURE = 0.7
"""… and its entry is an event that stands so high, on a scale on which the first has 1, …"""
TELLING = 0.6
"""… or it speaks of the topic by a word that weighs at least this share of the heaviest one: in "sycophancy in
language models" the first word tells what the topic is, and the others do not."""
VERY_NEAR = 0.62
"""A sentence of a higher cosine is on the topic if either its entry is or it speaks of it."""
PASSAGES = 3
"""Passages looked into of one entry."""
ENTRIES = 30
"""Entries looked into."""
SAME = 0.76
"""Sentences more alike than this say the same thing …"""
SAME_APART = 0.86
"""… or this, where they tell of different days: "passed" and "repealed" are alike but for one word."""
ALIKE_COSTS = 0.3
REPEAT_COSTS = 0.09
"""What a sentence loses by its likeness to those chosen, and by each of them that is of its own entry."""
OF_ONE: dict[Mode, int] = {"summary": 4, "chat": 2}
"""Sentences of one entry at the most."""
GUIDES: dict[Mode, int] = {"summary": 4, "chat": 2}
"""Sentences of guides at the most, where there are events: they are the background and not the matter."""
PLAIN_GAIN = 0.08
"""What the short forms of guides gain in a summary for beginners."""
_PLAIN = frozenset({"tldr", "terms", "key_takeaways"})


@dataclass(frozen=True, slots=True)
class Written:
    """A summary, ready to be a draft."""

    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    brief: Brief | None
    """What frames it; in the chat nothing does."""


class Summariser:
    """Writes briefs over one open index."""

    def __init__(self, index: Index, examiner: Examiner, vocabulary: Vocabulary) -> None:
        self._index = index
        self._examiner = examiner
        self._vocabulary = vocabulary
        self._standings = Standings(index.catalogue)

    @cached_property
    def _topics(self) -> Counter[str]:
        return Counter(topic for entry in self._index.catalogue.entries for topic in dict.fromkeys(entry.topics))

    def write(
        self,
        query: Query,
        reading: Reading,
        vector: Vectors | None,
        found: Sequence[Found],
        definition: Definition | None,
    ) -> Written:
        """The brief on what was asked.

        Args:
            query: The question; its filters have been applied to `found` already.
            reading: The topic as it was read.
            vector: Its vector, if there is an embedder.
            found: The entries found, best first; together they hold at least one sentence, or `definition` does.
            definition: What the catalogue says the topic is, if it does.
        """
        pool = self._pool(query, reading, vector, found)
        chosen = choose(
            pool,
            self._examiner.likeness,
            self._leading,
            mode=query.mode,
            level=query.level,
            definition=definition,
        )
        first = (
            [Piece(definition.entry, definition.field, *span) for span in definition.spans[:2]] if definition else []
        )
        pieces = [*first, *(Piece(one.entry, one.field, one.start, one.end) for one in chosen)]
        entries = list({piece.entry.id: piece.entry for piece in pieces}.values())
        order = order_of(query.question)
        arranged = headings.arranged(entries, order, reading.words, self._topics)
        pieces = [piece for _, under in arranged for entry in under for piece in _of(entry, pieces)]
        text, sentences, citations = selection.compose(pieces)
        if query.mode == "chat":
            return Written(text, sentences, citations, None)
        parts = _parts(arranged, citations)
        outlook = later_and_open.Outlook(self._index, self._vocabulary, query.filters)
        return Written(
            _with_headings(text, parts, citations),
            sentences,
            citations,
            Brief(
                order,
                len({*(one.entry.id for one in found), *(entry.id for entry in entries)}),
                len(entries),
                parts,
                outlook.later(citations, pool),
                outlook.open_points(query.searched_for, citations, [one.entry for one in pool]),
            ),
        )

    def _pool(self, query: Query, reading: Reading, vector: Vectors | None, found: Sequence[Found]) -> list[Evidence]:
        """The sentences on the topic, best first; never none where there is any sentence at all."""
        known = self._examiner.known_weights(reading.words)
        stand = self._standings.of(found, known, within(self._index.catalogue, query.filters))
        leading = [*stand.values()][:LEADING]
        least = SHARE * sum(leading) / max(1, len(leading))
        by_id = {one.entry.id: one for one in found}
        looked = [
            one
            for name, value in [*stand.items()][:ENTRIES]
            for one in self._examiner.examine(reading, vector, [self._looked(name, value, by_id.get(name))])
        ]
        looked.sort(key=lambda one: -one.score)
        heaviest = max(known.values(), default=0.0)
        telling = frozenset(word for word, weight in known.items() if weight >= TELLING * heaviest)
        return [one for one in looked if one is looked[0] or _is_on(one, least, telling, measured=vector is not None)]

    def _looked(self, name: str, standing: float, found: Found | None) -> Found:
        """An entry with the passages to look into: those found, or its first ones."""
        if found is not None:
            return replace(found, score=standing, hits=found.hits[:PASSAGES])
        places = self._index.passages_of.get(name, ())[:PASSAGES]
        return Found(self._index.catalogue.by_id[name], standing, tuple(Hit(place, 0.0) for place in places))

    def _leading(self, one: Evidence) -> tuple[str, str, int] | None:
        """Where the sentence before one stands, if there is one in its passage."""
        if one.place == 0:
            return None
        before, own = self._index.sentences[one.place - 1], self._index.sentences[one.place]
        return (one.entry.id, one.field, before.start) if before.passage == own.passage else None


def _is_on(one: Evidence, least: float, telling: Collection[str], *, measured: bool) -> bool:
    """Whether a sentence is on the topic, by its entry's standing and by what it says itself."""
    if len(telling) > 1 and words_of(one.text).issuperset(telling):
        return True
    if measured and one.cosine >= VERY_NEAR:
        return one.standing >= least or _speaks_of(one, telling)
    is_of_it = one.entry.kind == "event" and one.standing >= SURE
    return (
        one.standing >= least
        and (one.cosine >= NEAR or not measured)
        and (is_of_it or not telling or _speaks_of(one, telling))
    )


def _speaks_of(one: Evidence, words: Collection[str]) -> bool:
    """Whether one of some index terms stands in a sentence, its heading or title, or the topics of its event."""
    above = [one.entry.title, heading_of(one.entry, one.field) or ""]
    if one.entry.kind == "event":
        above += [topic.replace("-", " ") for topic in one.entry.topics]
    return any(not set(words).isdisjoint(words_of(text)) for text in (one.text, *above))


def choose(
    pool: Sequence[Evidence],
    likeness: Callable[[Evidence, Evidence], float],
    leading: Callable[[Evidence], tuple[str, str, int] | None],
    *,
    mode: Mode,
    level: Level,
    definition: Definition | None,
) -> list[Evidence]:
    """Sentences for a brief, by maximal marginal relevance over sentences and entries.

    Args:
        pool: Sentences on the topic, best first.
        likeness: How much two say the same, in 0..1.
        leading: Where the sentence before one stands.
        mode: A brief by itself, or a shorter one in the chat.
        level: For whom: beginners get fewer, and the short forms of guides first.
        definition: Sentences that are in already.
    """
    told = (
        {(definition.entry.id, definition.field, start) for start, _ in definition.spans[:2]} if definition else set()
    )
    said = (
        {definition.entry.texts()[definition.field][slice(*span)] for span in definition.spans[:2]}
        if definition
        else set()
    )
    room = LENGTHS[mode][level] - len(told)
    of_entry = Counter({definition.entry.id: len(told)} if definition else {})
    has_events = any(one.entry.kind == "event" for one in pool)
    guides = len(told)
    chosen: list[Evidence] = []
    alike = dict.fromkeys(range(len(pool)), 0.0)
    gains = {number: _gain(one, level) for number, one in enumerate(pool) if one.text not in said}
    while gains and len(chosen) < room:
        deadline.check()
        open_ = [
            number
            for number in gains
            if of_entry[pool[number].entry.id] < OF_ONE[mode]
            and not (has_events and guides >= GUIDES[mode] and isinstance(pool[number].entry, Guide))
            and (not selection.leans(pool[number].text) or leading(pool[number]) in told)
        ]
        if not open_:
            break
        best = max(
            open_,
            key=lambda n: (gains[n] - ALIKE_COSTS * alike[n] - REPEAT_COSTS * of_entry[pool[n].entry.id], -n),
        )
        one = pool[best]
        del gains[best]
        if one.text in said or any(likeness(one, other) > _same(one, other) for other in chosen):
            continue
        chosen.append(one)
        told.add((one.entry.id, one.field, one.start))
        said.add(one.text)
        of_entry[one.entry.id] += 1
        guides += isinstance(one.entry, Guide)
        for number in gains:
            alike[number] = max(alike[number], likeness(one, pool[number]))
    # A sentence that leans is better than none, where nothing else was found.
    return chosen or (list(pool[:1]) if definition is None else [])


def _same(one: Evidence, other: Evidence) -> float:
    """From which likeness on two sentences say the same."""
    apart = one.entry.kind == other.entry.kind == "event" and one.entry.date != other.entry.date
    return SAME_APART if apart else SAME


def _gain(one: Evidence, level: Level) -> float:
    plain = level == "beginner" and one.field.partition(".")[0] in _PLAIN
    return one.score + (PLAIN_GAIN if plain else 0.0)


def _of(entry: AnyEntry, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces of one entry as they are read; what was given first, a definition, stays first."""
    fields = list(entry.texts())
    own = [piece for piece in pieces if piece.entry.id == entry.id]
    return sorted(own, key=lambda piece: (piece.field != pieces[0].field, fields.index(piece.field), piece.start))


def _parts(arranged: Sequence[headings.Part], citations: Sequence[Citation]) -> tuple[Part, ...]:
    parts = []
    for heading, under in arranged:
        ids = {entry.id for entry in under}
        numbers = [citation.number for citation in citations if citation.entry_id in ids]
        parts.append(Part(heading, numbers[0], numbers[-1]))
    return tuple(parts)


def _with_headings(text: str, parts: Sequence[Part], citations: Sequence[Citation]) -> str:
    """The text with each part's heading above its first paragraph; a paragraph is what one entry says."""
    first = {part.first: part.heading for part in parts if part.heading}
    paragraphs: list[str] = []
    before: str | None = None
    given = iter(text.split("\n\n"))
    for citation in citations:
        if citation.entry_id != before:
            if citation.number in first:
                paragraphs.append(f"### {selection.escape(first[citation.number])}")
            paragraphs.append(next(given))
        before = citation.entry_id
    return "\n\n".join(paragraphs)
