"""Everyday words for what entries report, with the words that a catalogue may use for the same thing.

General English, not names: "court cases" are "lawsuits", "mishaps" are "incidents". A word is used only if the catalogue has
a topic of the other name; the answer then says which topic it took.
"""

from index.lexical import terms

_SAME: tuple[tuple[str, ...], ...] = (
    ("lawsuits", "court cases", "law suits", "legal cases", "legal battles", "legal fights", "suits", "litigation", "trials", "cases in court"),
    ("regulation", "regulations", "laws", "law", "legislation", "acts", "statutes", "bills", "legal rules", "rules"),
    ("incidents", "accidents", "mishaps", "scandals", "failures", "blunders", "disasters", "mistakes", "harms"),
    ("summits", "conferences", "international meetings", "gatherings", "summit meetings"),
    ("funding", "investments", "funding rounds", "investment rounds", "investment deals", "fundraising", "financing", "grants"),
    ("open letters", "petitions", "public letters", "statements signed by researchers"),
    ("benchmarks", "test suites", "exams", "leaderboards"),
    ("hallucination", "made up facts", "invented facts", "confabulations"),
    ("deception", "lying", "lies", "deceit"),
    ("reward hacking", "cheating", "specification gaming"),
    ("generative media", "image generators", "video generators", "image generation", "video generation"),
    ("hardware", "chips", "processors", "semiconductors"),
    ("cybersecurity", "cyber attacks", "cyber security", "computer security"),
    ("open weights", "open source models", "open models", "open weight models"),
    ("jailbreaks", "jailbreaking"),
    ("agents", "autonomous agents"),
)  # fmt: skip


def _key(text: str) -> str:
    return " ".join(terms(text))


_OTHERS: dict[str, tuple[str, ...]] = {_key(word): same for same in _SAME for word in same}


def same_as(phrase: str) -> tuple[str, ...]:
    """Return the words for the same thing as a phrase, the phrase's own included; empty if none are known."""
    return _OTHERS.get(_key(phrase), ())
