"""How entries stand to the topic of a brief: what the search says, and what the entries say of each other.

A search finds the sentences nearest to a few words. Which entries are *about* a topic shows in more than that: a topic
in their fields is named by the question, they share topics with those that lead, and those that lead link to them.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from assistant.retrieval.search import Found
from index.catalogue import Catalogue
from index.lexical import terms

LEADING = 8
"""Entries that lead a search: what they share tells what the topic is."""
NAMED = 1.0
SHARED = 1.0
LINKED = 0.3
"""What it weighs beside the search, on the same scale of 0..1: a topic that the question names, topics shared with the
leading entries, links with them (tests/evals/RESULTS.md)."""
COMMON = 300
"""A topic of more entries than this brings none in that the search has not found: too many to look into."""


class Standings:
    """Weighs entries for the topics of briefs, over one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @cached_property
    def _under(self) -> dict[str, list[str]]:
        """Ids of the entries of each topic."""
        under: dict[str, list[str]] = {}
        for entry in self._catalogue.entries:
            # A reading path says what to read, and nothing of its topics itself.
            for topic in () if entry.kind == "path" else dict.fromkeys(entry.topics):
                under.setdefault(topic, []).append(entry.id)
        return under

    @cached_property
    def _words(self) -> dict[str, frozenset[str]]:
        """The index terms of each topic."""
        return {topic: frozenset(terms(topic.replace("-", " "))) for topic in self._under}

    def of(
        self, found: Sequence[Found], weights: Mapping[str, float], only: Collection[str] | None
    ) -> dict[str, float]:
        """How entries stand to a topic, 1 for the first, best first; entries that were not found are among them.

        Args:
            found: The entries found, best first.
            weights: The topic's index terms that the catalogue knows, and what each weighs.
            only: Ids of the entries that may take part; None for all.
        """
        if not found:
            return {}
        by_id = self._catalogue.by_id
        named = self._named(weights)
        searched = _scaled({one.entry.id: one.score for one in found})
        by_name = {name: max(map(named.__getitem__, topics)) for name, topics in self._topics_in(named).items()}
        first = {
            name: searched.get(name, 0.0) + NAMED * by_name.get(name, 0.0)
            for name in {*searched, *by_name}
            if only is None or name in only
        }
        lead = sorted(first, key=lambda name: (-first[name], name))[:LEADING]
        lift = self._lift(lead)
        shared = _scaled(
            {name: sum(map(lift.__getitem__, topics)) for name, topics in self._topics_in(lift).items()}, low=0.0
        )
        linked = self._linked(lead)
        every = {
            name: first.get(name, 0.0) + SHARED * shared.get(name, 0.0) + LINKED * linked.get(name, 0.0)
            for name in {*first, *shared, *linked}
            if (only is None or name in only) and by_id[name].kind != "path"
        }
        most = max(every.values(), default=0.0) or 1.0
        return dict(sorted(((name, value / most) for name, value in every.items()), key=lambda one: (-one[1], one[0])))

    def _named(self, weights: Mapping[str, float]) -> dict[str, float]:
        """Topics of which the question has words: the share of its weight they take, less where it has not all of them."""
        total = sum(weights.values())
        found = {}
        for topic, words in self._words.items():
            had = words & weights.keys()
            if had and total and len(self._under[topic]) <= COMMON:
                found[topic] = sum(weights[word] for word in had) / total * len(had) / len(words)
        return found

    def _topics_in(self, weighed: Mapping[str, float]) -> dict[str, list[str]]:
        """For each entry of some topics, those it has."""
        have: dict[str, list[str]] = {}
        for topic in weighed:
            for name in self._under[topic]:
                have.setdefault(name, []).append(topic)
        return have

    def _lift(self, lead: Sequence[str]) -> dict[str, float]:
        """By how much more often each topic stands among some entries than in the whole catalogue."""
        counts = Counter(
            topic
            for name in lead
            for topic in dict.fromkeys(self._catalogue.by_id[name].topics)
            if topic in self._under
        )
        size = len(self._catalogue.entries)
        lifts = {topic: count / len(lead) - len(self._under[topic]) / size for topic, count in counts.items()}
        return {topic: lift for topic, lift in lifts.items() if lift > 0 and len(self._under[topic]) <= COMMON}

    def _linked(self, lead: Sequence[str]) -> dict[str, float]:
        """The share of each entry's links that lead to some entries; one more link is counted, so that one is not all."""
        links = self._catalogue.links
        counts = Counter(other for name in lead for other in dict.fromkeys(links.get(name, ())))
        return _scaled({name: count / (1 + len(links.get(name, ()))) for name, count in counts.items()}, low=0.0)


def _scaled(values: Mapping[str, float], low: float | None = None) -> dict[str, float]:
    """Values brought to 0..1."""
    if not values:
        return {}
    least = min(values.values()) if low is None else low
    most = max(values.values())
    return {name: (value - least) / (most - least) if most > least else 1.0 for name, value in values.items()}
