"""Views of an open index without the entries dated after a given day, for answers "as of" that day."""

from dataclasses import replace
from datetime import date

import numpy as np

from . import dates
from .catalogue import Catalogue
from .chunk import Sentence
from .generation import Index
from .models import AnyEntry


def counts_on(entry: AnyEntry, day: date) -> bool:
    """Whether an entry existed on a day: it has no date, or the first day that its date covers is not later.

    A date known only to its month or year counts from its first day: "2024-06" counts on 15 June 2024.
    """
    return entry.date is None or dates.span(entry.date)[0] <= day


def later(catalogue: Catalogue, day: date) -> frozenset[str]:
    """Ids of the entries that are dated after a day."""
    return frozenset(entry.id for entry in catalogue.entries if not counts_on(entry, day))


def without(index: Index, left_out: frozenset[str]) -> Index:
    """A view of an index without some entries, their passages and their sentences.

    The view shares vectors and vector store with the whole index. BM25 weights of words are those of the whole index.

    Args:
        index: The open index.
        left_out: Ids of the entries to leave out.
    """
    kept = tuple(entry for entry in index.catalogue.entries if entry.id not in left_out)
    catalogue = Catalogue(kept, aliases=index.catalogue.aliases)
    keep_passage = np.array([passage.entry_id not in left_out for passage in index.passages], bool)
    new_place = np.cumsum(keep_passage) - 1
    passages = tuple(passage for passage, keep in zip(index.passages, keep_passage, strict=True) if keep)
    keep_sentence = np.array([keep_passage[sentence.passage] for sentence in index.sentences], bool)
    sentences = tuple(
        Sentence(int(new_place[sentence.passage]), sentence.start, sentence.end)
        for sentence, keep in zip(index.sentences, keep_sentence, strict=True)
        if keep
    )
    new_sentence = np.cumsum(keep_sentence) - 1
    keep_question = np.array([question.entry_id not in left_out for question in index.questions], bool)
    questions = tuple(
        replace(question, sentence=int(new_sentence[question.sentence]) if question.sentence >= 0 else -1)
        for question, keep in zip(index.questions, keep_question, strict=True)
        if keep
    )
    return replace(
        index,
        catalogue=catalogue,
        passages=passages,
        sentences=sentences,
        sentence_rows=index.sentence_rows[keep_sentence],
        questions=questions,
        question_rows=index.question_rows[keep_question],
        words=index.words.within(keep_passage),
        store=index.store.within(frozenset(catalogue.by_id)) if index.store is not None and passages else None,
    )
