"""Measures on MTRAG-UN how well the reader alone recognises answerable questions.

The score is its highest probability over the passages that word search finds.

`python -m training.answerable EVALDATA` prints one JSON object.
"""

import json
import sys
from pathlib import Path

import numpy as np

from assistant.evaluation.metrics import auroc
from assistant.verification.cross_encoder import CrossEncoder
from index.lexical import LexicalIndex, terms

from . import sources

TOP = 10


def main() -> None:
    """Print the AUROC for the question alone and for the last two user turns."""
    mtrag = Path(sys.argv[1]) / "mtrag"
    cross_encoder = CrossEncoder.open()
    if cross_encoder is None:
        raise SystemExit(1)
    tasks = list(sources.rows(mtrag / "un-tasks.jsonl.gz"))
    scores: dict[str, list[float]] = {"bm25": [], "reader": [], "reader_two_turns": []}
    labels: list[str] = []
    for pool in ("clapnq", "fiqa"):
        corpus = list(sources.rows(mtrag / pool / "corpus.jsonl.gz"))
        texts = [f"{row.get('title') or ''} {row['text']}".strip() for row in corpus]
        words = LexicalIndex.build(texts)
        for task in tasks:
            if task["collection"] != pool:
                continue
            asked = [turn["text"] for turn in task["history"] if turn["speaker"] == "user"]
            two = " ".join([*asked[-1:], task["question"]])
            labels.append(task["answerability"])
            for name, query in (("reader", task["question"]), ("reader_two_turns", two)):
                found = words.scores(terms(two))
                best = [int(place) for place in np.argsort(-found)[:TOP]]
                scores[name].append(float(cross_encoder.answers(query, [texts[place] for place in best]).max()))
            scores["bm25"].append(float(words.scores(terms(task["question"])).max()))
    result = {}
    for name, values in scores.items():
        sure = [
            (value, label)
            for value, label in zip(values, labels, strict=True)
            if label in {"ANSWERABLE", "UNANSWERABLE"}
        ]
        result[name] = {
            "answerable_or_not": round(auroc([v for v, _ in sure], [one == "ANSWERABLE" for _, one in sure]), 4),
            "answerable_or_any_other": round(auroc(values, [label == "ANSWERABLE" for label in labels]), 4),
        }
    json.dump(result, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
