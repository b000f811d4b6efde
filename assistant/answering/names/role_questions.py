"""Answers "Who is the chief executive of X?", "Who founded X?", "Who made X?" and "Who wrote X?" from the texts.

The answer is the sentence that has both the role and the name. If only the name is known, the answer says so.
"""

import re
from collections.abc import Callable, Sequence

from assistant.answering import refusal
from assistant.answering.composition import Piece
from assistant.answering.definitions import sentence_spans
from assistant.draft import Draft
from assistant.understanding.occurrences import Occurrence, Occurrences
from assistant.understanding.role_asked import FIRST_LEADERS, NAME, RoleAsked, role_asked
from assistant.understanding.titles import WITHIN, Name, Titles, bare, name_of, words_of
from index.generation import Index
from index.lexical import terms
from index.models import AnyEntry, Event

from .dated_quotes import draft_of

MAX_SENTENCES = 2
_LONGEST_NAME = 9
_WORK = re.compile(
    r"^(?:the )?(?:(?:original |famous )?(?:research )?(?:paper|article|book|report|post|study)(?: called| titled| on| about)? )?"
    r"(?P<name>.+?)(?: (?:paper|article|book|report|post|study))?$",
    re.IGNORECASE,
)
_SORTS = frozenset("team company lab project group model chatbot app startup firm institute programme program".split())
_PASSING = re.compile(r"\b(?:interim|former|acting)\b", re.IGNORECASE)
_NAMES_AUTHORS = re.compile(r"\b(?:wrote|written by|authors are)\b", re.IGNORECASE)
_AUTHORS_AFTER = re.compile(r"\b(?:by|authors are|led by|authors)\b")
_MADE_BY = re.compile(r"^[^.;]{0,60}\b(?:by|from) (?:the )?[A-Z]")
_MAKER = re.compile(r"^(?:\w+ )?[A-Z][\w.-]*")
_OWNER = re.compile(r"^(?:\w+ )?[A-Z][\w.-]+['’]s (?:\w+ ){0,2}$")
_LEAVES = re.compile(
    r"\b(?:dismiss\w*|fired|ousted|remov\w+|resign\w*|leav\w+|left|depart\w*|stepp?\w* down|died|retire\w*|replac\w+|succeed\w*|tak\w+ over|took over)\b",
    re.IGNORECASE,
)


class RoleQuestions:
    """Answers questions for a role in one catalogue."""

    def __init__(self, index: Index, occurrences: Occurrences, titles: Titles) -> None:
        self._index = index
        self._occurrences = occurrences
        self._titles = titles
        self._find: dict[str, Callable[[RoleAsked, Name], list[Piece]]] = {
            "leader": self._in_role,
            "other": self._in_role,
            "founder": self._founders,
            "maker": self._makers,
            "author": self._authors,
            "successor": self._successors,
        }

    def answer(self, question: str, began: float) -> Draft | None:
        """Answer a question for a role; None for any other question, or if the name is not one of the catalogue's."""
        asked = role_asked(question)
        name = bare([word.text for word in words_of(asked.name)]) if asked is not None else ()
        if asked is None or not 0 < len(name) <= _LONGEST_NAME:
            return None
        if name[-1] in _SORTS and not self._occurrences.of(name):
            name = name[:-1]  # "the Superalignment team"
        pieces = self._find[asked.kind](asked, name)
        if pieces:
            return draft_of(pieces, began)
        if asked.kind in {"maker", "author", "successor"} or not self._occurrences.is_name(name):
            return None  # the search may know it under another name
        return self._half_held(asked, name, began)

    def _half_held(self, asked: RoleAsked, name: Name, began: float) -> Draft:
        """Another leading role at the name, after a note that the role was not found; a refusal if there is none."""
        found = self._occurrences.of(name)
        note = refusal.role_not_found(found[0].text[found[0].start : found[0].end], asked.wanted)
        leading = [one for one in found if self._is_held(one, FIRST_LEADERS)]
        is_first = asked.kind == "founder" or asked.qualifier == "first"
        leading.sort(key=lambda one: one.date or "9" * is_first, reverse=not is_first)
        if leading:
            return draft_of(_distinct(leading)[:1], began, note)
        return Draft("", (), (), 0.0, began, note, tuple(dict.fromkeys(one.entry.id for one in found)))

    def _in_role(self, asked: RoleAsked, name: Name) -> list[Piece]:
        """The newest sentence in which a person has the role at the name."""
        found = [one for one in self._occurrences.of(name) if self._is_held(one, asked.told)]
        which = asked.qualifier
        found.sort(
            key=lambda one: (which in one.text if which else not _PASSING.search(one.text), one.date), reverse=True
        )
        return _distinct(found)[:1]

    def _founders(self, asked: RoleAsked, name: Name) -> list[Piece]:
        """The sentences in which people found the name, those that begin with the name first."""
        found = [one for one in self._occurrences.of(name) if self._is_held(one, asked.told)]
        found.sort(key=lambda one: (one.start > len("the former "), one.date))
        return _distinct(found)[:MAX_SENTENCES]

    def _makers(self, asked: RoleAsked, name: Name) -> list[Piece]:
        """The sentence in which somebody makes or presents the name: from its own entry, or else the oldest."""
        titled = {entry.id for _, events in self._titles.titled(name) for entry in events}
        found = []
        written = self._occurrences.of(name)
        alone = [one for one in written if not one.is_within_longer] or written
        for one in alone:
            before, after = one.text[: one.start], one.text[one.end :]
            has_maker = (_MAKER.match(before) and asked.told.search(before)) or _OWNER.search(before)
            if has_maker or (asked.told.search(after) and _MADE_BY.match(after)):
                found.append(one)
        found.sort(key=lambda one: (one.piece.start > 0, one.entry.id not in titled, one.date or "9"))
        return _distinct(found)[:1]

    def _authors(self, asked: RoleAsked, name: Name) -> list[Piece]:
        """The sentence of the work's own entry that names its authors."""
        work = _WORK.match(asked.name)
        forms = [name, bare([word.text for word in words_of(work["name"])])] if work else [name]
        entries = next((entries for form in forms if (entries := self._works(form))), ())
        pieces = [piece for entry in entries[:1] for piece in self._sentences(entry)]
        best = max(pieces, key=lambda piece: self._authorship(piece, asked.told), default=None)
        return [best] if best is not None and self._authorship(best, asked.told) > 0 else []

    def _successors(self, asked: RoleAsked, name: Name) -> list[Piece]:
        """The sentences that name the successor of a person, in an entry about the person's departure."""
        full = self._occurrences.full_name(name)
        if full is None:
            return []
        left = [one for one in self._occurrences.of_person(full) if _LEAVES.search(one.text)]
        entries = {one.entry.id: one.entry for one in left}
        pieces = [piece for entry in entries.values() for piece in self._sentences(entry)]
        found = [piece for piece in pieces if asked.told.search(piece.quote) and self._others_than(full, piece.quote)]
        found.sort(key=lambda piece: full[-1] in name_of(piece.quote), reverse=True)
        return found[:1]

    def _others_than(self, full: Name, text: str) -> bool:
        return any(name_of(person) != full for person, _ in self._occurrences.people_in(text))

    def _works(self, name: Name) -> Sequence[AnyEntry]:
        """The entry that a name stands for: by its title, or by its first sentence."""
        titled = self._titles.titled(name)
        if titled and (titled[0][0] != WITHIN or len(titled[0][1]) == 1):
            return titled[0][1]
        own = [one.entry for one in self._occurrences.of(name) if not one.piece.start and isinstance(one.entry, Event)]
        return sorted(own, key=lambda entry: entry.date or "9")[:1]

    def _sentences(self, entry: AnyEntry) -> list[Piece]:
        fields = [field for field in ("summary", "tldr") if field in entry.texts()]
        return [Piece(entry, field, *span) for field in fields for span in sentence_spans(self._index, entry, field)]

    def _authorship(self, piece: Piece, wrote: re.Pattern[str]) -> float:
        """How surely a sentence names the authors of its entry: people who wrote or presented something."""
        text = piece.quote
        people = self._occurrences.people_in(text)
        if not people or not wrote.search(text):
            return 0.0
        is_agent = people[0][1] < len("The authors ") or _AUTHORS_AFTER.search(text[: people[0][1]]) is not None
        plainly = _NAMES_AUTHORS.search(text) is not None
        return (len(people) + 2 * plainly - 0.1 * bool(piece.start)) if is_agent else 0.0

    def _is_held(self, one: Occurrence, told: re.Pattern[str]) -> bool:
        """Whether a sentence states a role at a name and names a person."""
        marked = f"{one.text[: one.start]}{NAME}{one.text[one.end :]}"
        return told.search(marked) is not None and bool(self._occurrences.people_in(one.text))


def _distinct(found: Sequence[Occurrence]) -> list[Piece]:
    """The sentences in order, without those that say again what an earlier one says."""
    chosen: list[Piece] = []
    for one in found:
        own = set(terms(one.text))
        others = [set(terms(piece.quote)) for piece in chosen]
        if all(len(own & other) < min(len(own), len(other)) / 2 for other in others):
            chosen.append(one.piece)
    return chosen
