"""Ranks entries by how much they are about the topic of a brief.

A search finds the sentences closest to a few words. Whether an entry is *about* a topic shows in three more signs: the
question names one of its topics, it shares topics with the leading entries, and the leading entries link to it.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from assistant.retrieval.search import FoundEntry
from index.catalogue import Catalogue
from index.lexical import terms

LEADING_ENTRIES = 8
"""So many entries at the top of the search show what the topic is."""
NAMED_WEIGHT = 1.0
SHARED_WEIGHT = 1.0
LINKED_WEIGHT = 0.3
"""Weights of the three signs; the search itself has weight 1, and all are on a scale of 0..1 (tests/evals/RESULTS.md)."""
MAX_TOPIC_ENTRIES = 300
"""A topic with more entries than this is ignored: too many entries to examine."""


class TopicRanking:
    """Ranks the entries of one catalogue for the topics of briefs."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @cached_property
    def _under(self) -> dict[str, list[str]]:
        """Ids of the entries of each topic."""
        under: dict[str, list[str]] = {}
        for entry in self._catalogue.entries:
            # A reading path lists what to read and says nothing about its topics.
            for topic in () if entry.kind == "path" else dict.fromkeys(entry.topics):
                under.setdefault(topic, []).append(entry.id)
        return under

    @cached_property
    def _words(self) -> dict[str, frozenset[str]]:
        """The index terms of each topic."""
        return {topic: frozenset(terms(topic.replace("-", " "))) for topic in self._under}

    def of(
        self, found: Sequence[FoundEntry], weights: Mapping[str, float], only: Collection[str] | None
    ) -> dict[str, float]:
        """Rank entries for a topic; return ids with scores, best first, the best score being 1.

        The result also has entries that the search did not find.

        Args:
            found: The entries found by the search, best first.
            weights: The topic's index terms that the catalogue knows, with their weights.
            only: Ids of the entries to rank; None for all.
        """
        if not found:
            return {}
        by_id = self._catalogue.by_id
        named = self._named(weights)
        searched = _scaled({item.entry.id: item.score for item in found})
        by_name = {name: max(map(named.__getitem__, topics)) for name, topics in self._topics_in(named).items()}
        first = {
            name: searched.get(name, 0.0) + NAMED_WEIGHT * by_name.get(name, 0.0)
            for name in {*searched, *by_name}
            if only is None or name in only
        }
        lead = sorted(first, key=lambda name: (-first[name], name))[:LEADING_ENTRIES]
        lift = self._lift(lead)
        shared = _scaled(
            {name: sum(map(lift.__getitem__, topics)) for name, topics in self._topics_in(lift).items()}, low=0.0
        )
        linked = self._linked(lead)
        every = {
            name: first.get(name, 0.0) + SHARED_WEIGHT * shared.get(name, 0.0) + LINKED_WEIGHT * linked.get(name, 0.0)
            for name in {*first, *shared, *linked}
            if (only is None or name in only) and by_id[name].kind != "path"
        }
        most = max(every.values(), default=0.0) or 1.0
        return dict(
            sorted(((name, value / most) for name, value in every.items()), key=lambda item: (-item[1], item[0]))
        )

    def _named(self, weights: Mapping[str, float]) -> dict[str, float]:
        """Topics with words in the question: the share of the question's weight in them, less if a word of the topic is missing."""
        total = sum(weights.values())
        named = {}
        for topic, words in self._words.items():
            common = words & weights.keys()
            if common and total and len(self._under[topic]) <= MAX_TOPIC_ENTRIES:
                named[topic] = sum(weights[word] for word in common) / total * len(common) / len(words)
        return named

    def _topics_in(self, weighed: Mapping[str, float]) -> dict[str, list[str]]:
        """For each entry with some of these topics: its topics among them."""
        topics_of: dict[str, list[str]] = {}
        for topic in weighed:
            for name in self._under[topic]:
                topics_of.setdefault(name, []).append(topic)
        return topics_of

    def _lift(self, lead: Sequence[str]) -> dict[str, float]:
        """For each topic: its share among some entries minus its share in the whole catalogue, if positive."""
        counts = Counter(
            topic
            for name in lead
            for topic in dict.fromkeys(self._catalogue.by_id[name].topics)
            if topic in self._under
        )
        size = len(self._catalogue.entries)
        lifts = {topic: count / len(lead) - len(self._under[topic]) / size for topic, count in counts.items()}
        return {
            topic: lift for topic, lift in lifts.items() if lift > 0 and len(self._under[topic]) <= MAX_TOPIC_ENTRIES
        }

    def _linked(self, lead: Sequence[str]) -> dict[str, float]:
        """The share of each entry's links that lead to some entries; one is added to its links, so that a single link is not all."""
        links = self._catalogue.links
        counts = Counter(other for name in lead for other in dict.fromkeys(links.get(name, ())))
        return _scaled({name: count / (1 + len(links.get(name, ()))) for name, count in counts.items()}, low=0.0)


def _scaled(values: Mapping[str, float], low: float | None = None) -> dict[str, float]:
    """Scale values to 0..1, from the lowest value or from `low`."""
    if not values:
        return {}
    least = min(values.values()) if low is None else low
    most = max(values.values())
    return {name: (value - least) / (most - least) if most > least else 1.0 for name, value in values.items()}
