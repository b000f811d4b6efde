"""Who and what an answer is about: the person, or the organisation, that "he", "she" or "they" in the next question means."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence

from assistant.understanding.person_names import full_names
from assistant.understanding.vocabulary import Name
from index.models import AnyEntry

PeopleIn = Callable[[str], list[tuple[str, int]]]
"""Returns the people named in full in a text, in order, each with its start."""

_SENTENCE_END = re.compile(r"(?<=[.!?])(?:\s*\[\d+\])*\s+|\n+")
_MARKER = re.compile(r"\\|\s*\[\d+\]")
_FIRST_SENTENCE = 1.5
_SUBJECT = 1.5
_SUBJECT_END = 40
"""Characters of a sentence within which a name is taken for its subject."""
_SURNAME = 0.5
"""Weight of a surname alone: "Altman’s return" is about the person named in full before."""


def most_prominent_person(texts: Sequence[str], people_in: PeopleIn) -> str | None:
    """Return the person that some texts are about; None if the first text with people does not exist.

    The texts are tried in order: a later one is read only if those before name nobody. Within a text the subject of a
    sentence counts more than a name further on, and each name of a long list counts little.
    """
    for text in texts:
        weights = _weights(_MARKER.sub("", text), people_in)
        if weights:
            return max(weights, key=weights.__getitem__)
    return None


def _weights(text: str, people_in: PeopleIn) -> dict[str, float]:
    weights: defaultdict[str, float] = defaultdict(float)
    sentences = [sentence for sentence in _SENTENCE_END.split(text) if sentence.strip()]
    for at, sentence in enumerate(sentences):
        people = people_in(sentence)
        for name, start in people:
            weight = (_SUBJECT if start < _SUBJECT_END else 1.0) * (1.0 if at else _FIRST_SENTENCE)
            weights[name] += weight / len(people)
    for name in list(weights):
        surname = name.split()[-1]
        alone = len(re.findall(rf"(?<![\w’'-]){re.escape(surname)}(?!\w)", text)) - text.count(name)
        weights[name] += _SURNAME * max(0, alone)
    return weights


def named_in(names: Sequence[Name], people_in: PeopleIn) -> str | None:
    """Return the last person among the names of a question."""
    people = [name.text for name in names if any(full == name.text for full, _ in people_in(name.text))]
    return people[-1] if people else None


def people_of_first_sentence(text: str, people_in: PeopleIn) -> list[str]:
    """Return the people named in the first sentence of an answer, in order."""
    first = _SENTENCE_END.split(_MARKER.sub("", text).strip(), maxsplit=1)[0]
    return [name for name, _ in people_in(first)]


def organisation_in_focus(
    asked: Sequence[Name], told: Sequence[Name], entries: Sequence[AnyEntry], organisations: Collection[str]
) -> str | None:
    """Return the organisation that "they" means: the one in the previous question, or the first in its answer.

    Args:
        asked: The names of the question before.
        told: The names of its answer, in order.
        entries: The entries that the answer cited; an organisation of the answer must be one of their organisations.
        organisations: The names of all organisations of the catalogue.
    """
    named = [name.text for name in asked if name.text in organisations]
    if named or any(name.is_proper for name in asked):
        return named[-1] if len(set(named)) == 1 else None
    own = {organisation for entry in entries[:1] for organisation in entry.organisations}
    return next((name.text for name in told if name.text in own and not list(full_names(name.text))), None)
