"""Finds out whether a question stands alone, or refers to something that the conversation has mentioned."""

import re
from collections.abc import Sequence
from functools import lru_cache

from assistant.understanding import reading as questions
from assistant.understanding.vocabulary import Name, NameRank, Vocabulary, key_of, names_in
from index.catalogue import Catalogue
from index.lexical import LexicalIndex, terms

from . import pronouns
from .completion import content_of

_COMMON = 3
"""A name is a common word if the passages with it outnumber the entries of that name by more than this factor."""


class References:
    """Finds names and words that refer back, with the names of one catalogue."""

    def __init__(self, catalogue: Catalogue, vocabulary: Vocabulary, words: LexicalIndex) -> None:
        self._catalogue = catalogue
        self._vocabulary = vocabulary
        self._words = words
        # Cached, because each later question needs these results again for all earlier questions.
        self._find_pointer = lru_cache(maxsize=256)(lambda text: pronouns.pointer(text, lambda: bool(self.names(text))))

    def pointer(self, text: str) -> re.Match[str] | None:
        """Return the first word that refers back; None if there is none."""
        return self._find_pointer(text)

    def stands_alone(self, text: str, cited: Sequence[str] = ()) -> bool:
        """Whether a question can be understood without the conversation; `cited` are ids from the last answer."""
        pointer = self.pointer(text)
        if pointer is not None:
            return self._is_bound(text, pointer)
        if pronouns.ONE_OF_THEM.search(text):
            return False
        opener = pronouns.OPENER.match(text)
        if opener is None and pronouns.NAMES_ITS_SUBJECT.search(text):
            return True
        content = content_of(text[opener.end() :] if opener else text)
        if self.names(text) or any(len(name) > 1 and not at_start for name, _, at_start in names_in(text)):
            return opener is None or len(content) >= 4
        if opener is None and _describes_its_subject(text):
            return True
        if len(content) >= 2 and not any(map(self._words.frequency, content)):
            return True  # "how do I bake bread": a new subject that is not in the catalogue
        # "the fine", "the third version": something that the conversation has mentioned.
        if len(content) <= 2 or (len(content) <= 5 and (opener is not None or pronouns.DEFINITE.search(text))):
            return False
        return len(content) > 4 or self._covered(content, cited) < 0.7

    def _is_bound(self, text: str, pointer: re.Match[str]) -> bool:
        """Whether a pronoun refers to something in its own question: "What is RLHF and why does it matter?".

        The noun must be in an earlier clause. A noun in the same clause counts only for a possessive pronoun ("How does
        Anthropic test its …", but not "How did Anthropic improve it?").
        """
        before = text[: pointer.start()]
        subject = questions.subject_of(before)
        if (
            subject is not None
            and self.pointer(subject) is None
            and pronouns.CLAUSE_BOUNDARY.search(before, before.find(subject))
        ):
            return True  # "What are deepfakes and why are they dangerous?"
        clauses = pronouns.CLAUSE_BOUNDARY.split(before)
        reach = before if pointer["word"].lower() in pronouns.POSSESSIVE else before[: -len(clauses[-1]) or None]
        if any(name.is_proper for name in self.names(reach)):
            return True
        return any(self.names(clause) or len(content_of(clause)) > 1 for clause in clauses[:-1])

    def points_back(self, text: str) -> bool:
        """Whether a question has a word that refers to the conversation and not to the question itself."""
        pointer = self.pointer(text)
        return pointer is not None and not self._is_bound(text, pointer)

    def hangs(self, text: str) -> str | None:
        """Return the pronoun of a question that refers to nothing: "it" in "Who made it?", without a conversation.

        None for any other question, including a question whose other words may be enough to find an answer.
        """
        pointer = self.pointer(text)
        if pointer is None or self.names(text) or len(content_of(text)) > 2 or self.stands_alone(text):
            return None
        if pointer["word"].lower() in {"these", "those"} and re.match(r"\s+\w", text[pointer.end() :]):
            return None  # "these things", "those programs": in a catalogue about AI they may be what it is about
        return pointer["word"]

    def _covered(self, content: Sequence[str], cited: Sequence[str]) -> float:
        """Return the share of a question's content words that occur in the cited entries."""
        held: set[str] = set()
        for name in cited:
            for text in self._catalogue.by_id[name].texts().values():
                held.update(terms(text))
        return len(held & set(content)) / len(content)

    def names(self, text: str) -> list[Name]:
        """Return the catalogue's names in a text, except common words and names shared by very many entries."""
        most = max(3, len(self._catalogue.entries) // 5)
        return [
            name
            for name in self._vocabulary.find(text)
            if name.rank in {NameRank.DEFINED, NameRank.ORGANISATION}
            or ((" " in name.text or name.is_proper) and len(name.entries) <= most)
            if not self._is_common(name, text)
        ]

    def _is_common(self, name: Name, text: str) -> bool:
        """Whether a name is a single word that the texts and the question use as a common word: "risks", "tips"."""
        key = key_of(name.text)
        if len(key) != 1 or name.rank in {NameRank.DEFINED, NameRank.ORGANISATION} or name.text in text:
            return False
        return self._words.frequency(key[0]) > _COMMON * len(name.entries)


def _describes_its_subject(text: str) -> bool:
    """Whether a "What is X?" question is complete, because X does not belong to something mentioned earlier.

    "What is the capital of Peru?" and "What is melatonin?" are complete; "What was the fine?" is not.
    """
    subject = questions.subject_of(text)
    if subject is None:
        return False
    if re.search(r"\b(?:of|for|in|between|behind)\b", subject):
        return True
    return re.search(rf"\bthe\s+{re.escape(subject)}", text) is None
