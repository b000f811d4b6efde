"""Replaces the subject of the previous question with the new one, if both are of the same type.

"What did OpenAI publish in 2024?" and "and Google?" make "What did Google publish in 2024?": organisation for organisation,
place for place, product for product, person for person, topic for topic.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from assistant.understanding import places
from assistant.understanding.lists.filter_names import FieldNames
from assistant.understanding.vocabulary import Name, NameRank, Vocabulary, key_of
from index.catalogue import Catalogue

NameType = Literal["product", "person"]
_LEAD = re.compile(r"^(?:in|for|at|by|from|with|on|of|about)\s+(?=\S)", re.IGNORECASE)
_TRAIL = re.compile(r"\s+(?:then|instead|too|as well|though|please|now)$", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
_PERSON = re.compile(r"[^\W\d_][\w’'.-]+(?: [^\W\d_][\w’'.-]*){1,3}")
_MIN_ENTRIES = 2
"""A topic of another place is used only if at least this many entries have it together with the subject of the question."""


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int


class Replacer:
    """Replaces names of one catalogue."""

    def __init__(self, catalogue: Catalogue, names: FieldNames, vocabulary: Vocabulary) -> None:
        self._catalogue = catalogue
        self._names = names
        self._vocabulary = vocabulary

    def replaced(self, said: str, before: str) -> str | None:
        """Return the previous question with the new thing in it; None if it has nothing of the same type.

        Args:
            said: What is asked about next: "google" in "and google?".
            before: The previous question as it was searched.
        """
        new = _TRAIL.sub("", _LEAD.sub("", said.strip(" \t?!.,"))).strip(" ,")
        if not new:
            return None
        for replace in (self._place, self._organisation, self._name, self._topic):
            found = replace(new, before)
            if found is not None:
                return found
        return None

    def _place(self, new: str, before: str) -> str | None:
        wanted = places.find(new)
        if len(wanted) != 1 or _ARTICLE.sub("", new[: wanted[0].start]).strip() or new[wanted[0].end :].strip():
            return None
        old = [place for place in places.find(before) if place.name != wanted[0].name]
        if not old:
            return None
        held = self._as_topic(old[-1], wanted[0], before)
        if held is not None:
            return held
        holder = self._name_around(before, old[-1])
        if holder is not None:
            return self._same_in(holder, old[-1], wanted[0])
        start, end = old[-1].start, old[-1].end
        is_adjective = re.match(r"\s+[a-z]", before[end:]) is not None
        return f"{before[:start]}{wanted[0].bare if is_adjective else wanted[0].name}{before[end:]}"

    def _as_topic(self, old: places.Place, new: places.Place, before: str) -> str | None:
        """The previous question with the topic for another place, if it named a topic for a place: "EU policy"."""
        mention = next((one for one in self._names.topics(before) if one.start <= old.start < one.end), None)
        wanted = places.topic_of(new, self._topics)
        if mention is None or wanted is None:
            return None
        return f"{before[: mention.start]}{_plain(wanted)}{before[mention.end :]}"

    def _name_around(self, text: str, place: places.Place) -> Name | None:
        """The name that a place is a part of: "EU AI Act"."""
        own = key_of(place.bare)
        longer = (name for name in self._vocabulary.find(text) if len(key_of(name.text)) > len(own))
        return next((name for name in longer if set(own) <= set(key_of(name.text))), None)

    def _same_in(self, name: Name, old: places.Place, new: places.Place) -> str:
        """A request for the same thing in another place: by the topic for the other place, if the catalogue has one."""
        entries = [self._catalogue.by_id[entry] for entry in name.entries]
        of_place = [one for one in entries if any(places.is_of(topic, old) for topic in one.topics)]
        entry = min(of_place or entries, key=lambda one: one.kind != "event")
        others = [topic for topic in entry.topics if not (places.is_of(topic, old) or places.is_of(topic, new))]
        wanted = places.topic_of(new, self._topics)
        if wanted is not None and (best := self._closest(others, wanted)):
            return f"Which events are there about {_plain(best)} and {_plain(wanted)}?"
        known = places.topic_of(old, self._topics)
        best = self._closest(others, known) if known is not None else None
        rest = re.sub(rf"\b(?:the\s+)?{re.escape(old.bare)}\b(?:['’]s)?\s*", "", name.text, flags=re.IGNORECASE).strip()
        return f"What is known about {_plain(best) if best else rest} in {new.name}?"

    def _closest(self, topics: Sequence[str], other: str) -> str | None:
        """The topic of which the largest share of entries also has another topic; None if too few have both."""
        counts = {
            topic: count
            for topic in topics
            if (count := sum({topic, other} <= set(entry.topics) for entry in self._catalogue.entries)) >= _MIN_ENTRIES
        }
        return max(counts, key=lambda topic: counts[topic] / self._topics[topic], default=None)

    @cached_property
    def _topics(self) -> Counter[str]:
        return Counter(topic for entry in self._catalogue.entries for topic in entry.topics)

    def _organisation(self, new: str, before: str) -> str | None:
        old = self._names.organisations(before)
        if not old:
            return None
        bare = _ARTICLE.sub("", new)
        found = [one for one in self._names.organisations(bare) if (one.start, one.end) == (0, len(bare))]
        if found:
            exact = [name for name in found[0].names if name.casefold() == bare.casefold()]
            return f"{before[: old[-1].start]}{(exact or [bare])[0]}{before[old[-1].end :]}"
        is_unknown = bare[:1].isupper() and len(bare.split()) <= 2 and self._vocabulary.get(bare) is None
        return f"{before[: old[-1].start]}{bare}{before[old[-1].end :]}" if is_unknown and len(old) == 1 else None

    def _name(self, new: str, before: str) -> str | None:
        bare = _ARTICLE.sub("", new)
        wanted = self._vocabulary.get(bare)
        kind = self._type_of(wanted) if wanted is not None else None
        if wanted is None or kind is None:
            return None
        same = [name for name in self._vocabulary.find(before) if self._type_of(name) == kind]
        spans = [span for name in same if (span := _find(name.text, before))]
        return f"{before[: spans[-1].start]}{wanted.text}{before[spans[-1].end :]}" if spans else None

    def _type_of(self, name: Name) -> NameType | None:
        """Whether a name is written like a person's or like a product's; None for an organisation, a topic or a place."""
        if not name.is_proper or name.rank in {NameRank.ORGANISATION, NameRank.TOPIC} or places.find(name.text):
            return None
        if self._names.organisations(name.text):
            return None
        words = name.text.split()
        if (
            name.rank == NameRank.MENTIONED
            and len(words) > 1
            and _PERSON.fullmatch(name.text)
            and all(word[0].isupper() for word in words)
        ):
            return "person"
        return "product" if len(words) <= 3 else None

    def _topic(self, new: str, before: str) -> str | None:
        found = [one for one in self._names.topics(new) if (one.start, one.end) == (0, len(new))]
        old = self._names.topics(before)
        return f"{before[: old[-1].start]}{new}{before[old[-1].end :]}" if found and old else None


def _plain(topic: str) -> str:
    return topic.replace("-", " ")


def _find(name: str, text: str) -> _Span | None:
    match = re.search(r"\b" + r"\W*".join(map(re.escape, re.findall(r"\w+", name))) + r"\b", text, re.IGNORECASE)
    return _Span(*match.span()) if match else None
