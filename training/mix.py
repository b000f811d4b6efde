"""Builds the training set: public examples in balanced shares, and examples made by rules."""

import random
from collections import defaultdict
from collections.abc import Sequence

from index.lexical import LexicalIndex, terms

from .edits import falsified, names, reworded, swapped_roles
from .sources import HELD_OUT, Example, sentences

SHARES = {
    "squad2-dev-half:sentence": 4500,
    "squad2-dev-half:passage": 1800,
    "selqa-dev": 1600,
    "selqa-test": 3200,
    "qed-nq-dev:sentence": 1800,
    "qed-nq-dev:passage": 400,
    "boolq-dev+mined-neg": 500,
    "clapnq-train(answer text)+mined-neg": 1200,
    "pubmedqa-l+mined-neg": 100,
    "xquad-en:sentence": 400,
    "fever-nli(GGKorn)": 5500,
    "fever-dev(covidfact mirror)": 3200,
    "fever-symmetric": 1100,
    "snli-dev(e-SNLI)": 1200,
    "snli-test(e-SNLI)": 1200,
    "conjnli-adv-train(silver)": 900,
    "conjnli-dev": 500,
    "breaking-nli": 400,
    "help(conj. part)": 300,
    "wice-train(token file)": 374,
}
"""Examples of each public source at scale 1; as many positives as negatives, if there are enough."""
MADE = {
    "edits": 5000,
    "edited-claims": 2400,
    "merged": 1400,
    "removed": 1000,
    "cut": 1000,
    "mined": 1800,
    "titles": 600,
}
"""Pairs of examples made by rules at scale 1, by kind."""
MAX_EVIDENCE_SENTENCES = 4
"""Sentences of the evidence in an example made by a rule."""


def balanced(public: Sequence[Example], scale: float, rng: random.Random) -> list[Example]:
    """Choose the share of each public source; for SelQA, negatives that share words with their question."""
    by_source: dict[str, tuple[list[Example], list[Example]]] = defaultdict(lambda: ([], []))
    for one in public:
        by_source[one.source][one.label].append(one)
    chosen = []
    for source, share in SHARES.items():
        negatives, positives = by_source[source]
        rng.shuffle(negatives)
        rng.shuffle(positives)
        if source.startswith("selqa"):
            negatives.sort(key=_overlap, reverse=True)
            del negatives[len(negatives) // 2 :]
            rng.shuffle(negatives)
        wanted = int(share * scale)
        half = max(wanted // 2, wanted - len(negatives))
        taken = positives[:half]
        chosen += taken + negatives[: wanted - len(taken)]
    return chosen


def _overlap(one: Example) -> float:
    asked = set(terms(one.first))
    return len(asked & set(terms(one.second))) / max(1, len(asked))


class Maker:
    """Makes examples by rules from passages of the public training data and from catalogue entries."""

    def __init__(self, public: Sequence[Example], catalogue: Sequence[tuple[str, str]], rng: random.Random) -> None:
        self._rng = rng
        training = [one for one in public if one.source not in HELD_OUT["answers"] + HELD_OUT["supports"]]
        self._public = training
        self._catalogue = list(catalogue)
        texts = dict.fromkeys(one.second for one in training if one.head == 0 and len(one.second) > 300)
        passages = [sentences(text) for text in texts]
        self._passages = [one for one in passages if 2 <= len(one) <= 20]
        self._entries = [parts for _, text in self._catalogue if (parts := sentences(text))]
        self._names = sorted({name for parts in self._sample(3000) for one in parts for name in names(one)})

    def _sample(self, count: int) -> list[list[str]]:
        """Passages, half of them catalogue entries."""
        half = count // 2
        return [self._rng.choice(self._entries) for _ in range(half)] + [
            self._rng.choice(self._passages) for _ in range(count - half)
        ]

    def make(self, scale: float) -> list[Example]:
        """Make the examples of all kinds."""
        made: list[Example] = []
        for kind, count in MADE.items():
            maker = getattr(self, f"_{kind.replace('-', '_')}")
            made += maker(int(count * scale))
        return made

    def _around(self, parts: Sequence[str], place: int) -> list[str]:
        """Consecutive sentences that include the one at `place`."""
        length = min(len(parts), self._rng.choice((1, 1, 2, 2, 3, MAX_EVIDENCE_SENTENCES)))
        begin = self._rng.randint(max(0, place - length + 1), min(place, len(parts) - length))
        return list(parts[begin : begin + length])

    def _support(self, claim: str, evidence: str, label: int, kind: str) -> Example:
        return Example(1, claim, evidence, label, 1.0, f"made:{kind}")

    def _edits(self, count: int) -> list[Example]:
        """A sentence, often reworded, with its passage (supported), and with one edit (not supported)."""
        made: list[Example] = []
        for parts in self._sample(count):
            place = self._rng.randrange(len(parts))
            if not 5 <= len(parts[place].split()) <= 60:
                continue
            claim = reworded(parts[place], self._rng) if self._rng.random() < 0.7 else parts[place]
            evidence = " ".join(self._around(parts, place))
            wrong = falsified(claim, self._rng, self._names)
            if self._rng.random() < 0.15:
                swapped = swapped_roles(claim, self._rng)
                wrong = (swapped, "roles") if swapped else wrong
            made.append(self._support(claim, evidence, 1, "edits"))
            if wrong is not None:
                made.append(self._support(wrong[0], evidence, 0, f"edits:{wrong[1]}"))
        return made

    def _edited_claims(self, count: int) -> list[Example]:
        """Supported claims written by people, with one edit each; some evidence gets an unrelated sentence added."""
        true = [one for one in self._public if one.head == 1 and one.label and one.source.startswith("fever")]
        made = []
        for one in self._rng.sample(true, min(count, len(true))):
            wrong = falsified(one.first, self._rng, self._names)
            if wrong is None:
                continue
            evidence = one.second
            if self._rng.random() < 0.3:
                company = self._rng.choice(self._rng.choice(self._passages))
                evidence = f"{company} {evidence}" if self._rng.random() < 0.5 else f"{evidence} {company}"
                made.append(self._support(one.first, evidence, 1, "company"))
            made.append(self._support(wrong[0], evidence, 0, f"edited-claims:{wrong[1]}"))
        return made

    def _merged(self, count: int) -> list[Example]:
        """Claims of two sentences: the evidence has both sentences, or only one."""
        made = []
        for parts in self._sample(count):
            if len(parts) < 2:
                continue
            place = self._rng.randrange(len(parts) - 1)
            one, two = (reworded(part, self._rng) for part in parts[place : place + 2])
            if len(one.split()) + len(two.split()) > 70:
                continue
            claim = f"{one} {two}" if self._rng.random() < 0.5 else f"{one.rstrip('.')}, and {two[:1].lower()}{two[1:]}"
            whole = list(parts[max(0, place - 1) : place + 3])
            half = list(whole)
            half.remove(parts[place + self._rng.randrange(2)])
            made.append(self._support(claim, " ".join(whole), 1, "merged"))
            made.append(self._support(claim, " ".join(half), 0, "merged"))
        return made

    def _removed(self, count: int) -> list[Example]:
        """A sentence and its passage without it: the right subject, but no support for the claim."""
        made = []
        for parts in self._sample(count):
            if len(parts) < 2:
                continue
            place = self._rng.randrange(len(parts))
            rest = [one for at, one in enumerate(parts) if at != place and abs(at - place) < MAX_EVIDENCE_SENTENCES]
            made.append(
                self._support(reworded(parts[place], self._rng), " ".join(rest[:MAX_EVIDENCE_SENTENCES]), 0, "removed")
            )
        return made

    def _cut(self, count: int) -> list[Example]:
        """A passage with the answer, and the same passage without that sentence."""
        answers = [one for one in self._public if one.head == 0 and one.label and "sentence" in one.source]
        holders: dict[str, list[str]] = {}
        for parts in self._passages:
            for part in parts:
                holders.setdefault(part, parts)
        made = []
        for one in self._rng.sample(answers, len(answers)):
            held = holders.get(one.second)
            if held is None:
                continue
            place = held.index(one.second)
            near = held[max(0, place - 2) : place] + held[place + 1 : place + 3]
            if near:
                made.append(Example(0, one.first, " ".join(near), 0, 1.0, "made:cut"))
                around = held[max(0, place - 1) : place + 2]
                made.append(Example(0, one.first, " ".join(around), 1, 1.0, "made:cut"))
            if len(made) >= 2 * count:
                break
        return made

    def _mined(self, count: int) -> list[Example]:
        """Passages of other questions that word search finds: close to the question, but no answer."""
        asked = [one for one in self._public if one.head == 0 and one.label and "made" not in one.source]
        pool = list(dict.fromkeys(one.second for one in self._public if one.head == 0))
        self._rng.shuffle(pool)
        pool = pool[:25000]
        words = LexicalIndex.build(pool)
        right: dict[str, set[str]] = defaultdict(set)
        for one in asked:
            right[one.first].add(one.second)
        made = []
        for one in self._rng.sample(asked, min(count, len(asked))):
            scores = words.scores(terms(one.first))
            best = [int(place) for place in (-scores).argsort()[:12]]
            own = right[one.first]
            near = [
                pool[place]
                for place in best[2:]
                if scores[place] > 0 and not any(pool[place] in text or text in pool[place] for text in own)
            ]
            if near:
                made.append(Example(0, one.first, self._rng.choice(near), 0, 0.8, "made:mined"))
        return made

    def _titles(self, count: int) -> list[Example]:
        """Titles as questions: the entry with the title answers, the next entry that word search finds does not."""
        forms = ("What happened: {}?", "What do you know about {}?", "{}", "Tell me about {}", "What is said about {}?")
        texts = [f"{title}. {text}" for title, text in self._catalogue]
        words = LexicalIndex.build(texts)
        made = []
        for place in self._rng.sample(range(len(texts)), min(count, len(texts))):
            title, text = self._catalogue[place]
            question = self._rng.choice(forms).format(title)
            scores = words.scores(terms(title))
            near = [int(one) for one in (-scores).argsort()[:8] if self._catalogue[int(one)][0] != title]
            bare = self._rng.random() < 0.6
            made.append(Example(0, question, text if bare else texts[place], 1, 0.6, "made:titles"))
            if near:
                other = self._rng.choice(near)
                wrong = self._catalogue[other][1] if bare else texts[other]
                made.append(Example(0, question, wrong, 0, 0.6, "made:titles"))
        return made
