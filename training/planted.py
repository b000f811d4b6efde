"""Measures how many planted faults the verifier catches: true sentences of the starter catalogue, each made wrong.

It uses only entries that are not in the training data. `python -m training.planted` prints one JSON object.
"""

import json
import random
import sys

import numpy as np

from assistant.verification.cross_encoder import open_cross_encoder
from assistant.verification.verify import Claim, Verifier
from index import dates
from index.lexical import LexicalIndex, terms

from . import sources
from .edits import Edit, names, negated, opposite, reworded, swapped_roles, wrong_date, wrong_name, wrong_number

SENTENCES, SEED = 300, 29


def main() -> None:
    """Plant faults, judge and count; true sentences are judged unchanged and reworded."""
    rng = random.Random(SEED)
    entries = {}
    for row in (*sources.rows(sources.STARTER / "events.jsonl"), *sources.rows(sources.STARTER / "guides.jsonl")):
        if sources.kept(row["id"]):
            texts = (row.get("summary"), row.get("tldr"), *(part["text"] for part in row.get("sections", ())))
            date = dates.in_words(row["date"]) if row.get("date") else ""
            entries[row["id"]] = (row["title"], date, *(text for text in texts if text))
    true = [(key, one) for key, texts in entries.items() for text in texts[2:] for one in sources.sentences(text)]
    chosen = rng.sample(true, min(SENTENCES, len(true)))
    pool = sorted({name for texts in entries.values() for text in texts[2:] for name in names(text)})
    keys = list(entries)
    words = LexicalIndex.build(["\n".join(entries[key]) for key in keys])

    def wrong_names(text: str, rng: random.Random) -> str | None:
        return wrong_name(text, rng, pool)

    edits: dict[str, Edit] = {
        "number": wrong_number,
        "date": wrong_date,
        "name": wrong_names,
        "negation": negated,
        "opposite": opposite,
        "roles": swapped_roles,
    }
    claims: dict[str, list[Claim]] = {
        "true": [Claim(one, entries[key]) for key, one in chosen],
        "reworded": [Claim(reworded(one, rng), entries[key]) for key, one in chosen],
    }
    for kind, edit in edits.items():
        made = [(key, edit(reworded(one, rng), rng)) for key, one in chosen]
        claims[kind] = [Claim(wrong, entries[key]) for key, wrong in made if wrong]
    claims["source"] = []
    for key, one in chosen:
        scores = words.scores(terms(one))
        near = [keys[int(place)] for place in np.argsort(-scores)[:4] if keys[int(place)] != key]
        claims["source"].append(Claim(one, entries[rng.choice(near)]))
    cross_encoder, notice = open_cross_encoder()
    if notice:
        print(notice, file=sys.stderr)
    told = {}
    for name, verifier in (("with_reader", Verifier(cross_encoder)), ("rules_alone", Verifier(None))):
        refused = {kind: [one.reason is not None for one in verifier.judge(made)] for kind, made in claims.items()}
        wrong = [one for kind, each in refused.items() if kind not in {"true", "reworded"} for one in each]
        asked = [one for kind in ("number", "date", "name", "negation", "source") for one in refused[kind]]
        told[name] = {
            "true_lost": round(float(np.mean(refused["true"])), 4),
            "reworded_lost": round(float(np.mean(refused["reworded"])), 4),
            "caught": round(float(np.mean(asked)), 4),
            "caught_with_opposites_and_roles": round(float(np.mean(wrong)), 4),
            "by_kind": {kind: [round(float(np.mean(each)), 4), len(each)] for kind, each in refused.items()},
        }
    json.dump(told, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
