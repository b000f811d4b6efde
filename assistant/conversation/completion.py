"""Completes a follow-up question by replacing what refers to the conversation."""

import re
from collections.abc import Callable, Sequence

from assistant.understanding import reading as questions
from assistant.understanding.phrases import POINTING_TERMS
from assistant.understanding.vocabulary import Name, NameRank
from index import dates
from index.catalogue import Catalogue
from index.lexical import terms
from index.models import AnyEntry

from . import pronouns, spoken_of
from .spoken_of import PeopleIn

_ASKS_WHO_DID = re.compile(r"\W*who (?!is\b|was\b|are\b|were\b)", re.IGNORECASE)
_ASKS_MAKER = re.compile(
    r"\W*who (?:wrote|authored|made|created|built|developed|invented|published|released)\b", re.IGNORECASE
)
"""After "Who wrote the paper?", "they" is searched for with the paper: its authors have no entry."""
_MONTH_ALONE = re.compile(rf"\b(?P<month>{'|'.join(dates.MONTHS)})\b(?!\s+(?:\d{{1,2}},?\s+)?\d{{4}})", re.IGNORECASE)
_LATER = re.compile(r"\b(?:next|following|later|after(?:wards)?|since|then)\b", re.IGNORECASE)
_EARLIER = re.compile(r"\b(?:previous|earlier|before|preceding|last)\b", re.IGNORECASE)

MAX_ANTECEDENT_WORDS = 8
"""Words of a title that may stand for "they" in a question."""


class Completer:
    """Completes questions with the entries and names of one catalogue."""

    def __init__(
        self,
        catalogue: Catalogue,
        names: Callable[[str], list[Name]],
        pointer: Callable[[str], re.Match[str] | None],
        people_in: PeopleIn = lambda _text: [],
        replaced: Callable[[str, str], str | None] = lambda _said, _before: None,
    ) -> None:
        """Create a completer.

        Args:
            catalogue: The catalogue.
            names: Finds the names in a text.
            pointer: Finds the first word that refers back.
            people_in: Finds the people named in a text.
            replaced: Replaces a thing in the previous question by a new one of the same type.
        """
        self._replaced = replaced
        self._catalogue = catalogue
        self._names = names
        self._pointer = pointer
        self._people_in = people_in
        self._organisations = frozenset(catalogue.organisation_of)

    def complete(self, text: str, before: str, topic: str, cited: Sequence[str], told: str) -> str:
        """Return the completed question.

        Args:
            text: The question as asked.
            before: The previous question as it was searched.
            topic: The topic of the conversation; "" if unknown.
            cited: Ids of the entries that the last answer cited.
            told: The text of the last answer.
        """
        topic = topic or self.words_of(before)
        pointer = self._pointer(text)
        about = pronouns.ABOUT.match(text)
        if about is not None and pointer is None:
            swapped = self._with_date(about["rest"], before)
            swapped = swapped or self._replaced(about["rest"], before) or self._with_name(about["rest"], before)
            if swapped is not None:
                return swapped
        text = self._with_year(text, cited)
        one = pronouns.ONE_OF_THEM.search(text)
        if one is not None and topic and (pointer is None or pointer["noun"] in {"one", "ones"}):
            # "a new one", "the next one, in May": one thing of the kind that the conversation is about.
            return f"{text[: one.start('one')]}{topic}{text[one.end('one') :]}"
        if pointer is None:
            if len(content_of(text)) > 1 or self._names(text):
                return text  # its own words are searched, with the earlier questions as a background
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
        """Add a year to a month, as in "the next one, in May": the next May after the cited entry's date."""
        month = _MONTH_ALONE.search(text)
        later, earlier = _LATER.search(text), _EARLIER.search(text)
        dated = [self._catalogue.by_id[name].date for name in cited if name in self._catalogue.by_id]
        spoken_of = next((date for date in dated if date), None)
        if month is None or spoken_of is None or len(spoken_of) < len("2023-11") or bool(later) == bool(earlier):
            return text
        if month["month"] == "may":  # in lower case it is a verb
            return text
        number = [name.lower() for name in dates.MONTHS].index(month["month"].lower()) + 1
        year, known = int(spoken_of[:4]), int(spoken_of[5:7])
        if later:
            year += number <= known
        else:
            year -= number >= known
        return f"{text[: month.end()]} {year}{text[month.end() :]}"

    def _with_date(self, rest: str, before: str) -> str | None:
        """Replace the date in the previous question, for "and in 2024?" after "What was new in 2023?"."""
        phrase = questions.date_phrase(rest) or questions.date_phrase(f"in {rest}")
        dated = rest if questions.date_phrase(rest) else f"in {rest}"
        if phrase is not None and not content_of(questions.without_dates(dated)):
            old = questions.date_phrase(before)
            if old is not None:
                return before.replace(old, phrase)
            return f"{before.rstrip('?!. ')} {phrase}?"
        return None

    def _with_name(self, rest: str, before: str) -> str | None:
        """Replace a name in the previous question, or its subject."""
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
            return self._person(word, before, names, entries, told) or topic
        if word in pronouns.GROUP and not noun:
            group = self._group(before, names, entries, told)
            if group:
                return group
        plural = word in pronouns.PLURAL or (noun or "").endswith("s")
        things = pronouns.WHICH_THINGS.search(before) if plural and not noun else None
        if things is not None:
            return f"the {things[1]} ({topic})" if topic and things[1] not in topic else f"the {things[1]}"
        spoken_of_titles = _short_titles(entries, f"{before} {topic}")
        if plural and spoken_of_titles and (noun or not names):
            return ", ".join(spoken_of_titles[:2])
        if plural and len(spoken_of_titles) > 1 and names:
            return f"{topic}: {', '.join(spoken_of_titles[:2])}"
        return topic or (short_title(entries[0]) if entries else "")

    def _person(
        self, word: str, before: str, names: Sequence[Name], entries: Sequence[AnyEntry], told: str
    ) -> str | None:
        """The person that "he" or "she" means: named in the question, in the answer, or in a cited title.

        After "Who replaced Tom?", "she" is somebody else than Tom.
        """
        named = spoken_of.named_in(names, self._people_in)
        if named and not (word in pronouns.FEMALE and _ASKS_WHO_DID.match(before)):
            return named
        texts = [text.replace(named, "") if named else text for text in (told, *(entry.title for entry in entries))]
        return spoken_of.most_prominent_person(texts, self._people_in) or named

    def _group(self, before: str, names: Sequence[Name], entries: Sequence[AnyEntry], told: str) -> str | None:
        """The people or the organisation that "they" means; None if neither is in focus."""
        if _ASKS_MAKER.match(before):
            return None
        if _ASKS_WHO_DID.match(before):
            people = spoken_of.people_of_first_sentence(told, self._people_in)
            if people:
                return " and ".join(people[:2])
        return spoken_of.organisation_in_focus(names, self._names(told), entries, self._organisations)

    def words_of(self, before: str) -> str:
        """Return the subject of a question; failing that, its names and content words."""
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
    """Return the content terms of a question, without terms that refer back."""
    return [word for word in questions.read(text).content if word not in POINTING_TERMS]


def short_title(entry: AnyEntry) -> str:
    """Return a title short enough for use in a sentence: the part before a colon, without brackets."""
    head = re.split(r":\s|\s[—–]\s", entry.title)[0]
    return re.sub(r"\s*\(.*?\)", "", head).strip() or entry.title


def _short_titles(entries: Sequence[AnyEntry], spoken: str) -> list[str]:
    """The titles that can stand for "they": short ones that share a word with the conversation.

    The title of a guide such as "War, cars and robots" is not the name of what a reader asks about.
    """
    words = set(terms(spoken))
    titles = [short_title(entry) for entry in entries]
    return [title for title in titles if len(title.split()) <= MAX_ANTECEDENT_WORDS and words & set(terms(title))]


def _is_object(word: str, after: str) -> bool:
    """Whether "her" is an object and not a possessive: no word follows that could be owned."""
    return word == "her" and not re.match(r"\s+\w", after)


def _find_words(name: str, text: str) -> tuple[int, int] | None:
    match = re.search(r"\W+".join(map(re.escape, re.findall(r"\w+", name))), text, re.IGNORECASE)
    return match.span() if match else None
