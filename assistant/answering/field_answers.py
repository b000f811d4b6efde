"""Answers from the fields of entries, without a search: authors, lists, counts, names, dates, comparisons."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from assistant.answer import Query
from assistant.draft import Draft
from assistant.retrieval.search import Searcher
from assistant.understanding import restrictions
from assistant.understanding.lists.entry_request import Request
from assistant.understanding.occurrences import Occurrences
from assistant.understanding.vocabulary import Vocabulary
from assistant.understanding.wording import last_question
from index.generation import Index

from .lists.comparison import Comparer
from .lists.entry_lists import EntryLists
from .lists.opened_entry import opened
from .names.authors import Authors
from .names.who_and_what import WhoAndWhat


class FieldAnswers:
    """Answers what fields decide, over one open index.

    Args:
        index: The open index.
        searcher: Embeds the words of lists.
        vocabulary: The names of the catalogue.
        occurrences: Where its texts name people, products and organisations.
        defined_in: Returns the id of the entry that defines the subject of "What is X?", or None.
        looked_up: Returns the draft of a plain question; for the sides of a comparison.
    """

    def __init__(
        self,
        index: Index,
        searcher: Searcher,
        vocabulary: Vocabulary,
        occurrences: Occurrences,
        *,
        defined_in: Callable[[str], str | None],
        looked_up: Callable[[str], Draft],
    ) -> None:
        self.records = EntryLists(index, searcher.embed)
        self.names = WhoAndWhat(index, occurrences)
        self._index = index
        self._authors = Authors(index.catalogue)
        self._defined_in = defined_in
        self._comparer = Comparer(index.catalogue, vocabulary, self.records, looked_up)

    def answer(self, query: Query, today: date, without: tuple[str, ...]) -> tuple[Query, Draft, Request | None] | None:
        """Return the query, its draft, and for a list its request; None if fields do not answer.

        Args:
            query: The parsed question.
            today: The day that "this year" and the like are counted from.
            without: Restrictions to ignore.
        """
        if query.intent == "summary" or query.wants_more:
            return None
        text = query.searched_for
        if (shown := opened(self._index, text)) is not None:
            return query, shown, None
        written = self._authors.answer(text, today)
        if written is not None:
            return replace(query, intent=written[1]), written[0], None
        listed = self.records.answer_question(text, today, without)
        if listed is not None:
            draft, request = listed
            return replace(query, intent=request.intent, filters=request.filters), draft, request
        named = self.names.answer(text, self._defined_in)
        if named is None and (asked := last_question(text)) is not None:
            named = self.names.answer(asked, self._defined_in)
        if named is not None:
            return query, named, None
        compared = self._comparer.answer(text)
        if compared is None:
            return None
        return replace(query, intent="compare"), compared, None

    def cited(self, text: str) -> frozenset[str] | None:
        """Return the ids of the entries that an answer without a search would cite; None if only a search can tell."""
        if defined := self._defined_in(text):
            return frozenset((defined,))
        listed = self.records.answer_question(text, restrictions.day(None))
        draft = listed[0] if listed else self.names.answer(text, self._defined_in)
        return draft.cited if draft else None
