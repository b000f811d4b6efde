"""Chooses the sentences of an answer from the candidates, and orders them for reading."""

import re
from collections.abc import Callable, Sequence

from assistant.answer import Mode
from assistant.understanding.answer_type import AnswerGroup
from index.models import Level

from .composition import Piece
from .definitions import Definition
from .evidence import Evidence
from .levels import MAX_EXPLAINED_WORDS, SIZE_BY_LEVEL, AnswerSize, Glossary, suited

SUMMARY_SIZE = AnswerSize(sentences=15, entries=8, min_share=0.62)
MIN_SHARE_OF_SAME_ENTRY = 0.62
"""A further sentence of the best entry needs this share of the best score. It is low: one sentence is seldom enough."""
SAME_STATEMENT = 0.82
"""Two sentences with a higher likeness say the same thing; only the better one is used."""
SAME_FACT = 0.68
"""The same for a further sentence of a short answer: a takeaway, its section and an event often tell one fact in other words."""
MAX_DEFINING_SENTENCES = 3
"""Sentences of a definition; nothing is added to them, because they answer the question."""
MIN_CHANCE, MIN_CHANCE_ELSEWHERE = 0.4, 0.5
"""A further sentence of an entry that is quoted, or of another entry, needs this probability of answering. About six in ten
sentences above it help: see `training/fit_ranking.py`."""
MAX_SENTENCES_BY_GROUP: dict[AnswerGroup, int] = {
    "person": 2,
    "time": 2,
    "amount": 2,
    "place": 2,
    "reason": 3,
    "thing": 3,
}
"""Sentences of a short answer: a question of fact gets its sentence, and a second one only if that helps as well."""
MAX_ENTRIES_READ = 3
MAX_SENTENCES_OF_SEVERAL, MAX_SENTENCES_OF_AN_ENTRY = 6, 2
"""Sentences of an answer to a question for several things, and of one entry among them."""
MIN_CHANCE_OF_SEVERAL = 0.3
"""It is lower than `MIN_CHANCE`: each sentence answers only a part."""

_NEEDS_CONTEXT = re.compile(
    r"\W*(?:It|Its|It['’]s|He|His|She|Her|They|Their|This|That|These|Those|Such|However|But|And|Or|So|Also|Instead|Then|There|Both|Neither|"
    r"Another|Others?|Similarly|Likewise|Moreover|Furthermore|Therefore|Thus|Nevertheless|Still|Yet|Meanwhile|Afterwards|Later|Consequently|"
    r"For example|For instance|In addition|In contrast|As a result|By contrast|On the other hand|The (?:same|latter|former|other|two|three))\b"
)
_FIELD_ORDER = {"terms": 0, "tldr": 1, "summary": 2, "description": 2, "sections": 3, "key_takeaways": 4}

Likeness = Callable[[Evidence, Evidence], float]
"""How much two sentences say the same, in 0..1."""


def choose(
    evidence: Sequence[Evidence],
    likeness: Likeness,
    *,
    mode: Mode,
    level: Level,
    definition: Definition | None = None,
    answer_first: bool = False,
) -> list[Piece]:
    """Choose the quotations of an answer, in reading order: the definition first, then the best sentences by entry.

    Args:
        evidence: The candidates, best first.
        likeness: Compares two candidates.
        mode: A short answer or a summary.
        level: Who reads it; decides the number of sentences and which ones are preferred (see `levels.py`).
        definition: The definition of the subject, if the question asks for one.
        answer_first: Move the best sentence in front of the others of its entry, unless it needs the one before it.
    """
    size = SUMMARY_SIZE if mode == "summary" else SIZE_BY_LEVEL[level]
    pieces: list[Piece] = []
    if definition is not None:
        pieces = [
            Piece(definition.entry, definition.field, *span)
            for span in definition.spans[: min(size.sentences, MAX_DEFINING_SENTENCES)]
        ]
    chosen = _chosen(suited(evidence, level), likeness, pieces, size, mode=mode)
    ordered = [_piece_of(item) for item in _by_entry(chosen, [piece.entry.id for piece in pieces])]
    if answer_first and not pieces and chosen and not needs_context(chosen[0].text):
        best = _piece_of(chosen[0])
        ordered = [best, *(piece for piece in ordered if piece != best)]
    return pieces + ordered


def choose_read(
    evidence: Sequence[Evidence],
    likeness: Likeness,
    before: Callable[[Evidence], Evidence | None],
    *,
    level: Level,
    group: AnswerGroup,
    is_several: bool = False,
    by_time: bool = False,
) -> list[Piece]:
    """Choose the quotations of a short answer by the judgement of the entry reader; the sentence that answers comes first.

    Args:
        evidence: The candidates, best first, judged by the entry reader.
        likeness: Compares two candidates.
        before: The sentence before a candidate in its text, for a candidate that needs it.
        level: Who reads it; an expert gets one sentence more.
        group: The broad type of answer that is asked for; limits the number of sentences.
        is_several: Whether several things are asked for.
        by_time: Whether their order is that of time.
    """
    if is_several:
        chosen = _several(evidence, likeness)
        chosen.sort(key=lambda item: (item.entry.date or "", item.place) if by_time else -item.score)
        return [_piece_of(item) for item in chosen]
    size = MAX_SENTENCES_BY_GROUP[group] + (level == "advanced")
    chosen = _one_for_each_half(evidence, likeness) or [evidence[0]]
    first = chosen[0]
    entries = {item.entry.id for item in chosen}
    for candidate in suited(evidence, level):
        if len(chosen) >= size:
            break
        is_quoted = candidate.entry.id in entries
        is_relevant = candidate.score >= (MIN_CHANCE if is_quoted else MIN_CHANCE_ELSEWHERE)
        has_room = candidate.place not in {item.place for item in chosen} and (
            is_quoted or len(entries) < MAX_ENTRIES_READ
        )
        if is_relevant and has_room and not _is_repetition(candidate, chosen, likeness, SAME_FACT):
            chosen.append(candidate)
            entries.add(candidate.entry.id)
    ordered: list[Evidence] = []
    shown = {item.place for item in chosen}
    for item in [first, *_by_entry(chosen[1:], [first.entry.id])]:
        earlier = before(item) if needs_context(item.text) else None
        if earlier is not None and earlier.place not in shown:
            shown.add(earlier.place)
            ordered.append(earlier)
        ordered.append(item)
    return [_piece_of(item) for item in ordered]


def _several(evidence: Sequence[Evidence], likeness: Likeness) -> list[Evidence]:
    """Sentences of several entries, best first."""
    chosen = [evidence[0]]
    for item in evidence[1:]:
        if len(chosen) == MAX_SENTENCES_OF_SEVERAL or item.score < MIN_CHANCE_OF_SEVERAL:
            break
        of_entry = sum(item.entry.id == other.entry.id for other in chosen)
        if of_entry < MAX_SENTENCES_OF_AN_ENTRY and not _is_repetition(item, chosen, likeness, SAME_FACT):
            chosen.append(item)
    return chosen


def _one_for_each_half(evidence: Sequence[Evidence], likeness: Likeness) -> list[Evidence]:
    """The sentence that best answers each of two questions in one message; empty if one thing is asked."""
    chosen: list[Evidence] = []
    for number in (0, 1):
        judged = [(item.halves[number], item) for item in evidence if item.halves is not None]
        chance, best = max(judged, key=lambda pair: pair[0], default=(0.0, None))
        if best is not None and chance >= MIN_CHANCE and not _is_repetition(best, chosen, likeness, SAME_FACT):
            chosen.append(best)
    return chosen


def _chosen(
    candidates: Sequence[Evidence], likeness: Likeness, defined: Sequence[Piece], size: AnswerSize, *, mode: Mode
) -> list[Evidence]:
    """The candidates that are good enough, new, and fit beside a definition."""
    if defined and mode == "chat":
        return []
    limit = size.sentences - len(defined)
    entries = {piece.entry.id for piece in defined}
    chosen: list[Evidence] = []
    for candidate in candidates:
        if len(chosen) >= limit:
            break
        is_other_term = bool(defined) and candidate.field.startswith("terms.")  # defines another word, not this one
        has_room = candidate.entry.id in entries or len(entries) < size.entries
        if (
            has_room
            and not is_other_term
            and _is_good_enough(candidate, candidates[0], size)
            and not _is_quoted(candidate, defined)
            and not _is_repetition(candidate, chosen, likeness)
        ):
            chosen.append(candidate)
            entries.add(candidate.entry.id)
    return chosen


def _is_good_enough(candidate: Evidence, best: Evidence, size: AnswerSize) -> bool:
    """Whether a candidate scores enough beside the best one, which is always good enough."""
    # If the best score is below 0, no sentence reaches a share of it; so the best one is not tested.
    share = MIN_SHARE_OF_SAME_ENTRY if candidate.entry.id == best.entry.id else size.min_share
    return candidate is best or candidate.score >= share * best.score


def _is_repetition(
    candidate: Evidence, chosen: Sequence[Evidence], likeness: Likeness, most: float = SAME_STATEMENT
) -> bool:
    return any(likeness(candidate, other) > most or candidate.text == other.text for other in chosen)


def _is_quoted(candidate: Evidence, pieces: Sequence[Piece]) -> bool:
    """Whether a sentence, or another with the same text, is among the quotations."""
    place = (candidate.entry.id, candidate.field, candidate.start)
    return any(place == (piece.entry.id, piece.field, piece.start) or candidate.text == piece.quote for piece in pieces)


def needs_context(text: str) -> bool:
    """Whether a sentence starts in a way that needs the sentence before it: "It", "However", "The latter"."""
    return _NEEDS_CONTEXT.match(text) is not None


def explained(pieces: Sequence[Piece], glossary: Glossary, met: str, *, most: int = MAX_EXPLAINED_WORDS) -> list[Piece]:
    """Add the definitions of words that are new to the reader, each after the paragraph that first uses the word.

    Args:
        pieces: The quotations of an answer in reading order.
        glossary: The words with a definition.
        met: Everything the reader has written or read so far.
        most: The largest number of definitions to add.
    """
    quoted = {(piece.entry.id, piece.field) for piece in pieces}
    result: list[Piece] = []
    added = 0
    for number, piece in enumerate(pieces):
        result.append(piece)
        if number + 1 < len(pieces) and pieces[number + 1].entry.id == piece.entry.id:
            continue  # the paragraph goes on
        begin = next(n for n in range(number, -1, -1) if n == 0 or pieces[n - 1].entry.id != piece.entry.id)
        paragraph = " ".join(other.quote for other in pieces[begin : number + 1])
        for word in glossary.unmet(paragraph, met, lambda word: (word.entry.id, word.field) in quoted):
            if added < most:
                result.append(Piece(word.entry, word.field, word.start, word.end))
                quoted.add((word.entry.id, word.field))
                added += 1
    return result


def _by_entry(chosen: Sequence[Evidence], first: Sequence[str]) -> list[Evidence]:
    """Sentences by entry: entries by their best sentence, after the ids in `first`; sentences as the entry has them."""
    entries = list(dict.fromkeys([*first, *(item.entry.id for item in chosen)]))
    return sorted(chosen, key=lambda item: (entries.index(item.entry.id), _field_place(item.field), item.start))


def _piece_of(item: Evidence) -> Piece:
    return Piece(item.entry, item.field, item.start, item.end)


def _field_place(field: str) -> tuple[int, int]:
    name, _, rest = field.partition(".")
    return _FIELD_ORDER.get(name, 9), int(rest.partition(".")[0]) if rest else 0
