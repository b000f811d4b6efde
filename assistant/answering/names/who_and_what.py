"""Answers "Who is X?", "What is X?" and "Tell me about X" if the texts name X but no entry is about it.

Questions about a thing with an entry of its own are left to `named_entry`.
"""

import re
import time
from collections.abc import Callable

from assistant.answering import refusal
from assistant.draft import Draft
from assistant.understanding.mentions import Mentions
from assistant.understanding.occurrences import Occurrences
from assistant.understanding.phrases import OPENER, TELL_ME
from assistant.understanding.titles import WITHIN, Name, Titles, bare, words_of
from index.generation import Index

from .dated_quotes import draft_of
from .named_entry import Named
from .named_things import NamedThings
from .role_questions import RoleQuestions

_LONGEST_NAME = 5
_ASKED = re.compile(
    rf"^{OPENER}{TELL_ME}?+(?:(?P<who>who(?:['’]?s| is| was| are| were| the hell is| exactly is)|who)|"
    r"(?P<what>what(?:['’]?s| is| are| was)(?: exactly)?|(?:tell me|talk|give me info|(?:some )?info(?:rmation)?|"
    r"(?:what|anything) (?:do you|can you tell me|do we) ?(?:know )?)(?: something| more| a bit| anything)? about|about|describe|explain))\s++"
    r"(?P<rest>\S.*?)(?:,? (?:exactly|again|anyway|please|then|actually|is|was))*\W*$",
    re.IGNORECASE,
)


class WhoAndWhat:
    """Answers questions about the people, organisations and products that the texts of one catalogue name."""

    def __init__(self, index: Index, occurrences: Occurrences) -> None:
        self._occurrences = occurrences
        self._titles = Titles(index.catalogue)
        self._mentions = Mentions(index)
        self.things = NamedThings(index, occurrences, self._titles)
        self._named = Named(index, self._titles, self._mentions)
        self._roles = RoleQuestions(index, occurrences, self._titles)

    def answer(self, question: str, defined: Callable[[str], object]) -> Draft | None:
        """Answer a question about a person, an organisation, a product or another named thing; None for any other.

        Args:
            question: The question, understandable without a conversation.
            defined: Returns None for a question that no guide and no glossary answers.
        """
        return self._from_texts(question, defined) or self._named.answer(question, defined)

    def _from_texts(self, question: str, defined: Callable[[str], object]) -> Draft | None:
        began = time.perf_counter()
        text = " ".join(question.split())
        by_role = self._roles.answer(text, began)
        if by_role is not None:
            return by_role
        match = _ASKED.match(text)
        if match is None:
            name = _name_of(text)
            pieces = self.things.describe_person(name) if len(name) > 1 and self._occurrences.is_person(name) else []
            return draft_of(pieces, began) if pieces else None
        name = _name_of(match["rest"])
        if not 0 < len(name) <= _LONGEST_NAME:
            return None
        return self._described(match, name, question, defined, began)

    def _described(
        self, match: re.Match[str], name: Name, question: str, defined: Callable[[str], object], began: float
    ) -> Draft | None:
        if match["who"] or self._occurrences.full_name(name) is not None:
            pieces = self.things.describe_person(name)
            if pieces:
                return draft_of(pieces, began)
        if defined(question) is not None or defined(f"What is {match['rest']}?") is not None:
            return None
        titled = self._titles.titled(name)
        if match["what"] and titled and titled[0][0] != WITHIN and match["what"].casefold().startswith("what"):
            return None
        if self._occurrences.is_name(name):
            pieces = self.things.describe_thing(name)
            if pieces:
                return draft_of(pieces, began)
            pieces = self.things.doings(name)
            if pieces:
                first = self._occurrences.of(name)[0]
                return draft_of(pieces, began, refusal.only_doings(first.text[first.start : first.end]))
        return self._unknown(match, name, began) if match["who"] and not titled else None

    def _unknown(self, match: re.Match[str], name: Name, began: float) -> Draft | None:
        """A refusal of "Who is Ada Example?" if no text and no field has that name."""
        words = words_of(match["rest"])
        is_name = len(name) > 1 and all(word.is_proper for word in words)
        if not is_name or self._mentions.occurs(match["rest"]):
            return None
        return Draft("", (), (), 0.0, began, refusal.not_mentioned(match["rest"]))


def _name_of(text: str) -> Name:
    return bare([word.text for word in words_of(text)])
