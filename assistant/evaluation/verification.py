"""`almanac eval verify`: how well unsupported claims are told from supported ones, by the product's own verifier."""

from pathlib import Path
from typing import Any

from assistant.verification import verify
from assistant.verification.verify import Claim, Verifier

from . import datasets, metrics
from .datasets import EvaluationError

Figures = dict[str, Any]


def claims(path: Path) -> tuple[list[Claim], list[bool]]:
    """The claims of a file, and whether each is supported; any label but `supported` says that it is not.

    Raises:
        EvaluationError: a row is not `{claim, evidence, label}`.
    """
    found, labels = [], []
    for place, row in datasets.rows(path):
        evidence = row.get("evidence")
        texts = (evidence,) if isinstance(evidence, str) else evidence
        if not isinstance(row.get("claim"), str) or "label" not in row or not isinstance(texts, (list, tuple)):
            raise EvaluationError(f"{place}: a row needs claim, evidence (a text or a list of texts) and label")
        found.append(Claim(row["claim"], tuple(map(str, texts))))
        labels.append(row["label"] == "supported")
    return found, labels


def measure(verifier: Verifier, path: Path) -> Figures:
    """Area under the curve of the support score; precision, recall and F1 of "not supported" at the working point.

    Raises:
        EvaluationError: there are not both kinds of claims.
    """
    found, labels = claims(path)
    if not any(labels) or all(labels):
        raise EvaluationError(f"{path} needs supported claims and others")
    judged = verifier.judge(found)
    refused = [one.reason is not None for one in judged]
    right = sum(no and not label for no, label in zip(refused, labels, strict=True))
    precision = right / max(1, sum(refused))
    recall = right / labels.count(False)
    return {
        "auroc": round(metrics.auroc([one.support for one in judged], labels), 4),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / max(1e-9, precision + recall), 4),
        "supported_refused": round(
            sum(no and y for no, y in zip(refused, labels, strict=True)) / labels.count(True), 4
        ),
        "claims": len(labels),
        "working_point": verify.WORKING_POINT,
    }
