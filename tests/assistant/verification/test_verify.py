"""The verifier: faults found by rules, support from the cross-encoder, and the measurement of both."""

import json
from pathlib import Path

import pytest

from assistant.evaluation import verification
from assistant.evaluation.datasets import EvaluationError
from assistant.verification.claim_checks import faults
from assistant.verification.cross_encoder import CrossEncoder
from assistant.verification.numbers_and_dates import numbers
from assistant.verification.verify import MAX_EVIDENCE_CHARACTERS, Claim, Verifier, focus

EVIDENCE = (
    "Orrin Labs publishes Kestrel",
    "2023-03-14",
    (
        "Orrin Labs released Kestrel on 14 March 2023 with 70 billion parameters. It was not tested in hospitals. "
        "Mara Feld, who leads Orrin Labs, said that more than two thousand people had used Kestrel before the release."
    ),
)


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    """The verifier with the shipped cross-encoder."""
    opened = CrossEncoder.open()
    assert opened is not None
    return Verifier(opened)


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        ("Kestrel has 80 billion parameters.", "number"),
        ("Kestrel has 70 million parameters.", "number"),
        ("Three thousand people had used Kestrel.", "number"),
        ("Kestrel was released in April 2023.", "date"),
        ("Kestrel was released on a Friday.", "date"),
        ("Kestrel was released by Tarn Systems.", "name"),
        ("Google released Kestrel.", "name"),
        ("GPT-9 was released by Orrin Labs.", "name"),
        ("Kestrel was tested in hospitals.", "negation"),
        ("Orrin Labs has not released Kestrel.", "negation"),
        ("Fewer than two thousand people had used Kestrel before the release.", "comparative"),
    ],
)
def test_what_the_evidence_does_not_hold_is_found_without_a_model(claim: str, kind: str) -> None:
    """A wrong number, date, name (also as the first word), negation or comparative is a fault."""
    assert kind in {fault.kind for fault in faults(claim, EVIDENCE)}


@pytest.mark.parametrize(
    "claim",
    [
        "Kestrel, released by Orrin Labs in March 2023, has 70,000,000,000 parameters.",
        "Mara Feld said that more than 2,000 people had used it.",
        "It was not tested in hospitals.",
        "Researchers had used Kestrel before the release.",
        "The release was on 2023-03-14.",
    ],
)
def test_what_is_only_said_otherwise_is_no_fault(claim: str) -> None:
    """Numbers in words or digits, dates in both forms and ordinary first words are no faults."""
    assert faults(claim, EVIDENCE) == []


def test_a_pronoun_stands_for_something_the_evidence_speaks_of() -> None:
    """If a sentence starts with "It", its evidence must mention the subject of the sentence before."""
    assert faults("It was not tested in hospitals.", EVIDENCE, subject="Kestrel is a model.") == []
    (fault,) = faults("It was not tested in hospitals.", EVIDENCE, subject="What is known of Marlin by Tarn Systems?")
    assert fault.kind == "subject"


def test_numbers_are_read_by_value() -> None:
    """Digits, words and scales are read; a number inside a name does not count."""
    assert set(numbers("1,200 ships, 3.5 million, twenty-one, COVID-19, GPT4")) == {1200.0, 3.5e6, 21.0}


def test_long_evidence_is_read_where_it_speaks_of_the_claim() -> None:
    """The sentences with words of the claim are chosen, in their order and within the limit."""
    parts = [f"Line {number} tells of nothing in particular and goes on about it." for number in range(200)]
    parts[120] = "The bridge was painted green in spring."
    parts[121] = "The painters of the bridge came from the north."
    chosen = focus("The bridge was painted green.", parts)
    assert len(chosen) <= MAX_EVIDENCE_CHARACTERS
    assert chosen.index("painted green") < chosen.index("came from the north")
    assert len(focus("x", ["word " * 5_000])) >= MAX_EVIDENCE_CHARACTERS


def test_unsupported_sentences_get_a_reason(verifier: Verifier) -> None:
    """A supported claim has no reason; any other names the fault, or says that the entry does not say it."""
    claims = [
        Claim("Orrin Labs released Kestrel on 14 March 2023.", EVIDENCE),
        Claim("Orrin Labs released Kestrel on 14 March 2021.", EVIDENCE),
        Claim("Bees make honey from nectar.", EVIDENCE),
    ]
    supported, wrong_year, unrelated = verifier.judge(claims)
    assert supported.reason is None
    assert (wrong_year.reason or "").startswith("number not in the cited entry")
    assert unrelated.reason == "the cited entry does not say this"


def test_without_the_reader_words_decide() -> None:
    """Without a cross-encoder, the evidence must contain most words of the claim, and the rules apply as well."""
    alone = Verifier(None)
    good, other, wrong = alone.judge(
        [
            Claim("Orrin Labs released Kestrel.", EVIDENCE),
            Claim("Bees make honey from nectar.", EVIDENCE),
            Claim("Orrin Labs released Kestrel in 2019.", EVIDENCE),
        ]
    )
    assert good.reason is None
    assert other.support < good.support
    assert wrong.reason is not None


def test_hostile_claims_are_judged_like_any_other(verifier: Verifier) -> None:
    """Empty, long and malformed claims each get a judgement."""
    odd = ["", " ", "A" * 20_000, "1" * 5_000, "not " * 4_000, "\ud800", "It", "Aa " * 5_000]
    found = verifier.judge([Claim(one, (one, "x")) for one in odd] + [Claim("Something.", ())])
    assert all(0 <= one.support <= 1 for one in found)


def test_the_measurement_reads_texts_and_lists_of_texts(verifier: Verifier, tmp_path: Path) -> None:
    """`eval verify` gives its documented figures; any label except `supported` counts as not supported."""
    file = tmp_path / "claims.jsonl"
    rows = [
        {"claim": "Kestrel has 70 billion parameters.", "evidence": list(EVIDENCE), "label": "supported"},
        {"claim": "Kestrel has 90 billion parameters.", "evidence": EVIDENCE[2], "label": "partially_supported"},
        {"claim": "Bees make honey from nectar.", "evidence": EVIDENCE[2], "label": "not_supported"},
    ]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    figures = verification.measure(verifier, file)
    assert figures["auroc"] == figures["precision"] == figures["recall"] == figures["f1"] == 1.0


@pytest.mark.parametrize(
    "row", ["{}", '{"claim": 1, "evidence": "", "label": ""}', '{"claim": "a", "evidence": 3, "label": "x"}']
)
def test_a_row_that_is_no_claim_is_named(verifier: Verifier, tmp_path: Path, row: str) -> None:
    """The error names the file and the line."""
    file = tmp_path / "claims.jsonl"
    file.write_text(row, encoding="utf-8")
    with pytest.raises(EvaluationError, match=r"claims\.jsonl:1"):
        verification.measure(verifier, file)
