"""Fits whether a message continues the conversation: `python -m training.fit_continuation [--write]`.

The rows come from the conversations of `training/data/judged` over the starter catalogue. A later turn continues the one
before it. The first turn of a conversation, put after another conversation of the same author, changes the subject. About
one later turn in eight changes the subject as well, because the authors were asked for that; these rows are labelled wrong.
"""

import argparse
import random
from pathlib import Path

import numpy as np

from assistant.conversation.acts import Recogniser
from assistant.conversation.continuation import CONTINUES, FEATURES, Continuation
from assistant.evaluation import metrics
from assistant.settings.settings import load
from assistant.workplace import Workplace

from . import logistic
from .entry_data import INCIDENT
from .judged_turns import FOLDER
from .sources import rows

TARGET = Path(__file__).parent.parent / "assistant" / "data" / "continuation.json"
RIDGE = 1.0
FOLDS = 5
SEED = 3


def conversations(author: Path) -> list[list[str]]:
    """The conversations of an author, each as the turns of its longest row; empty for those over AI incidents."""
    longest: dict[str, list[str]] = {}
    for row in rows(author):
        if any(unit["entry"].startswith(INCIDENT) for unit in row["units"]):
            return []
        name = row["id"].rpartition(".")[0]
        if len(row["turns"]) > len(longest.get(name, [])):
            longest[name] = row["turns"]
    return list(longest.values())


def table(continuation: Continuation) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The features of each row, whether the message continues, and the number of its author."""
    chance = random.Random(SEED)
    x, y, authors = [], [], []
    for number, path in enumerate(sorted(FOLDER.glob("*.jsonl"))):
        held = conversations(path)
        for turns in held:
            pairs = [(turns[at], turns[at - 1], turns[0], True) for at in range(1, len(turns))]
            other = chance.choice(held)
            if other is not turns:
                pairs.append((turns[0], other[-1], other[0], False))
            for text, previous, first, continues in pairs:
                values = continuation.features(text, previous, first)
                if values is None:
                    raise SystemExit("the embedder of the acts is not set: unset ALMANAC_EMBEDDER")
                x.append([values[name] for name in FEATURES])
                y.append(continues)
                authors.append(number)
    return np.array(x), np.array(y), np.array(authors)


def main() -> None:
    """Fit and report; with `--write`, save the weights."""
    parser = argparse.ArgumentParser(prog="python -m training.fit_continuation", description=__doc__)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    workplace = Workplace(load()[0])
    assistant = workplace.assistant()
    identity = workplace.embedder.identity if workplace.embedder else None
    recogniser = Recogniser(assistant.searcher.embed, identity)
    x, y, authors = table(Continuation(assistant.resolver.references, recogniser))
    scores = logistic.crossed(x, y, authors, ridge=RIDGE, folds=FOLDS)
    said = scores >= logistic.logit(CONTINUES)
    rule = x[:, list(FEATURES).index("leans")] > 0
    print(
        f"{len(y)} messages, {y.mean():.2f} continue; area {metrics.auroc(scores, y):.3f} (by authors not in the fit); at "
        f"{CONTINUES} {said[y].mean():.2f} of these are found, and {said[~y].mean():.2f} of the others are taken for one; by the "
        f"rules {rule[y].mean():.2f} and {rule[~y].mean():.2f}"
    )
    weights = logistic.fit(x, y, ridge=RIDGE)
    logistic.publish(FEATURES, weights, "python -m training.fit_continuation --write", TARGET, write=asked.write)


if __name__ == "__main__":
    main()
