"""Measures how well the verifier distinguishes unsupported claims from supported ones: `almanac eval verify`."""

from pathlib import Path
from typing import Any

from assistant.verification import verify
from assistant.verification.verify import Claim, Verifier

from . import datasets, metrics
from .datasets import EvaluationError

Figures = dict[str, Any]


def claims(path: Path) -> tuple[list[Claim], list[bool]]:
    """Read the claims of a file, and whether each is supported: its label is `supported`, or something else.

    Raises:
        EvaluationError: a row is not `{claim, evidence, label}`.
    """
    result, labels = [], []
    for place, row in datasets.rows(path):
        evidence = row.get("evidence")
        texts = (evidence,) if isinstance(evidence, str) else evidence
        if not isinstance(row.get("claim"), str) or "label" not in row or not isinstance(texts, (list, tuple)):
            raise EvaluationError(f"{place}: a row needs claim, evidence (a text or a list of texts) and label")
        result.append(Claim(row["claim"], tuple(map(str, texts))))
        labels.append(row["label"] == "supported")
    return result, labels


def measure(verifier: Verifier, path: Path) -> Figures:
    """Measure the AUROC of the support score, and precision, recall and F1 of "not supported" at the working point.

    Raises:
        EvaluationError: there are not both kinds of claims.
    """
    judged_claims, labels = claims(path)
    if not any(labels) or all(labels):
        raise EvaluationError(f"{path} needs supported and unsupported claims")
    judgements = verifier.judge(judged_claims)
    refused = [judgement.reason is not None for judgement in judgements]
    right = sum(is_refused and not label for is_refused, label in zip(refused, labels, strict=True))
    precision = right / max(1, sum(refused))
    recall = right / labels.count(False)
    return {
        "auroc": round(metrics.auroc([judgement.support for judgement in judgements], labels), 4),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / max(1e-9, precision + recall), 4),
        "supported_refused": round(
            sum(is_refused and label for is_refused, label in zip(refused, labels, strict=True)) / labels.count(True), 4
        ),
        "claims": len(labels),
        "working_point": verify.WORKING_POINT,
    }
