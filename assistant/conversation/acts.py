"""Tells what a user does with a message: asks a question, greets, wants the last answer shorter, and so on.

A multinomial logistic regression over the message and the user's message before it. Its weights are data
(`assistant/data/acts.npz`), fitted by `python -m training.train_acts` from messages written by hand
(`training/data/acts`). There is one set of weights over MiniLM's vectors and hashed features, and one over the hashed
features alone, for assistants without that embedder.
"""

import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from index.embed import Vectors

from . import languages

Act = Literal[
    "question", "follow_up", "greeting", "goodbye", "thanks", "praise", "complaint", "insult", "small_talk",
    "about_assistant", "capabilities", "sources_request", "human_request", "shorter", "simpler", "more_detail", "example",
    "bullets", "repeat", "language_request", "other_language", "list_filter", "list_sort", "list_count", "list_pick",
    "list_more", "correction", "agree", "disagree", "cancel", "opinion_request", "code_request", "creative_request",
    "personal_advice",
]  # fmt: skip
ACTS: tuple[Act, ...] = get_args(Act)
BUCKETS = 4096
"""Number of hashed features. Features that share a bucket share a weight."""
HASHED_SHARE = 4.0
VECTOR_SHARE = 3.0
PREVIOUS_SHARE = 1.0
"""Lengths of the three parts of the input: hashed features, the message's vector, the vector of the message before."""
LEAST = 0.25
"""A message that may be many things, none of them more probable than this, is searched."""
LONGEST = 300
"""Maximum number of characters that are read: a longer message is a question."""
MOST_WORDS = 40
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]")
_LISTS = re.compile(r"\b(?:list|show|all|which|every|timeline|chronology|events|guides|news|how many)\b", re.IGNORECASE)

FILE = "acts.npz"

Embed = Callable[[str], Vectors | None]
"""Returns the vector of a text, of length 1; None without an embedder."""
Weights = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a message does, and the probability of that, in 0..1."""

    act: Act
    probability: float


QUESTION = Recognised("question", 1.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """The weights of one fit: a row for each input, a column for each act."""

    weights: Weights
    bias: Weights
    threshold: float
    """Below this probability of all other acts together, a message is a question: a misread question is worst."""

    def probabilities(self, hashed: Sequence[int], vectors: Sequence[Vectors | None]) -> Weights:
        """Return the probability of each act, given hashed features and the vectors of the message and of the earlier one."""
        scores = self.bias + self.weights[hashed].sum(axis=0) * (HASHED_SHARE / max(1, len(hashed)) ** 0.5)
        start = BUCKETS
        for vector, share in zip(vectors, (VECTOR_SHARE, PREVIOUS_SHARE), strict=False):
            if vector is not None:
                scores = scores + vector @ self.weights[start : start + len(vector)] * share
                start += len(vector)
        exponents = np.exp(scores - scores.max())
        return np.asarray(exponents / exponents.sum(), np.float32)

    def decided(self, probabilities: Weights) -> Recognised:
        """Return the most probable act; a question or a follow-up if the others, or each of them, are not probable enough."""
        asks = [ACTS.index("question"), ACTS.index("follow_up")]
        others = probabilities.copy()
        others[asks] = 0.0
        is_other = others.sum() >= self.threshold and others.max() >= LEAST
        best = int(others.argmax()) if is_other else asks[int(probabilities[asks].argmax())]
        return Recognised(ACTS[best], float(probabilities[best]))


class Recogniser:
    """Recognises acts, with the vectors of an embedder if they are those that the weights were fitted for.

    Args:
        embed: Returns the vector of a text.
        embedder: The identity of that embedder; None for none.
    """

    def __init__(self, embed: Embed, embedder: str | None) -> None:
        self._embed = embed
        self._fit, self._has_vectors = _opened(embedder)

    def recognise(self, utterance: str, previous: str = "") -> Recognised:
        """Return what a message does; `previous` is the user's message before, or empty."""
        if len(utterance) > LONGEST or not utterance.strip():
            return QUESTION
        return self._fit.decided(self._probabilities(utterance, previous))

    def follow_up(self, utterance: str, previous: str) -> float:
        """Return the probability of a follow-up question, as a share of that of any question, in 0..1."""
        probabilities = self._probabilities(utterance[:LONGEST], previous)
        follow_up, question = (float(probabilities[ACTS.index(act)]) for act in ("follow_up", "question"))
        return follow_up / max(1e-9, follow_up + question)

    def vector(self, text: str) -> Vectors | None:
        """Return the vector of the beginning of a text; None if the weights were not fitted for the embedder."""
        return self._embed(text[:LONGEST]) if self._has_vectors else None

    def _probabilities(self, utterance: str, previous: str) -> Weights:
        vectors: list[Vectors | None] = []
        if self._has_vectors:
            vectors = [self._embed(utterance), self._embed(previous[:LONGEST]) if previous.strip() else None]
        return self._fit.probabilities(features(utterance, previous), vectors)


@lru_cache(maxsize=2)
def _opened(embedder: str | None) -> tuple[Fit, bool]:
    """Return the fit for an embedder, and whether it uses vectors."""
    path = resources.files("assistant") / "data" / FILE
    with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
        if tuple(data["acts"]) != ACTS:
            raise ValueError(f"{FILE} was made for other acts; run `python -m training.train_acts`")
        has_vectors = embedder is not None and embedder == str(data["embedder"])
        name = "vectors" if has_vectors else "words"
        weights = data[f"{name}.weights"].astype(np.float32) * data[f"{name}.scale"]
        return Fit(weights, data[f"{name}.bias"], float(data[f"{name}.threshold"])), has_vectors


def features(utterance: str, previous: str) -> list[int]:
    """Return the buckets of the hashed features of a message, each once."""
    return sorted(
        {zlib.crc32(feature.encode("utf-8", "replace")) % BUCKETS for feature in _features(utterance, previous)}
    )


def _features(utterance: str, previous: str) -> Iterator[str]:
    text = " ".join(utterance[:LONGEST].casefold().replace("’", "'").split())
    words = _TOKEN.findall(text)[:MOST_WORDS]
    has_previous = "p" if previous.strip() else "-"
    yield f"={text}"
    yield f"#{has_previous}"
    yield f"#{min(len(words), 4) if len(words) < 5 else 5 + min(len(words) // 4, 5)}{has_previous}"
    yield f"#lists{has_previous}{bool(_LISTS.search(previous[:LONGEST]))}"
    yield f"#foreign{languages.written_in(text) is not None}{languages.resembles(text) is not None}"
    for word in words:
        yield f"w{word}"
        if len(words) <= 4:
            yield f"s{word}{has_previous}"
    marked = ["^", *words, "$"]
    for first, second in pairwise(marked):
        yield f"b{first} {second}"
    for first, second, third in zip(marked, marked[1:], marked[2:], strict=False):
        yield f"t{first} {second} {third}"
    padded = f" {text} "
    for size in (3, 4):
        for at in range(len(padded) - size + 1):
            yield f"c{padded[at : at + size]}"
    for word in _TOKEN.findall(previous[:LONGEST].casefold())[:MOST_WORDS]:
        yield f"p{word}"
