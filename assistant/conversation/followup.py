"""Rewrites a follow-up question so that it can be searched without its conversation, by rules alone.

A stand-alone question is not changed. Any other question is completed with the topic of the conversation, with the
previous question as it was searched, or with the titles of the entries that the last answer cited. A reply that accepts
an offer ("yes", "the second one") becomes the question that was offered.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.answer import Turn
from assistant.understanding import reading as questions
from assistant.understanding.vocabulary import NameRank, Vocabulary
from index.catalogue import Catalogue
from index.lexical import LexicalIndex, terms
from index.models import Level

from . import history as conversation
from . import offers, pronouns, topic
from .acts import Recogniser
from .completion import Completer, content_of, short_title
from .context import NOTHING, Background, affinity, background_of
from .continuation import Continuation
from .list_follow_ups import ListFollowUps, act_of
from .references import References
from .replacements import Replacer
from .spoken_of import PeopleIn

__all__ = ["Resolved", "Resolver", "short_title"]

LEANING_WEIGHT, LEANING_SHARE = 0.3, 0.5
"""For a follow-up question: the weight of earlier words, and the weight of their vector."""
ALONE_WEIGHT = 2.5
MOST_WEIGHT = 0.4
"""For a stand-alone question, earlier words have the weight `ALONE_WEIGHT` * `affinity`, at most `MOST_WEIGHT`."""
NEW_SUBJECT = 0.1
"""An `affinity` below this threshold means that the question changes the subject."""
NEW_SUBJECT_CHANCE, READ_TOGETHER = 0.2, 0.3
"""A question that continues the conversation less probably than this changes the subject, or is read without it."""
_LOOKED_BACK = 12
"""Maximum number of earlier questions that are read; older questions rarely matter."""
_LONGEST = 2_000
"""Maximum number of characters of a turn that are read."""
_MAX_TOPIC_CHARACTERS = 1_000
"""Maximum number of characters of an earlier question in which its topic is searched."""
_NAMING = 2
"""Minimum number of words in a phrase that names a subject which is not in the catalogue."""
_OPENED_SINCE = 3
"""Maximum number of entries opened one after the other from the same list."""
_DESCRIBING = 4
"""Minimum number of content words in a question that describes its own subject."""
_TELLING = 3
"""Minimum number of content words in a question with a subject of its own."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question that can be searched without its conversation, and what the conversation added to it."""

    text: str
    changed: bool = False
    carried: tuple[str, ...] = ()
    level: Level | None = None
    wants_more: bool = False
    leans: bool = False
    """Whether the question depends on the conversation. Its text is changed only where a word stands for something."""
    background: Background = NOTHING
    """Earlier questions, used only by the search; they are not part of this question."""
    is_offered: bool = False
    """Whether the text is a question that was offered, and the user's message only accepts it."""
    earlier: tuple[str, ...] = ()
    """The user's messages on the same subject before this one, oldest first, in which the entry reader reads it."""

    @property
    def stands_for_another(self) -> bool:
        """Whether the text is another question than the user's message: an earlier one again, or an offered one."""
        return self.wants_more or self.level is not None or self.is_offered


class Resolver:
    """Resolves follow-up questions with the names of one catalogue."""

    def __init__(
        self,
        catalogue: Catalogue,
        vocabulary: Vocabulary,
        words: LexicalIndex,
        lists: ListFollowUps | None = None,
        replacer: Replacer | None = None,
        people_in: PeopleIn = lambda _text: [],
        recogniser: Recogniser | None = None,
    ) -> None:
        """Create a resolver.

        Args:
            catalogue: The catalogue.
            vocabulary: The names in it.
            words: Gives the weight and the frequency of each index term.
            lists: Completes what is said after a list.
            replacer: Replaces a thing in the previous question by a new one of the same type.
            people_in: Finds the people named in a text, for "he", "she" and "they".
            recogniser: Knows acts, to tell whether a message continues the subject; None to go by rules.
        """
        self._lists = lists
        self._catalogue = catalogue
        self._words = words
        # Cached, because each later question needs these results again for all earlier questions.
        self._own_topic = lru_cache(maxsize=256)(self._find_own_topic)
        self.references = References(catalogue, vocabulary, words)
        continuation = Continuation(self.references, recogniser)
        self._continues = lru_cache(maxsize=64)(continuation.probability)  # asked for twice in one question
        self._start = lru_cache(maxsize=64)(continuation.start)
        replaced = {"replaced": replacer.replaced} if replacer is not None else {}
        self._completer = Completer(catalogue, self.references.names, self.references.pointer, people_in, **replaced)

    def resolve(self, question: str, history: Sequence[Turn] = ()) -> Resolved:
        """Return the question in the form in which it is searched; unchanged if it stands alone."""
        resolved = self._read(question, history)
        said = [turn.content[:_LONGEST] for turn in history if turn.role == "user" and turn.content.strip()]
        text = " ".join(question.split())
        if not said or resolved.wants_more:
            return resolved
        thread = self._thread(said)
        if not resolved.stands_for_another and self._continues(text, thread[-1], thread[0]) >= READ_TOGETHER:
            resolved = replace(resolved, earlier=tuple(thread[-conversation.READ_TURNS :]))
        if not resolved.changed and not resolved.leans:
            return replace(resolved, background=self._behind(text, said))
        if resolved.level is not None or resolved.text in said:
            return resolved
        own = text if self.references.pointer(text) else None
        background = background_of(
            resolved.text, said, weight=LEANING_WEIGHT, share=LEANING_SHARE, own=own, spoken=text
        )
        return replace(resolved, background=background)

    def _thread(self, said: Sequence[str]) -> Sequence[str]:
        """Return the user's last messages from the one on with which their subject began."""
        return said[self._start(tuple(said[-_LOOKED_BACK:])) - min(len(said), _LOOKED_BACK) :]

    def question_of(self, history: Sequence[Turn]) -> str:
        """Return the last question of a conversation as it was searched; "" if there is none."""
        asked = [place for place, turn in enumerate(history) if turn.role == "user" and turn.content.strip()]
        if not asked:
            return ""
        last = history[asked[-1]]
        return last.searched_for or self._read(last.content[:_LONGEST], history[: asked[-1]]).text

    def cited_in(self, history: Sequence[Turn]) -> tuple[str, ...]:
        """Return the ids of the entries that the last answer of a conversation cited."""
        last = next((turn for turn in reversed(history) if turn.role == "assistant"), None)
        return self._cited(last) if last is not None else ()

    def _read(self, question: str, history: Sequence[Turn]) -> Resolved:
        """Resolve a question as `resolve` does, but without the background."""
        text = " ".join(question.split())
        asked = [place for place, turn in enumerate(history) if turn.role == "user" and turn.content.strip()]
        if not asked:
            return Resolved(question)
        if len(asked) > _LOOKED_BACK:
            return self._read(question, history[asked[-_LOOKED_BACK] :])
        last = history[asked[-1]]
        replies = [turn for turn in history[asked[-1] + 1 :] if turn.role == "assistant"]
        cited = self._cited(replies[-1]) if replies else ()
        said = [history[place].content[:_LONGEST] for place in asked]
        before = last.searched_for or self._read(last.content[:_LONGEST], history[: asked[-1]]).text
        if self._lists is not None and (title := self._lists.opened_title(before)):
            said[-1] = title  # "number 3" names nothing
        about_list = self._said_of_list(text, history, asked)
        if about_list is not None:
            return about_list
        if replies:
            offered = offers.taken_up(text, replies[-1], said)
            if offered is not None:
                # An offer may itself need completing: "Would you like to know who signed it?"
                whole = self._whole(offered, before, said, cited, replies)
                return Resolved(whole, changed=True, carried=cited, is_offered=True)
        if pronouns.MORE.match(text):
            return Resolved(before, changed=True, carried=cited, wants_more=True)
        level = _level_asked(text)
        if level is not None and self._says_little(text):
            return Resolved(before, changed=True, carried=cited, level=level)
        if self.references.stands_alone(text, cited) or self._changes_subject(text, said):
            return Resolved(question)
        whole = self._whole(text, before, said, cited, replies)
        return Resolved(
            question if whole == text else whole, changed=whole != text, carried=cited, level=level, leans=True
        )

    def _said_of_list(self, text: str, history: Sequence[Turn], asked: Sequence[int]) -> Resolved | None:
        """Resolve a message about the list shown last, or a request for another list; None for other messages."""
        if self._lists is None:
            return None
        if self.references.pointer(text) is None and self._lists.stands_alone(text):
            return Resolved(text)
        if act_of(text) is None:
            return None
        for number, place in enumerate(reversed(asked)):
            turn = history[place]
            before = turn.searched_for or self._read(turn.content[:_LONGEST], history[:place]).text
            if number < _OPENED_SINCE and self._lists.opened_title(before):
                continue  # after "the first one", "the third one" still means the list
            after = next((turn for turn in history[place + 1 :] if turn.role == "assistant"), None)
            request = self._lists.complete(before, text, after)
            return Resolved(request, changed=True) if request is not None else None
        return None

    def _behind(self, text: str, said: Sequence[str]) -> Background:
        """Return the earlier questions as background if a stand-alone question continues their subject."""
        near = affinity(self._words, text, background_of(text, said, weight=1.0))
        if near < NEW_SUBJECT:
            return NOTHING
        return background_of(text, said, weight=min(MOST_WEIGHT, round(ALONE_WEIGHT * near, 2)))

    def _changes_subject(self, text: str, said: Sequence[str]) -> bool:
        """Whether a question that looks incomplete has a new subject of its own."""
        thread = self._thread(said)
        if self._continues(text, thread[-1], thread[0]) < NEW_SUBJECT_CHANCE:
            return True
        if self.references.pointer(text) or pronouns.OPENER.match(text) or len(content_of(text)) < _TELLING:
            return False
        return affinity(self._words, text, background_of(text, said, weight=1.0)) < NEW_SUBJECT

    def _whole(self, text: str, before: str, said: Sequence[str], cited: Sequence[str], replies: Sequence[Turn]) -> str:
        """Return a text completed from the conversation; unchanged if it stands alone."""
        if self.references.stands_alone(text, cited):
            return text
        told = replies[-1].content[:_LONGEST] if replies else ""
        spoken_of = topic.conversation_topic(self._thread(said), self._own_topic)
        return self._completer.complete(text, before, spoken_of, cited, told)

    def _find_own_topic(self, question: str, *, first: bool) -> str:
        """Return the topic of a question by itself; "" for a follow-up question."""
        text = " ".join(question[:_MAX_TOPIC_CHARACTERS].split())
        if pronouns.MORE.match(text):
            return ""
        about = pronouns.ABOUT.match(text)
        if about is not None and self.references.pointer(text) is None:
            return topic.topic_of(about["rest"], self._words.idf)
        # "what happened with the Cruise car that dragged a woman" points to nothing: it names its own subject.
        describes = self.references.pointer(text) is None and len(content_of(text)) >= _DESCRIBING
        if not first and not describes and not self.references.stands_alone(text):
            return ""
        subject = questions.subject_of(text)
        if subject is not None and len(subject.split()) <= 4 and not re.search(r"\b(?:of|for|in|about)\b", subject):
            return subject
        phrase = topic.topic_of(text, self._words.idf)
        if len(terms(phrase)) < _NAMING and not self.references.names(phrase):
            return self._completer.words_of(text)  # one common word names nothing; use the question's own words
        return phrase

    def _says_little(self, text: str) -> bool:
        rest = pronouns.DEEPER.sub(" ", pronouns.SIMPLER.sub(" ", text))
        return not self.references.names(rest) and len(content_of(rest)) <= 2

    def _cited(self, turn: Turn) -> tuple[str, ...]:
        """Return the ids of the entries that an answer cited; if unknown, of up to three entries named in its text."""
        if turn.cited:
            return tuple(name for name in turn.cited if name in self._catalogue.by_id)
        found = [
            name.entries[0]
            for name in self.references.names(turn.content[:_LONGEST])
            if name.rank in {NameRank.DEFINED, NameRank.TITLE, NameRank.MENTIONED}
        ]
        return tuple(dict.fromkeys(found))[:3]


def _level_asked(text: str) -> Level | None:
    """Return the level that a request such as "explain that more simply" asks for."""
    if pronouns.SIMPLER.search(text):
        return "beginner"
    return "advanced" if pronouns.DEEPER.search(text) else None
