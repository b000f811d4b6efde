"""A question that leans on the conversation, with what it leans on put in."""

import re
from collections.abc import Callable, Sequence

from assistant.understanding import reading as questions
from assistant.understanding.phrases import POINTING_TERMS
from assistant.understanding.vocabulary import Name, NameRank
from index import dates
from index.catalogue import Catalogue
from index.lexical import terms
from index.models import AnyEntry

from . import pronouns

_PERSON_NAME = re.compile(r"[^\W\d]\w+(?: [^\W\d][\w.]*)? [^\W\d][\w’'-]+")
_MONTH_ALONE = re.compile(rf"\b(?P<month>{'|'.join(dates.MONTHS)})\b(?!\s+(?:\d{{1,2}},?\s+)?\d{{4}})", re.IGNORECASE)
_LATER = re.compile(r"\b(?:next|following|later|after(?:wards)?|since|then)\b", re.IGNORECASE)
_EARLIER = re.compile(r"\b(?:previous|earlier|before|preceding|last)\b", re.IGNORECASE)


class Completer:
    """Completes questions against one catalogue's entries and names."""

    def __init__(
        self,
        catalogue: Catalogue,
        names: Callable[[str], list[Name]],
        pointer: Callable[[str], re.Match[str] | None],
    ) -> None:
        """`names` finds the catalogue's names in a text, `pointer` the first word that points back."""
        self._catalogue = catalogue
        self._names = names
        self._pointer = pointer

    def complete(self, text: str, before: str, topic: str, cited: Sequence[str], told: str) -> str:
        """The question, completed.

        Args:
            text: The question as asked.
            before: The last question as it was searched.
            topic: What the conversation is about; "" where that is not known.
            cited: Ids of the entries that the last answer cited.
            told: What the last answer said.
        """
        topic = topic or self.words_of(before)
        pointer = self._pointer(text)
        about = pronouns.ABOUT.match(text)
        if about is not None and pointer is None:
            swapped = self._swapped(about["rest"], before)
            if swapped is not None:
                return swapped
        text = self._with_year(text, cited)
        one = pronouns.ONE_OF_THEM.search(text)
        if one is not None and topic and (pointer is None or pointer["noun"] in {"one", "ones"}):
            # "a new one", "the next one, in May": one of the things that the conversation is about.
            return f"{text[: one.start('one')]}{topic}{text[one.end('one') :]}"
        if pointer is None:
            if set(terms(topic)) <= set(terms(text)):
                return text  # it says already what it is about
            bare = pronouns.LEADING.sub("", text).strip() or text
            return f"{bare.rstrip('?!. ')} ({topic})?" if topic else text
        pointer = self._pointer(text) or pointer
        word = pointer["word"].lower()
        stands_for = self._antecedent(word, pointer["noun"], before, topic, cited, told)
        if not stands_for:
            return text
        if word in pronouns.POSSESSIVE and not _is_object(word, text[pointer.end() :]):
            stands_for += "’" if stands_for.endswith("s") else "’s"
        head = pronouns.LEADING.sub("", text[: pointer.start()])
        completed = f"{head}{stands_for}{text[pointer.end() :]}"
        return completed[:1].upper() + completed[1:]

    def _with_year(self, text: str, cited: Sequence[str]) -> str:
        """For "the next one, in May": the May after what was spoken of; a month says no more than that."""
        month = _MONTH_ALONE.search(text)
        later, earlier = _LATER.search(text), _EARLIER.search(text)
        dated = [self._catalogue.by_id[name].date for name in cited if name in self._catalogue.by_id]
        spoken_of = next((date for date in dated if date), None)
        if month is None or spoken_of is None or len(spoken_of) < len("2023-11") or bool(later) == bool(earlier):
            return text
        if month["month"] == "may":  # without its capital it is a verb
            return text
        number = [name.lower() for name in dates.MONTHS].index(month["month"].lower()) + 1
        year, known = int(spoken_of[:4]), int(spoken_of[5:7])
        if later:
            year += number <= known
        else:
            year -= number >= known
        return f"{text[: month.end()]} {year}{text[month.end() :]}"

    def _swapped(self, rest: str, before: str) -> str | None:
        """For "and in 2024?" after "What did OpenAI publish in 2023?": the last question with its date or name exchanged."""
        phrase = questions.date_phrase(rest) or questions.date_phrase(f"in {rest}")
        dated = rest if questions.date_phrase(rest) else f"in {rest}"
        if phrase is not None and not content_of(questions.without_dates(dated)):
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

    def _antecedent(self, word: str, noun: str | None, before: str, topic: str, cited: Sequence[str], told: str) -> str:
        names = [name for name in self._names(before) if name.rank != NameRank.TOPIC]
        entries = [self._catalogue.by_id[name] for name in cited if name in self._catalogue.by_id]
        if word in pronouns.PERSON:
            # People have two names; the last answer tells whom it was about where the question did not.
            people = [
                name.text
                for name in (*names, *self._names(told))
                if name.rank == NameRank.MENTIONED and _PERSON_NAME.fullmatch(name.text)
            ]
            return people[0] if people else topic
        plural = word in pronouns.PLURAL or (noun or "").endswith("s")
        things = pronouns.WHICH_THINGS.search(before) if plural and not noun else None
        if things is not None:
            return f"the {things[1]} ({topic})" if topic and things[1] not in topic else f"the {things[1]}"
        if plural and entries and (noun or not names):
            return ", ".join(short_title(entry) for entry in entries[:2])
        if plural and entries and len(entries) > 1 and names:
            return f"{topic}: {', '.join(short_title(entry) for entry in entries[:2])}"
        return topic or (short_title(entries[0]) if entries else "")

    def words_of(self, before: str) -> str:
        """What a question was about: its subject, else its names, else its words of content."""
        subject = questions.subject_of(before)
        if subject is not None:
            return subject
        names = [
            name
            for name in self._names(before)
            if name.is_proper and name.rank in {NameRank.DEFINED, NameRank.TITLE, NameRank.MENTIONED}
        ]
        if len(names) == 1:
            return names[0].text
        named = {word for name in self._names(before) for word in terms(name.text)}
        content = named | set(content_of(before))
        words = [word for word in re.findall(r"[\w’'-]+", before) if set(terms(word)) & content]
        return " ".join(words[:8])


def content_of(text: str) -> list[str]:
    """The index terms of a question that tell something: none that only shape it or point."""
    return [word for word in questions.read(text).content if word not in POINTING_TERMS]


def short_title(entry: AnyEntry) -> str:
    """A title as one would say it in a sentence: what stands before a colon, without brackets."""
    head = re.split(r":\s|\s[—–]\s", entry.title)[0]
    return re.sub(r"\s*\(.*?\)", "", head).strip() or entry.title


def _is_object(word: str, after: str) -> bool:
    """Whether "her" stands for a person and not for an owner: nothing that could be owned follows."""
    return word == "her" and not re.match(r"\s+\w", after)


def _find_words(name: str, text: str) -> tuple[int, int] | None:
    match = re.search(r"\W+".join(map(re.escape, re.findall(r"\w+", name))), text, re.IGNORECASE)
    return match.span() if match else None
