"""Answers "When was X released?", "What is X?" and "Who made X?" if a title of the catalogue names X.

The date of an event is a field, so the answer is as exact as the field, whatever verb the question uses. If any part of a
question is not understood, the question is left to the search.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence

from assistant.answer import Citation, Sentence
from assistant.answering import refusal
from assistant.answering.composition import Piece, compose, escape, first_sentence, title_piece
from assistant.answering.definitions import sentence_spans
from assistant.draft import Draft
from assistant.understanding import mentions, named_question
from assistant.understanding.mentions import Mentions
from assistant.understanding.named_question import DateAsked
from assistant.understanding.phrases import DATE_FILLERS, HAPPENED_LATER_TERMS
from assistant.understanding.titles import LONGEST, WITHIN, Titles, Word, bare, words_of
from index import dates
from index.generation import Index
from index.lexical import stem
from index.models import AnyEntry, Event

from .named_matches import NamedMatch, has_that_date, is_enumeration, may_be_name, title_stems

MAX_ENTRIES = 3
"""Entries shown for one name: several things may have the same name."""
MAX_OPENING_SENTENCES = 3
"""Sentences quoted to say what a thing is."""
_DATE_LENGTH = {"day": 10, "date": 10, "month": 7}
"""Characters that a date needs to state a day or a month: YYYY-MM-DD, YYYY-MM."""
_MIN_DESCRIPTION_WORDS = 3
_DESCRIBED_CANDIDATES = 20
"""Passages, best first, whose entries are compared with a description."""
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


class Named:
    """Answers questions about one named thing of a catalogue."""

    def __init__(self, index: Index, titles: Titles, mentions: Mentions) -> None:
        self._index = index
        self._titles = titles
        self._mentions = mentions

    def answer(self, question: str, defined: Callable[[str], object]) -> Draft | None:
        """Answer a question about a named thing; None for any other question.

        Args:
            question: The question, understandable without a conversation.
            defined: Returns None for a question that no guide and no glossary answers.
        """
        began = time.perf_counter()
        date_question = named_question.date_asked(question)
        if date_question is not None:
            return self._when(date_question, began)
        made = named_question.maker_asked(question)
        if made is not None:
            return self._maker(made[1], began)
        thing = named_question.thing_asked(question)
        if thing is None or defined(question) is not None:
            return None
        return self._what(*thing, began)

    def _when(self, asked: DateAsked, began: float) -> Draft | None:
        several = self._several(asked.words)
        if several:
            return self._date_of(several, asked.unit, began)
        matches = sorted(
            self._matches(asked.words), key=lambda match: (match.rank == WITHIN, -len(match.name), match.rank)
        )
        for match in matches:
            fitting = [entry for entry, left in match.events if has_that_date(entry, left, match, asked.words)]
            if len(fitting) > 1 and match.rank == WITHIN:
                return None
            if fitting:
                return self._date_of(fitting, asked.unit, began)
        exact = [match for match in matches if match.rank != WITHIN]
        if exact:
            return _other_statement(*exact[0].events[0], began)
        described = self._described(asked.words)
        if described is not None:
            return self._date_of([described], asked.unit, began)
        names = named_question.names_in(asked.said, asked.words)
        return self._mentioned(asked, names[0], began) if len(names) == 1 and not matches else None

    def _date_of(self, entries: Sequence[Event], unit: str, began: float) -> Draft | None:
        """The dates of entries; a refusal if none has a date, and None if a text may state it."""
        dated = sorted((entry for entry in entries if entry.date), key=lambda entry: dates.sort_key(entry.date))
        if dated:
            return self._dated(dated[:MAX_ENTRIES], unit, began)
        if any(_YEAR.search(text) for entry in entries for text in entry.texts().values()):
            return None
        return _refusal(refusal.no_date_recorded(entries[0].title), entries, began)

    def _several(self, words: Sequence[Word]) -> list[Event]:
        """The events in "When were X and Y released?": two or more whole titles, and one statement about all of them."""
        found = self._titles.named_in(words)
        if not is_enumeration(words, sorted(found.values())):
            return []
        inside = {at for start, end in found.values() for at in range(start, end)}
        rest = [word for at, word in enumerate(words) if at not in inside and word.text not in DATE_FILLERS]
        is_about_later = any(word.is_proper or stem(word.text) in HAPPENED_LATER_TERMS for word in rest)
        if len(rest) > 1 or is_about_later:
            return []
        return [entry for name in found for entry in self._titles.titled(name)[0][1]]

    def _maker(self, words: Sequence[Word], began: float) -> Draft | None:
        """The opening of an entry after its organisation or source, if a field has one."""
        found = self._titles.titled(bare([word.text for word in words]))
        attributed = [entry for entry in found[0][1] if entry.organisations or entry.source] if found else []
        if not attributed or found[0][0] == WITHIN:
            return None
        pieces = [piece for entry in attributed[:MAX_ENTRIES] for piece in self._opening(entry, with_title=True)]
        return Draft(*compose(pieces), 1.0, began)

    def _described(self, words: Sequence[Word]) -> Event | None:
        """The only event whose title has all words of the question: "When did a self-driving Uber kill a pedestrian?"."""
        stems = {stem(word.text) for word in words if word.text not in DATE_FILLERS}
        if len(stems) < _MIN_DESCRIPTION_WORDS:
            return None
        scores = self._index.words.scores(sorted(stems))
        best = sorted(scores.nonzero()[0], key=lambda place: -scores[place])[:_DESCRIBED_CANDIDATES]
        entry_ids = dict.fromkeys(self._index.passages[int(place)].entry_id for place in best)
        described = [
            entry
            for entry in map(self._index.catalogue.by_id.__getitem__, entry_ids)
            if isinstance(entry, Event) and stems <= title_stems(entry)
        ]
        return described[0] if len(described) == 1 else None

    def _mentioned(self, asked: DateAsked, name: Sequence[Word], began: float) -> Draft | None:
        """The date of an entry that mentions a name which is in no title; a refusal if no entry does."""
        key = bare([word.text for word in name])
        if self._titles.titled(key):
            return self._longer_name_unknown(asked, name, began)
        verbs = {stem(word.text) for word in asked.words if word not in name and word.text not in DATE_FILLERS}
        mentioning = {}
        for entry, piece in self._mentions.sentences(key):
            mentioning[entry.id] = entry
            if not isinstance(entry, Event) or not entry.date or _YEAR.search(piece.quote):
                continue
            if named_question.tells_of(key, piece.quote, verbs):
                text = " ".join(f"{dates.in_words(entry.date)}: {piece.quote}".split())
                sentence = Sentence(text, (1,), 1.0)
                return Draft(f"{escape(text)} [1]", (sentence,), (piece.citation(1),), 1.0, began)
        longer = [entry for entry in mentioning.values() if set(key) <= {word.text for word in words_of(entry.title)}]
        if longer and any(text[0].isdigit() for text in key):
            reason = refusal.date_of_part_not_stated(longer[0].title, _written(asked.said, name))
            return _refusal(reason, longer, began)
        return self._unknown(asked.said, name, began)

    def _longer_name_unknown(self, asked: DateAsked, name: Sequence[Word], began: float) -> Draft | None:
        """A refusal of "When was Quiet-5 mini released?" if the catalogue has Quiet-5 but no Quiet-5 mini."""
        rest = asked.words[asked.words.index(name[-1]) + 1 :]
        if len(rest) < 2 or rest[0].text in DATE_FILLERS:
            return None
        longer = [*name, rest[0]]
        if not named_question.came_about(rest[1:]) or self._mentions.has(tuple(word.text for word in longer)):
            return None
        written = _written(asked.said, longer)
        return None if self._mentions.occurs(written) else _refusal(refusal.not_mentioned(written), (), began)

    def _matches(self, words: Sequence[Word]) -> Iterator[NamedMatch]:
        """The parts of a question that name events, if at most one other word is left over."""
        for start in range(len(words)):
            for end in range(min(len(words), start + LONGEST), start, -1):
                if not may_be_name(words, start, end):
                    continue
                texts = tuple(word.text for word in words[start:end])
                for rank, named in self._titles.titled(texts):
                    left = [(entry, named_question.left_over(words, start, end, entry)) for entry in named]
                    events = [(entry, rest) for entry, rest in left if len(rest) <= 1]
                    if events:
                        yield NamedMatch(rank, texts, events)

    def _dated(self, events: Sequence[Event], unit: str, began: float) -> Draft:
        """The dates of events, each with its title and its first sentence."""
        sentences: list[Sentence] = []
        citations: list[Citation] = []
        paragraphs = []
        for entry in events:
            assert entry.date is not None  # the caller passes dated events only
            is_too_coarse = len(entry.date) < _DATE_LENGTH.get(unit, 0)
            note = f" (the {'day' if unit == 'date' else unit} is not recorded)" if is_too_coarse else ""
            lead = f"{dates.in_words(entry.date)}{note}: "
            parts = []
            opening = first_sentence(self._index, entry)
            for piece in [title_piece(entry), *([opening] if opening else [])]:
                number = len(citations) + 1
                text = " ".join(f"{lead if piece.field == 'title' else ''}{piece.quote}".split())
                citations.append(piece.citation(number))
                sentences.append(Sentence(text, (number,), 1.0))
                parts.append(f"{escape(text)} [{number}]")
            paragraphs.append(" ".join(parts))
        return Draft("\n\n".join(paragraphs), tuple(sentences), tuple(citations), 1.0, began)

    def _what(self, text: str, words: Sequence[Word], began: float) -> Draft | None:
        name = bare([word.text for word in words])
        found = self._titles.titled(name)
        if found:
            rank, events = found[0]
            if rank == WITHIN and len(events) > 1:
                return None
            with_title = rank == WITHIN
            pieces = [piece for entry in events[:MAX_ENTRIES] for piece in self._opening(entry, with_title=with_title)]
            return Draft(*compose(pieces), 1.0, began)
        for _, piece in self._mentions.sentences(name):
            if named_question.says_what(name, piece.quote):
                return Draft(*compose([piece]), 1.0, began)
        names = named_question.names_in(text, words)
        return self._unknown(text, names[0], began) if len(names) == 1 and len(names[0]) == len(name) else None

    def _opening(self, entry: AnyEntry, *, with_title: bool) -> list[Piece]:
        """The first sentences of an entry; its title if it has no sentence, or before them if `with_title`."""
        first = first_sentence(self._index, entry)
        if first is None:
            return [title_piece(entry)]
        spans = sentence_spans(self._index, entry, first.field)[:MAX_OPENING_SENTENCES]
        opening = [Piece(entry, first.field, *span) for span in spans]
        return [title_piece(entry), *opening] if with_title else opening

    def _unknown(self, text: str, name: Sequence[Word], began: float) -> Draft | None:
        """A refusal if the name occurs nowhere in the catalogue."""
        written = _written(text, name)
        if not self._mentions.is_unknown(name) or self._mentions.occurs(written):
            return None
        return _refusal(refusal.not_mentioned(written), (), began)


def _other_statement(entry: Event, left: Sequence[Word], began: float) -> Draft:
    """A refusal: the question says something about the thing that its entry does not say."""
    if any(word.is_proper for word in left) and not mentions.is_in_entry(left[0].said, entry):
        return _refusal(refusal.nothing_about_name(entry.title, left[0].said), [entry], began)
    return _refusal(refusal.date_not_stated(entry.title), [entry], began)


def _written(text: str, name: Sequence[Word]) -> str:
    """A name as the text writes it."""
    return text[name[0].start : name[-1].end]


def _refusal(reason: str, entries: Sequence[AnyEntry], began: float) -> Draft:
    return Draft("", (), (), 0.0, began, reason, tuple(entry.id for entry in entries[:MAX_ENTRIES]))
