"""A conversation and a question to a question that stands alone, without a language model.

First a decision: does the question stand alone? If so it stays exactly as it is. If not, it gets what it lacks from
the last question (as that was searched) and from the names of the entries that the last answer cited. Joining all
earlier questions is measurably worse than doing nothing, so only the last exchange is carried.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.catalogue import Catalogue
from index.lexical import terms
from index.models import AnyEntry, Level

from . import question as questions
from .types import Turn
from .vocabulary import Name, Vocabulary, names_in

_MORE = re.compile(
    r"^\W*(?:(?:ok|okay|yes|yeah|sure|great|thanks|thank you|cool|interesting|and|please)\W+)*"
    r"(?:(?:can|could|would) you (?:please )?)?"
    r"(?:(?:tell|give|show) (?:me|us) (?:some |a bit |a little |any )?more(?: details?| information| about (?:it|that|this|them|those|these))?|"
    r"(?:some |a bit |any )?more(?: details?| information| please| on (?:that|this|it))?|go on|continue|keep going|carry on|what else|anything else|"
    r"elaborate(?: on (?:that|this|it))?|expand(?: on (?:that|this|it))?|say more|in more detail|and\?*|yes|yeah|yes please|sure)"
    r"(?:\W+please)?\W*$",
    re.IGNORECASE,
)
_SIMPLER = re.compile(
    r"\b(?:simpl(?:er|y|ify)|plain(?:er|ly)?|easier|layman'?s?|like i'?m (?:five|5)|eli5|dumb it down|for (?:a |an )?(?:beginner|newcomer|child|kid)s?|"
    r"(?:do not|don'?t|didn'?t) (?:understand|get (?:it|that|this))|less technical|without jargon|what does (?:that|this|it) mean)\b",
    re.IGNORECASE,
)
_DEEPER = re.compile(r"\b(?:more technical(?:ly)?|in more depth|more advanced|for an expert)\b", re.IGNORECASE)
_POINTS_BACK = re.compile(
    r"\b(?P<word>it|its|they|them|their|theirs|he|him|his|she|her|hers|these|those|this|that|the (?:same|former|latter|first one|second one|last one|other one|others)|"
    r"(?:this|that|these|those|the) (?P<noun>paper|papers|model|models|company|companies|lab|labs|law|laws|act|report|method|methods|approach|technique|"
    r"techniques|system|systems|study|work|team|authors?|researchers?|event|events|guide|guides|framework|frameworks|policy|policies|incident|incidents|idea|result|results|one|ones))\b",
    re.IGNORECASE,
)
_THAT_JOINS = re.compile(
    r"\b(?:(?:say|says|said|show|shows|showed|shown|claim|claims|claimed|argue|argues|argued|mean|means|know|think|believe|found|find|so|"
    r"fact|evidence|idea|sure|true|likely|possible|clear)\s+that|that\s+(?:is|are|was|were|can|could|may|might|has|have|had|will|would|do|does|did|"
    r"\w+(?:s|ed))\b)",
    re.IGNORECASE,
)
_EXPLETIVE = re.compile(
    r"\b(?:is|was|does|did|will|would|makes?|make|take|takes|took)\s+it\s+(?:possible|necessary|important|hard|difficult|easy|safe|legal|illegal|true|okay|ok|"
    r"take|mean to|matter|that|worth|better|cost to|like to)\b|\bit(?:'s|’s| is) (?:possible|true|said|known)\b|\bwhat time is it\b",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"^\W*(?:and|but|so|or|then|also|plus|what about|how about|and what about|what of|same for|why not|how so|how come|why|really|like what|such as|"
    r"for example|which ones?|any others?|who else|what else|where else|when else|in what way|since when|by whom|by how much)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"^\W*(?:and |but |so |ok(?:ay)?,? )?(?:what about|how about|what of|same (?:question )?for|and(?: for| in| from| by| with)?|or)\s+(?P<rest>.+?)\W*$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r",|\b(?:and|but|because|when|if|so|or|after|before|while|then|what|that|which|who|how|whether|where|as|than)\b",
    re.IGNORECASE,
)
_ONE_OF_THEM = re.compile(r"\b(?:the|that|this|which)\s+(?:[\w-]+\s+){0,2}ones?\b", re.IGNORECASE)
_DEFINITE = re.compile(
    r"\bthe\s+(?:(?:first|second|third|fourth|last|next|other|new|old|original|final|main|biggest|whole)\s+)?[\w-]+(?!\s+(?:of|that|which|who|for|in|on|"
    r"between|behind|with)\b)(?=\s|[?.!,]|$)",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^\W*(?:and|but|so|or|then|also|plus|ok(?:ay)?|well)\b[,\s]*", re.IGNORECASE)
_WHICH_THINGS = re.compile(
    r"\b(?:which|what)\s+(?:of the\s+)?(?!(?:is|was|does|has)\b)(\w{3,}[^s\W]s)\b", re.IGNORECASE
)
_PLURAL = frozenset("they them their theirs these those ones".split())
_PERSON = frozenset("he him his she her hers".split())
_PERSON_NAME = re.compile(r"[^\W\d]\w+(?: [^\W\d][\w.]*)? [^\W\d][\w’'-]+")
_POSSESSIVE = frozenset("its their his her".split())


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question that stands alone, and what the conversation added to it."""

    text: str
    changed: bool = False
    carried: tuple[str, ...] = ()
    level: Level | None = None
    wants_more: bool = False


class Resolver:
    """Resolves follow-ups against one catalogue's names."""

    def __init__(self, catalogue: Catalogue, vocabulary: Vocabulary, known: Callable[[str], bool]) -> None:
        """`known` tells whether an index term stands anywhere in the catalogue."""
        self._catalogue = catalogue
        self._vocabulary = vocabulary
        self._known = known

    def resolve(self, question: str, history: Sequence[Turn] = ()) -> Resolved:
        """The question as it is to be searched; unchanged where it stands alone."""
        text = " ".join(question.split())
        asked = [place for place, turn in enumerate(history) if turn.role == "user" and turn.content.strip()]
        if not asked:
            return Resolved(question)
        last = history[asked[-1]]
        before = last.searched_for or self.resolve(last.content, history[: asked[-1]]).text
        replies = [turn for turn in history[asked[-1] + 1 :] if turn.role == "assistant"]
        cited = self._cited(replies[-1]) if replies else ()
        if _MORE.match(text):
            return Resolved(before, changed=True, carried=cited, wants_more=True)
        level: Level | None = "beginner" if _SIMPLER.search(text) else "advanced" if _DEEPER.search(text) else None
        if level is not None and self._says_little(text):
            return Resolved(before, changed=True, carried=cited, level=level)
        if self.stands_alone(text, cited):
            return Resolved(question)
        told = replies[-1].content[:2_000] if replies else ""
        return Resolved(self._completed(text, before, cited, told), changed=True, carried=cited, level=level)

    def stands_alone(self, text: str, cited: Sequence[str] = ()) -> bool:
        """Whether a question needs nothing from what was said before it; `cited` are the last answer's entries."""
        pointer = self._pointer(text)
        if pointer is not None:
            # "What is RLHF and why does it matter?": the pronoun's noun stands before it, or in an earlier clause.
            before = text[: pointer.start()]
            clauses = _CLAUSE.split(before)
            if any(name.is_proper for name in self._names(before)):
                return True
            return len(clauses) > 1 and (bool(self._names(clauses[0])) or len(self._content(clauses[0])) >= 2)
        if _ONE_OF_THEM.search(text):
            return False
        opener = _OPENER.match(text)
        content = self._content(text[opener.end() :] if opener else text)
        if self._names(text) or any(len(name) > 1 and not at_start for name, _, at_start in names_in(text)):
            return opener is None or len(content) >= 4
        subject = questions.subject_of(text)
        if subject is not None and opener is None:
            # "What was the fine?" is said of something; "What is the capital of Peru?" says of what itself.
            described = re.search(r"\b(?:of|for|in|between|behind)\b", subject) is not None
            if described or not re.search(rf"\bthe\s+{re.escape(subject)}", text):
                return True
        if len(content) >= 2 and not any(map(self._known, content)):
            return True  # "how do I bake bread": a new subject, and none of ours
        # "the fine", "the third version": said of something that was spoken of.
        if len(content) <= 2 or (len(content) <= 5 and (opener is not None or _DEFINITE.search(text))):
            return False
        return len(content) > 4 or self._covered(content, cited) < 0.7

    def _covered(self, content: Sequence[str], cited: Sequence[str]) -> float:
        """The share of a question's words that the entries just cited hold: they are what it is about."""
        held: set[str] = set()
        for name in cited:
            for text in self._catalogue.by_id[name].texts().values():
                held.update(terms(text))
        return len(held & set(content)) / len(content)

    def _pointer(self, text: str) -> re.Match[str] | None:
        masked = text
        for pattern in (_THAT_JOINS, _EXPLETIVE):
            masked = pattern.sub(lambda match: "#" * len(match.group()), masked)
        for match in _POINTS_BACK.finditer(masked):
            noun = match["noun"]
            if noun and match["word"].lower().startswith("the "):
                # "the model that wrote Hamlet", "the EU act": described in the question itself.
                if re.match(
                    r"\s+(?:that|which|who|of|for|on|by|from|called|named|behind|about|to|in|with)\b",
                    masked[match.end() :],
                ):
                    continue
                if self._names(text):
                    continue
            following = masked[match.end() :].split()
            if (
                match["word"].lower() in {"this", "that", "these", "those"}
                and following
                and following[0].lower() in {"year", "month", "week", "time", "kind", "sort"}
            ):
                continue
            return match
        return None

    def _completed(self, text: str, before: str, cited: Sequence[str], told: str) -> str:
        about = _ABOUT.match(text)
        if about is not None and self._pointer(text) is None:
            swapped = self._swapped(about["rest"], before)
            if swapped is not None:
                return swapped
        pointer = self._pointer(text)
        if pointer is None:
            topic = self._topic(before)
            bare = _LEADING.sub("", text).strip() or text
            return f"{bare.rstrip('?!. ')} ({topic})?" if topic else text
        word = (pointer["word"] or "").lower()
        stands_for = self._antecedent(word, pointer["noun"], before, cited, told)
        if not stands_for:
            return text
        if word in _POSSESSIVE:
            stands_for += "’" if stands_for.endswith("s") else "’s"
        head = _LEADING.sub("", text[: pointer.start()])
        completed = f"{head}{stands_for}{text[pointer.end() :]}"
        return completed[:1].upper() + completed[1:]

    def _swapped(self, rest: str, before: str) -> str | None:
        """For "and in 2024?" after "What did OpenAI publish in 2023?": the last question with its date or name exchanged."""
        phrase = questions.date_phrase(rest) or questions.date_phrase(f"in {rest}")
        if (
            phrase is not None
            and len(self._content(questions.without_dates(f"in {rest}" if not questions.date_phrase(rest) else rest)))
            == 0
        ):
            old = questions.date_phrase(before)
            if old is not None:
                return before.replace(old, phrase)
            return f"{before.rstrip('?!. ')} {phrase}?"
        new = self._names(rest)
        if new:
            same = [name for name in self._names(before) if name.rank == new[0].rank]
            found = _find_words(same[-1].text, before) if same else None
            if found is not None:
                return before[: found[0]] + rest.rstrip("?!. ") + before[found[1] :]
            earlier = questions.subject_of(before)
            if earlier is not None and earlier in before:
                return before.replace(earlier, rest.rstrip("?!. "))
        return None

    def _antecedent(self, word: str, noun: str | None, before: str, cited: Sequence[str], told: str) -> str:
        names = [name for name in self._names(before) if name.rank != 3]
        topic = self._topic(before)
        entries = [self._catalogue.by_id[name] for name in cited if name in self._catalogue.by_id]
        if word in _PERSON:
            # People have two names; the last answer tells whom it was about where the question did not.
            people = [
                name.text
                for name in (*names, *self._names(told))
                if name.rank == 4 and _PERSON_NAME.fullmatch(name.text)
            ]
            return people[0] if people else topic
        plural = word in _PLURAL or (noun or "").endswith("s")
        things = _WHICH_THINGS.search(before) if plural and not noun else None
        if things is not None:
            return f"the {things[1]} ({topic})" if topic and things[1] not in topic else f"the {things[1]}"
        if plural and entries and (noun or not names):
            return ", ".join(short_title(entry) for entry in entries[:2])
        if plural and entries and len(entries) > 1 and names:
            return f"{topic}: {', '.join(short_title(entry) for entry in entries[:2])}"
        return topic or (short_title(entries[0]) if entries else "")

    def _topic(self, before: str) -> str:
        """What the last question was about: its subject, else its names, else its words of content."""
        subject = questions.subject_of(before)
        if subject is not None:
            return subject
        names = [name for name in self._names(before) if name.is_proper and name.rank in {0, 1, 4}]
        if len(names) == 1:
            return names[0].text
        named = {word for name in self._names(before) for word in terms(name.text)}
        content = named | set(self._content(before))
        words = [word for word in re.findall(r"[\w’'-]+", before) if set(terms(word)) & content]
        return " ".join(words[:8])

    def _names(self, text: str) -> list[Name]:
        """The catalogue's names in a text that tell something: no common word, and none that half the entries hold."""
        most = max(3, len(self._catalogue.entries) // 5)
        return [
            name
            for name in self._vocabulary.find(text)
            if name.rank in {0, 2} or ((" " in name.text or name.is_proper) and len(name.entries) <= most)
        ]

    def _content(self, text: str) -> list[str]:
        return [word for word in questions.read(text).content if word not in _POINTING]

    def _says_little(self, text: str) -> bool:
        rest = _DEEPER.sub(" ", _SIMPLER.sub(" ", text))
        return not self._names(rest) and len(self._content(rest)) <= 2

    def _cited(self, turn: Turn) -> tuple[str, ...]:
        """What an answer rested on; where only its text is known, the entries that its names stand for."""
        if turn.cited:
            return tuple(name for name in turn.cited if name in self._catalogue.by_id)
        found = [name.entries[0] for name in self._names(turn.content[:2_000]) if name.rank in {0, 1, 4}]
        return tuple(dict.fromkeys(found))[:3]


_POINTING = frozenset(
    terms("that this these those one ones former latter thing same other others else", stopwords=frozenset())
)


def short_title(entry: AnyEntry) -> str:
    """A title as one would say it in a sentence: what stands before a colon, without brackets."""
    head = re.split(r":\s|\s[—–]\s", entry.title)[0]
    return re.sub(r"\s*\(.*?\)", "", head).strip() or entry.title


def _find_words(name: str, text: str) -> tuple[int, int] | None:
    match = re.search(r"\W+".join(map(re.escape, re.findall(r"\w+", name))), text, re.IGNORECASE)
    return match.span() if match else None
