"""A conversation and a question to a question that stands alone, without a language model.

First a decision: does the question stand alone? If so it stays exactly as it is. If not, it gets what it lacks: what the
conversation is about, the last question (as that was searched), the names of the entries that the last answer cited. A
reply that takes up an offer ("yes", "the second one") becomes the question that was offered.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.answer import Turn
from assistant.understanding import reading as questions
from assistant.understanding.vocabulary import Name, Vocabulary, key_of, names_in
from index.catalogue import Catalogue
from index.lexical import LexicalIndex, terms
from index.models import Level

from . import offers, pronouns, topic
from .context import NOTHING, Background, affinity, background_of
from .rewrite import Completer, content_of, short_title

__all__ = ["Resolved", "Resolver", "short_title"]


LEANING_WEIGHT = 0.3
LEANING_SHARE = 0.5
"""For a question that leans on the conversation: the weight of earlier words, the share of their vector."""
ALONE_WEIGHT = 2.5
MOST_WEIGHT = 0.4
"""For one that stands alone, earlier words weigh this much of its `affinity` to them, up to the most."""
NEW_SUBJECT = 0.1
"""Of `affinity`: below that, the subject is another."""
_LOOKED_BACK = 12
"""Questions; further back a conversation's subject has been said again, or left."""
_LONGEST = 2_000
"""Characters of a turn that are looked at."""
_MAX_TOPIC_CHARACTERS = 1_000
"""The topic of an earlier question is looked for in so many characters of it."""
_NAMING = 2
"""Words that a phrase needs to name its subject where the catalogue has no such name."""
_COMMON = 3
"""Passages that hold a word, for each entry that has it for a name: with more, it is a common word."""
_TELLING = 3
"""Words of content that a question needs to be about something by itself."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question that stands alone, and what the conversation added to it."""

    text: str
    changed: bool = False
    carried: tuple[str, ...] = ()
    level: Level | None = None
    wants_more: bool = False
    background: Background = NOTHING
    """What was asked before, for the search alone; it is no part of the question."""


class Resolver:
    """Resolves follow-ups against one catalogue's names."""

    def __init__(self, catalogue: Catalogue, vocabulary: Vocabulary, words: LexicalIndex) -> None:
        """`words` tells how much an index term tells, and whether it stands anywhere in the catalogue."""
        self._catalogue = catalogue
        self._vocabulary = vocabulary
        self._words = words
        # Each question of a conversation is looked at once for every question after it.
        self._own_topic = lru_cache(maxsize=256)(self._find_own_topic)
        self._pointer = lru_cache(maxsize=256)(self._find_pointer)
        self._completer = Completer(catalogue, self._names, self._pointer)

    def resolve(self, question: str, history: Sequence[Turn] = ()) -> Resolved:
        """The question as it is to be searched; unchanged where it stands alone."""
        resolved = self._read(question, history)
        said = [turn.content[:_LONGEST] for turn in history if turn.role == "user" and turn.content.strip()]
        text = " ".join(question.split())
        if not said or resolved.wants_more:
            return resolved
        if not resolved.changed:
            return replace(resolved, background=self._behind(text, said))
        if resolved.level is not None or resolved.text in said:
            return resolved
        own = text if self._pointer(text) else None
        background = background_of(
            resolved.text, said, weight=LEANING_WEIGHT, share=LEANING_SHARE, own=own, spoken=text
        )
        return replace(resolved, background=background)

    def _read(self, question: str, history: Sequence[Turn]) -> Resolved:
        """The question resolved, without its background."""
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
        if replies:
            offered = offers.taken_up(text, replies[-1], said)
            if offered is not None:
                # An offer may lean on the conversation itself: "Would you like to know who signed it?"
                return Resolved(self._whole(offered, before, said, cited, replies), changed=True, carried=cited)
        if pronouns.MORE.match(text):
            return Resolved(before, changed=True, carried=cited, wants_more=True)
        level: Level | None = None
        if pronouns.SIMPLER.search(text):
            level = "beginner"
        elif pronouns.DEEPER.search(text):
            level = "advanced"
        if level is not None and self._says_little(text):
            return Resolved(before, changed=True, carried=cited, level=level)
        if self.stands_alone(text, cited) or self._changes_subject(text, said):
            return Resolved(question)
        whole = self._whole(text, before, said, cited, replies)
        return Resolved(question if whole == text else whole, changed=whole != text, carried=cited, level=level)

    def _behind(self, text: str, said: Sequence[str]) -> Background:
        """The background of a question that stands alone: what was asked before, where it goes on about that."""
        near = affinity(self._words, text, background_of(text, said, weight=1.0))
        if near < NEW_SUBJECT:
            return NOTHING
        return background_of(text, said, weight=min(MOST_WEIGHT, round(ALONE_WEIGHT * near, 2)))

    def _changes_subject(self, text: str, said: Sequence[str]) -> bool:
        """Whether a question that seems to lack something asks, in words of its own, about something else."""
        if self._pointer(text) or pronouns.OPENER.match(text) or len(content_of(text)) < _TELLING:
            return False
        return affinity(self._words, text, background_of(text, said, weight=1.0)) < NEW_SUBJECT

    def _whole(self, text: str, before: str, said: Sequence[str], cited: Sequence[str], replies: Sequence[Turn]) -> str:
        """A text completed, where it leans on the conversation."""
        if self.stands_alone(text, cited):
            return text
        told = replies[-1].content[:_LONGEST] if replies else ""
        spoken_of = topic.followed(said, self._own_topic)
        return self._completer.complete(text, before, spoken_of, cited, told)

    def _find_own_topic(self, question: str, *, first: bool) -> str:
        """What a question is about by itself; "" where it leans on the questions before it."""
        text = " ".join(question[:_MAX_TOPIC_CHARACTERS].split())
        if pronouns.MORE.match(text):
            return ""
        about = pronouns.ABOUT.match(text)
        if about is not None and self._pointer(text) is None:
            return topic.topic_of(about["rest"], self._words.idf)
        if not first and not self.stands_alone(text):
            return ""
        subject = questions.subject_of(text)
        if subject is not None and len(subject.split()) <= 4 and not re.search(r"\b(?:of|for|in|about)\b", subject):
            return subject
        phrase = topic.topic_of(text, self._words.idf)
        if len(terms(phrase)) < _NAMING and not self._names(phrase):
            return self._completer.words_of(text)  # one common word names nothing; the question's own words do
        return phrase

    def stands_alone(self, text: str, cited: Sequence[str] = ()) -> bool:
        """Whether a question needs nothing from what was said before it; `cited` are the last answer's entries."""
        pointer = self._pointer(text)
        if pointer is not None:
            # "What is RLHF and why does it matter?": the pronoun's noun stands in an earlier clause. In its own clause
            # it cannot ("How did Anthropic improve it?"), save for the owner of something ("How does Anthropic test its …").
            before = text[: pointer.start()]
            clauses = pronouns.CLAUSE.split(before)
            bound = before if pointer["word"].lower() in pronouns.POSSESSIVE else before[: -len(clauses[-1]) or None]
            if any(name.is_proper for name in self._names(bound)):
                return True
            return any(self._names(clause) or len(content_of(clause)) > 1 for clause in clauses[:-1])
        if pronouns.ONE_OF_THEM.search(text):
            return False
        if pronouns.NAMES_ITSELF.search(text) and not pronouns.OPENER.match(text):
            return True
        opener = pronouns.OPENER.match(text)
        content = content_of(text[opener.end() :] if opener else text)
        if self._names(text) or any(len(name) > 1 and not at_start for name, _, at_start in names_in(text)):
            return opener is None or len(content) >= 4
        subject = questions.subject_of(text)
        if subject is not None and opener is None:
            # "What was the fine?" is said of something; "What is the capital of Peru?" says of what itself.
            described = re.search(r"\b(?:of|for|in|between|behind)\b", subject) is not None
            if described or not re.search(rf"\bthe\s+{re.escape(subject)}", text):
                return True
        if len(content) >= 2 and not any(map(self._words.frequency, content)):
            return True  # "how do I bake bread": a new subject, and none of ours
        # "the fine", "the third version": said of something that was spoken of.
        if len(content) <= 2 or (len(content) <= 5 and (opener is not None or pronouns.DEFINITE.search(text))):
            return False
        return len(content) > 4 or self._covered(content, cited) < 0.7

    def hangs(self, text: str) -> str | None:
        """The word by which a question without a conversation points at nothing: "it" in "Who made it?"; else None.

        Only where it tells hardly anything itself: what is told besides may be enough to find an answer.
        """
        pointer = self._pointer(text)
        if pointer is None or self._names(text) or len(content_of(text)) > 2 or self.stands_alone(text):
            return None
        return pointer["word"]

    def _covered(self, content: Sequence[str], cited: Sequence[str]) -> float:
        """The share of a question's words that the entries just cited hold: they are what it is about."""
        held: set[str] = set()
        for name in cited:
            for text in self._catalogue.by_id[name].texts().values():
                held.update(terms(text))
        return len(held & set(content)) / len(content)

    def _find_pointer(self, text: str) -> re.Match[str] | None:
        return pronouns.pointer(text, lambda: bool(self._names(text)))

    def _names(self, text: str) -> list[Name]:
        """The catalogue's names in a text that tell something: no common word, and none that half the entries hold."""
        most = max(3, len(self._catalogue.entries) // 5)
        return [
            name
            for name in self._vocabulary.find(text)
            if name.rank in {0, 2} or ((" " in name.text or name.is_proper) and len(name.entries) <= most)
            if not self._is_common(name, text)
        ]

    def _is_common(self, name: Name, text: str) -> bool:
        """Whether a name is one word that the texts, and the question too, mostly use as a word: "risks", "tips"."""
        key = key_of(name.text)
        if len(key) != 1 or name.rank in {0, 2} or name.text in text:
            return False
        return self._words.frequency(key[0]) > _COMMON * len(name.entries)

    def _says_little(self, text: str) -> bool:
        rest = pronouns.DEEPER.sub(" ", pronouns.SIMPLER.sub(" ", text))
        return not self._names(rest) and len(content_of(rest)) <= 2

    def _cited(self, turn: Turn) -> tuple[str, ...]:
        """What an answer rested on; where only its text is known, the entries that its names stand for."""
        if turn.cited:
            return tuple(name for name in turn.cited if name in self._catalogue.by_id)
        found = [name.entries[0] for name in self._names(turn.content[:_LONGEST]) if name.rank in {0, 1, 4}]
        return tuple(dict.fromkeys(found))[:3]
