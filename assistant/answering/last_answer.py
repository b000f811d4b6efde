"""Answers that are made from the last answer: its quotations again, its sources, simpler explanations or examples.

The conversation holds the text of the last answer and the ids of the entries that it cited. The quotations are found
again in the fields of these entries, so what is shown is exact and cited as before.
"""

import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.answer import Sentence, Turn
from assistant.conversation.history import letters_of
from assistant.draft import Draft
from assistant.understanding.manner import Manner
from index import dates
from index.embed import Vectors
from index.generation import Index
from index.lexical import terms
from index.models import AnyEntry, Event, Guide

from .composition import Piece, compose, escape, title_piece
from .definitions import sentence_spans
from .levels import Glossary

MIN_LETTERS = 8
"""A shorter sentence may occur in a text by chance."""
FEW_ITEMS = 3
"""Items of a list that remain if it is to be shorter."""
MAX_EXAMPLES = 2
MAX_SIMPLER = 3
MAX_WORDS_DEFINED = 2
_INSTANCE = re.compile(
    r"\b(?:for (?:example|instance)|such as|e\.g\.|in one (?:case|test|study|experiment)|one example|examples? (?:is|are|include)|"
    rf"in (?:{'|'.join(dates.MONTHS)}) \d{{4}})",
    re.IGNORECASE,
)
_EVENT_BONUS, _INSTANCE_BONUS, _CITED_BONUS = 0.1, 0.3, 0.05
"""Added to the likeness (0..1) of a sentence to the question: if it is from an event, if it has a phrase such as "for
example", and if its entry is cited."""
MIN_LIKENESS = 0.25

WasShown = Callable[[str], bool]
"""Whether the conversation has shown a sentence before."""


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """The last answer of a conversation: its quotations in order, and whether it was a list of entries."""

    pieces: tuple[Piece, ...]
    is_list: bool = False

    @property
    def entries(self) -> tuple[AnyEntry, ...]:
        """The cited entries, in order of first use."""
        return tuple({piece.entry.id: piece.entry for piece in self.pieces}.values())


def quoted_in(index: Index, turn: Turn) -> LastAnswer:
    """Find the quotations of an answer in the entries that it cited; none if these are unknown."""
    told = letters_of(turn.content)
    lines = [letters_of(line.partition(" [")[0]) for line in turn.content.splitlines() if line.startswith("- ")]
    found: list[tuple[int, Piece]] = []
    titles: list[Piece] = []
    for entry_id in turn.cited:
        entry = index.catalogue.by_id.get(entry_id)
        if entry is None:
            continue
        if any(_is_title(line, entry) for line in lines):
            titles.append(title_piece(entry))
        for piece in _sentences(index, entry):
            letters = letters_of(piece.quote)
            at = told.find(letters) if len(letters) >= MIN_LETTERS else -1
            if at >= 0:
                found.append((at, piece))
    if titles:
        return LastAnswer(tuple(titles), is_list=True)
    found.sort(key=lambda item: (item[0], -len(item[1].quote)))
    kept: list[Piece] = []
    end = 0
    for at, piece in found:
        if at >= end:  # not part of the sentence before, nor the same words from another entry
            kept.append(piece)
            end = at + len(letters_of(piece.quote))
    return LastAnswer(tuple(kept))


def shortened(last: LastAnswer, manner: Manner) -> Draft | None:
    """The first sentences of an answer: as many as asked for, else half; None if it cannot be shorter."""
    pieces = last.pieces
    if manner.sentences is not None:
        most = manner.sentences
    elif manner.words is not None:
        most = _fitting([piece.quote for piece in pieces], manner.words)
    else:
        most = min(FEW_ITEMS, len(pieces) - 1) if last.is_list else len(pieces) // 2
        if len(pieces) < 2:
            return None
    return _draft(last, pieces[: max(1, most)], in_list=last.is_list)


def retold(last: LastAnswer, *, in_list: bool = False) -> Draft:
    """The same answer again; as a list if `in_list` is set."""
    return _draft(last, last.pieces, in_list=in_list or last.is_list)


def sources(last: LastAnswer) -> Draft:
    """The cited entries, each with its source and date."""
    pieces = [title_piece(entry) for entry in last.entries]
    texts = []
    for piece in pieces:
        entry = piece.entry
        parts = [entry.source if isinstance(entry, Event) else None, dates.in_words(entry.date) if entry.date else None]
        where = ", ".join(part for part in parts if part) or f"a {entry.kind} of this catalogue"
        texts.append(f"{' '.join(piece.quote.split())} ({where})")
    return _listed(pieces, texts)


def simpler(index: Index, glossary: Glossary, last: LastAnswer, question: str, was_shown: WasShown) -> Draft | None:
    """The summary of a guide on the question, and definitions of the words in the last answer; None if there are none."""
    wanted = set(terms(question))
    guides = [entry for entry in _near(index, last) if isinstance(entry, Guide) and set(terms(entry.title)) & wanted]
    pieces = [
        piece for guide in guides[:1] for piece in _pieces_of(index, guide, "tldr") if not was_shown(piece.quote)
    ][:MAX_SIMPLER]
    text = " ".join(piece.quote for piece in last.pieces)
    words = glossary.unmet(f"{question} {text}", "", lambda _: False)
    # A word of the question itself is explained before the other words of the answer.
    words.sort(key=lambda word: not set(terms(getattr(word.entry, "title", ""))) & wanted)
    definitions = [Piece(word.entry, word.field, word.start, word.end) for word in words]
    pieces += [piece for piece in definitions if not was_shown(piece.quote)][:MAX_WORDS_DEFINED]
    return Draft(*compose(pieces), 1.0, time.perf_counter()) if pieces else None


def example(index: Index, last: LastAnswer, question: str, vector: Vectors | None, was_shown: WasShown) -> Draft | None:
    """Sentences that give an example, from the cited entries and those linked to them; None if there are none."""
    wanted = set(terms(question))
    cited = {entry.id for entry in last.entries}
    scored: list[tuple[float, Piece]] = []
    for entry in _near(index, last):
        for piece, number in _numbered(index, entry):
            shows = _INSTANCE.search(piece.quote) is not None
            opens = isinstance(entry, Event) and piece.start == 0
            if (not shows and not opens) or was_shown(piece.quote):
                continue
            likeness = _likeness(index, piece, number, wanted, vector)
            if likeness >= MIN_LIKENESS:
                bonus = _INSTANCE_BONUS * shows + _EVENT_BONUS * isinstance(entry, Event)
                scored.append((likeness + bonus + _CITED_BONUS * (entry.id in cited), piece))
    scored.sort(key=lambda item: -item[0])
    chosen: dict[str, Piece] = {}
    for _, piece in scored:
        chosen.setdefault(piece.entry.id, piece)
    pieces = list(chosen.values())[:MAX_EXAMPLES]
    return Draft(*compose(pieces), 1.0, time.perf_counter()) if pieces else None


def _likeness(index: Index, piece: Piece, number: int, wanted: Collection[str], vector: Vectors | None) -> float:
    """The likeness of a sentence to a question, 0..1.

    The cosine of their vectors; without vectors, the share of the question's terms that the sentence or its title has.
    """
    if vector is not None and len(index.sentence_rows) and index.sentence_rows[number] >= 0:
        row = index.vectors[index.sentence_rows[number]]
        if len(row) == len(vector):
            return float(np.asarray(row, np.float32) @ vector)
    held = set(terms(f"{piece.entry.title} {piece.quote}"))
    return len(held & set(wanted)) / max(1, len(set(wanted)))


def limited(draft: Draft, manner: Manner) -> Draft:
    """The first sentences of a draft, as many as the user asked for; as a list if the user asked for one."""
    sentences = draft.sentences
    if manner.sentences is not None:
        sentences = sentences[: manner.sentences]
    if manner.words is not None:
        sentences = sentences[: max(1, _fitting([sentence.text for sentence in sentences], manner.words))]
    if sentences == draft.sentences and not manner.bullets:
        return draft
    used = {number for sentence in sentences for number in sentence.citations}
    lines = [f"{escape(one.text)} {''.join(f'[{number}]' for number in one.citations)}" for one in sentences]
    text = "\n".join(f"- {line}" for line in lines) if manner.bullets else " ".join(lines)
    citations = tuple(citation for citation in draft.citations if citation.number in used)
    return Draft(
        text, sentences, citations, draft.probability, draft.began, found=draft.found, signals=draft.signals,
        leading=draft.leading, removed=draft.removed,
    )  # fmt: skip


def _draft(last: LastAnswer, pieces: Sequence[Piece], *, in_list: bool) -> Draft:
    if last.is_list:
        return _listed(pieces, [_title_line(piece.entry) for piece in pieces])
    draft = Draft(*compose(pieces), 1.0, time.perf_counter())
    return limited(draft, Manner(bullets=True)) if in_list else draft


def _listed(pieces: Sequence[Piece], texts: Sequence[str]) -> Draft:
    """A list with one quotation a line; each text contains its quotation."""
    citations = tuple(piece.citation(number) for number, piece in enumerate(pieces, start=1))
    sentences = tuple(Sentence(text, (number,), 1.0) for number, text in enumerate(texts, start=1))
    lines = [f"- {escape(one.text)} [{one.citations[0]}]" for one in sentences]
    return Draft("\n".join(lines), sentences, citations, 1.0, time.perf_counter())


def _title_line(entry: AnyEntry) -> str:
    title = " ".join(entry.title.split())
    return f"{dates.in_words(entry.date)}: {title}" if entry.date else title


def _is_title(line: str, entry: AnyEntry) -> bool:
    """Whether a line of a list is an entry's title, perhaps with its date or level."""
    title = letters_of(entry.title)
    at = line.find(title)
    return bool(title) and at >= 0 and len(line) - len(title) <= len("30September2023") and line.count(title) == 1


def _near(index: Index, last: LastAnswer) -> list[AnyEntry]:
    """The cited entries, then the entries linked to them."""
    cited = [entry.id for entry in last.entries]
    linked = [other for entry_id in cited for other in index.catalogue.links.get(entry_id, ())]
    return [index.catalogue.by_id[entry_id] for entry_id in dict.fromkeys([*cited, *linked])]


def _fitting(texts: Sequence[str], words: int) -> int:
    """The number of texts, from the first on, that together have at most `words` words."""
    counts = np.cumsum([len(text.split()) for text in texts])
    return int((counts <= words).sum())


def _sentences(index: Index, entry: AnyEntry) -> Iterator[Piece]:
    return (piece for piece, _ in _numbered(index, entry))


def _numbered(index: Index, entry: AnyEntry) -> Iterator[tuple[Piece, int]]:
    """The sentences of an entry, each with its number in the index."""
    for place in index.passages_of.get(entry.id, ()):
        for number in index.sentences_of.get(place, ()):
            sentence = index.sentences[number]
            yield Piece(entry, index.passages[place].field, sentence.start, sentence.end), number


def _pieces_of(index: Index, entry: AnyEntry, field: str) -> list[Piece]:
    return [Piece(entry, field, *span) for span in sentence_spans(index, entry, field)]
