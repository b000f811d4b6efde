"""Decides what a message wants before anything is searched: a reply, a change of the last answer, or an answer.

A question goes on to the search, sometimes with a limit on its length, a note before its answer, or in a standing-alone
form. Instructions ("shorter", "an example") act on the last answer; other acts get a plain reply.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

from assistant.answering import last_answer
from assistant.answering.last_answer import LastAnswer
from assistant.answering.levels import Glossary
from assistant.conversation import foreign_words, languages, offers, pronouns, small_talk
from assistant.conversation import history as conversation
from assistant.conversation.acts import Act, Recognised, Recogniser
from assistant.conversation.followup import Resolved, Resolver
from assistant.retrieval.search import Searcher
from assistant.understanding import manner as manner_of
from assistant.understanding import reading as reading_of_question
from assistant.understanding.manner import Manner
from assistant.understanding.vocabulary import NameRank, Vocabulary, key_of
from index.generation import Index
from index.lexical import terms

from .answer import Answer, Turn
from .draft import Draft

INSTRUCTIONS: frozenset[Act] = frozenset(
    ("shorter", "simpler", "more_detail", "example", "bullets", "repeat", "sources_request")
)
"""Acts about the last answer."""
CHATTER: frozenset[Act] = frozenset((
    "greeting", "goodbye", "thanks", "praise", "complaint", "insult", "small_talk", "capabilities", "cancel", "disagree",
))  # fmt: skip
OUT_OF_REACH: frozenset[Act] = frozenset(
    ("about_assistant", "human_request", "code_request", "creative_request", "personal_advice", "language_request")
)
_MAYBE_ANSWERED: frozenset[Act] = frozenset(("opinion_request", "other_language"))
SURE = 0.9
"""Minimum probability of small talk if the message contains a name of the catalogue: "thanks, and what is RLHF?"."""
MOST_CONTENT = 4
"""Without an earlier answer, an instruction with at least this many content words is a question."""
MOST_CONTINUED = 2
"""Maximum number of content words of a question in another language that continues the conversation."""
SHORTEST_NAME, MOST_NAMES = 4, 3
_FIRST_MARKER = "[1]"
"""The marker that every answer with citations has."""
_SHORT_WORDS = 12
"""Earlier messages with more words are taken for questions."""
_LOOKED_BACK = 6
_ASKS_OPINION = re.compile(
    r"^\W*(?:(?:so|and|but|hey|ok)\W+)*(?:(?:do|don'?t) you (?:really )?(?:think|believe|feel)(?: that)?|what(?:'s| is) your (?:opinion|view|take|opinion)"
    r"(?: on| of| about)?|what do you (?:think|make|feel)(?: about| of)?|in your opinion|your (?:opinion|thoughts|view|take)(?: on| about)?|are you (?:afraid|scared|worried)"
    r"(?: of| about| that)?|should (?:i|we) be (?:afraid|scared|worried|concerned)(?: of| about| that)?|should (?:i|we)|would you(?: say)?)\b[\s,:]*|"
    r"[\s,]*\b(?:do you think|in your opinion|(?:your )?thoughts|don'?t you think|what do you think|you think)\W*$",
    re.IGNORECASE,
)
_PREFERS = re.compile(
    r"\b(?:like|prefer|favou?rite|recommend|love|hate|best|worst|coolest|better|trust)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Move:
    """What to do with a message: give a reply or a draft, else answer `question` after `history`."""

    question: str
    """The question to search, or for a reply and a draft, what the conversation is about."""
    history: tuple[Turn, ...] = ()
    """The conversation without small talk and instructions."""
    reply: str | None = None
    draft: Draft | None = None
    resolved: Resolved | None = None
    """How to search, if that is already known."""
    manner: Manner = manner_of.ANY
    preface: str = ""
    """A note before the answer; alone if there is none."""
    alone: str = ""
    """The reply if there is no answer to put after the preface."""
    instead: str = ""
    """Another question to try if this one has no answer."""

    def with_preface(self, answer: Answer) -> Answer:
        """Return an answer with the note before it, if there is one."""
        return replace(answer, text=f"{self.preface}\n\n{answer.text}") if self.preface else answer


class Dialogue:
    """Recognises what messages do, over one open index.

    Args:
        index: The open index.
        searcher: Embeds messages.
        recogniser: Recognises what messages do.
        vocabulary: Finds the catalogue's names.
        resolver: Completes follow-up questions.
        quotes_only: Whether answers are quotations, not written by a language model.
    """

    def __init__(
        self,
        index: Index,
        searcher: Searcher,
        recogniser: Recogniser,
        vocabulary: Vocabulary,
        resolver: Resolver,
        *,
        quotes_only: bool,
    ) -> None:
        self._index = index
        self._searcher = searcher
        self._vocabulary = vocabulary
        self._resolver = resolver
        self._quotes_only = quotes_only
        self._glossary = Glossary(index)
        self._recogniser = recogniser

    def move(self, text: str, history: Sequence[Turn]) -> Move:
        """Return what to do with a message after a conversation."""
        history = tuple(history[-conversation.LONGEST :])
        if small_talk.in_need(text):
            return Move(text, history, reply=small_talk.IN_NEED)
        previous = next((turn.content for turn in reversed(history) if turn.role == "user"), "")
        act = self._recogniser.recognise(text, previous)
        kept = self.of_substance(history)
        language = self._foreign(text, act)
        if language is not None:
            return self._in_other_language(text, language, kept)
        if act.act in INSTRUCTIONS:
            return self._instructed(text, act.act, kept, history)
        if act.act == "language_request":
            asked_for = languages.asked_for(text)
            return Move(text, kept, reply=languages.in_english(asked_for))
        if act.act == "opinion_request":
            return self._opinion(text, kept)
        if act.act == "agree" and (accepted := self._accepted(text, history, kept)) is not None:
            return accepted
        if act.act in CHATTER | OUT_OF_REACH | {"agree"} and not self._is_question(text, act):
            reply = small_talk.reply(
                act.act,
                text,
                self._index.catalogue,
                quotes_only=self._quotes_only,
                has_answer=any(turn.cited for turn in kept),
            )
            if reply is not None:
                return Move(text, kept, reply=reply)
        bare, manner = manner_of.without_manner(text)
        return Move(bare, kept, manner=manner)

    def is_question(self, text: str) -> bool:
        """Whether a message outside any conversation is a question to the catalogue."""
        return self.move(text, ()).reply is None

    def of_substance(self, history: Sequence[Turn]) -> tuple[Turn, ...]:
        """Return a conversation without small talk and its replies, and without instructions about an answer."""
        kept: list[Turn] = []
        asked = [place for place, turn in enumerate(history) if turn.role == "user"]
        recent = set(asked[-_LOOKED_BACK:])
        previous, is_reply, is_instruction = "", False, False
        for place, turn in enumerate(history):
            if turn.role == "user":
                act: Act = "question"
                if place in recent and len(turn.content.split()) <= _SHORT_WORDS:
                    recognised = self._recogniser.recognise(turn.content, previous)
                    act = "question" if self._is_question(turn.content, recognised) else recognised.act
                previous = turn.content
                is_reply, is_instruction = act in CHATTER | OUT_OF_REACH, act in INSTRUCTIONS and bool(kept)
                is_reply |= act in _MAYBE_ANSWERED and not any(map(_has_citations, history[place + 1 : place + 2]))
                if not is_reply and not is_instruction:
                    kept.append(turn)
            elif not is_reply and (not is_instruction or _has_citations(turn)):
                kept.append(turn)
        return tuple(kept)

    def _is_question(self, text: str, act: Recognised) -> bool:
        """Whether small talk with a name of the catalogue is rather a question, as is "Where do I start?"."""
        if reading_of_question.asks_where_to_start(text):
            return True
        return act.act in CHATTER and act.probability < SURE and bool(self._names(text))

    def _foreign(self, text: str, act: Recognised) -> str | None:
        """Return the language of a question that is not in English; None if that is not certain."""
        if act.act == "other_language":
            return languages.resembles(text)
        if act.act in {"question", "follow_up", "opinion_request", "personal_advice"}:
            return languages.written_in(text, languages.SURE_FUNCTION_WORDS)
        return None

    def _in_other_language(self, text: str, language: str, kept: tuple[Turn, ...]) -> Move:
        note, nothing = languages.in_english(language), languages.nothing_found(language)
        bare = languages.without_own_name(text, language)
        names = self._written_names(bare)
        question = foreign_words.in_english_words(bare, language, names)
        if question is None:
            return Move(text, kept, reply=nothing)
        # A short question without a name of its own ("y quién ganó?") continues the conversation.
        if kept and len(terms(question)) <= MOST_CONTINUED and not self._names(question):
            return Move(question, conversation.as_searched(kept), preface=note, alone=nothing)
        instead = f"Tell me about {' '.join(names[:MOST_NAMES])}" if names else ""
        return Move(question, (), resolved=Resolved(question), preface=note, alone=nothing, instead=instead)

    def _written_names(self, text: str) -> list[str]:
        """Return the catalogue's names in a text of another language; a short name in lower case is a word of that language."""
        names = dict.fromkeys(name for name in self._names(text) if any(map(str.isupper, name)))
        return [name for name in names if name in text or len(name) >= SHORTEST_NAME]

    def _opinion(self, text: str, kept: tuple[Turn, ...]) -> Move:
        bare = _ASKS_OPINION.sub(" ", text).strip(" ,?!.")
        if not self._names(bare) and (len(terms(bare)) < 2 or _PREFERS.search(text)):
            return Move(text, kept, reply=small_talk.OPINION)
        question = f"{bare}?"
        resolved = None if self._resolver.references.points_back(bare) else Resolved(question)
        return Move(question, kept, resolved=resolved, preface=small_talk.OPINION_AND_ANSWER, alone=small_talk.OPINION)

    def _accepted(self, text: str, history: Sequence[Turn], kept: tuple[Turn, ...]) -> Move | None:
        """Return what to do if a "yes" answers an offer, or asks to go on; else None."""
        last = next((turn for turn in reversed(history) if turn.role == "assistant"), None)
        asked = [turn.content for turn in history if turn.role == "user"]
        if last is not None and offers.taken_up(text, last, asked) is not None:
            return Move(text, tuple(history))
        return Move(text, kept) if kept and pronouns.MORE.match(text) else None

    def _instructed(self, text: str, act: Act, kept: tuple[Turn, ...], history: Sequence[Turn]) -> Move:
        about = self._resolver.question_of(kept)
        asked = set(key_of(about))
        if any(not set(key_of(name)) <= asked for name in self._names(text)):
            bare, manner = manner_of.without_manner(text)  # "an example of reward hacking": it names its own subject
            return Move(bare, kept, manner=manner)
        if not about:
            return self._without_answer(text, act)
        if act == "more_detail":
            cited = self._resolver.cited_in(kept)
            return Move(about, kept, resolved=Resolved(about, changed=True, carried=cited, wants_more=True))
        last = self._last(kept)
        if last is None:
            manner = manner_of.of_instruction(text)
            if act == "shorter" and not manner:
                manner = Manner(sentences=2)
            manner = replace(manner, bullets=act == "bullets")
            resolved = Resolved(about, changed=True, level="beginner" if act == "simpler" else None)
            return Move(about, kept, resolved=resolved, manner=manner)
        return self._changed(text, act, last, about, kept, history)

    def _without_answer(self, text: str, act: Act) -> Move:
        if len(terms(text)) >= MOST_CONTENT:
            return Move(text)
        return Move(text, reply=small_talk.NO_SOURCES_YET if act == "sources_request" else small_talk.NOTHING_YET)

    def _changed(
        self, text: str, act: Act, last: LastAnswer, about: str, kept: tuple[Turn, ...], history: Sequence[Turn]
    ) -> Move:
        """The last answer in another form."""
        said = conversation.said_in(history)
        draft: Draft | None
        missing = small_talk.NOTHING_YET
        match act:
            case "shorter":
                draft, missing = last_answer.shortened(last, manner_of.of_instruction(text)), small_talk.NO_SHORTER
            case "simpler":
                shown = conversation.said_in([turn for turn in kept if turn.role == "assistant"][-1:])
                draft = last_answer.simpler(self._index, self._glossary, last, about, said)
                draft = draft or last_answer.simpler(self._index, self._glossary, last, about, shown)
                missing = small_talk.NO_SIMPLER
            case "example":
                vector = self._searcher.embed(about)
                draft, missing = last_answer.example(self._index, last, about, vector, said), small_talk.NO_EXAMPLE
            case "sources_request":
                draft = last_answer.sources(last)
            case _:
                draft = last_answer.retold(last, in_list=act == "bullets")
        return Move(about, kept, reply=None if draft else missing, draft=draft)

    def _last(self, kept: Sequence[Turn]) -> LastAnswer | None:
        """Return the last answer, if its quotations can be found again."""
        turn = next((turn for turn in reversed(kept) if turn.role == "assistant"), None)
        found = last_answer.quoted_in(self._index, turn) if turn is not None else None
        return found if found and found.pieces else None

    def _names(self, text: str) -> list[str]:
        """Return the names of the catalogue in a text, without topics and common words."""
        return [
            name.text
            for name in self._vocabulary.find(text)
            if name.rank != NameRank.TOPIC and (name.is_proper or " " in name.text or name.rank == NameRank.DEFINED)
        ]


def _has_citations(turn: Turn) -> bool:
    return turn.role == "assistant" and (bool(turn.cited) or _FIRST_MARKER in turn.content)


assert frozenset(get_args(Act)) >= INSTRUCTIONS | CHATTER | OUT_OF_REACH
