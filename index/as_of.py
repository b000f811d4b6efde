"""An open index as it would be without the entries dated after a day: nothing later can be found, listed or linked."""

from dataclasses import replace
from datetime import date

import numpy as np

from . import dates
from .catalogue import Catalogue
from .chunk import Sentence
from .generation import Index
from .models import AnyEntry


def counts_on(entry: AnyEntry, day: date) -> bool:
    """Whether an entry counts on a day: it has no date, or the first day that its date may mean is not later.

    A date known only to its month or year counts from its first day on: "2024-06" counts on 15 June 2024.
    """
    return entry.date is None or dates.span(entry.date)[0] <= day


def later(catalogue: Catalogue, day: date) -> frozenset[str]:
    """Ids of the entries that do not count on a day yet."""
    return frozenset(entry.id for entry in catalogue.entries if not counts_on(entry, day))


def without(index: Index, left_out: frozenset[str]) -> Index:
    """A view of an index without some entries, their passages and their sentences.

    Vectors and the vector store are shared with the whole index; the weights of words stay those of the whole index.
    """
    catalogue = Catalogue(tuple(entry for entry in index.catalogue.entries if entry.id not in left_out))
    kept = np.array([passage.entry_id not in left_out for passage in index.passages], bool)
    place = np.cumsum(kept) - 1
    passages = tuple(passage for passage, keep in zip(index.passages, kept, strict=True) if keep)
    said = np.array([kept[sentence.passage] for sentence in index.sentences], bool)
    sentences = tuple(
        Sentence(int(place[sentence.passage]), sentence.start, sentence.end)
        for sentence, keep in zip(index.sentences, said, strict=True)
        if keep
    )
    return replace(
        index,
        catalogue=catalogue,
        passages=passages,
        sentences=sentences,
        sentence_rows=index.sentence_rows[said],
        words=index.words.within(kept),
        store=index.store.within(frozenset(catalogue.by_id)) if index.store is not None and passages else None,
    )
