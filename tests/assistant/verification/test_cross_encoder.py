"""The shipped cross-encoder opens, is checked, and gives the same results in any batch."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from assistant.verification import cross_encoder as readers
from assistant.verification.cross_encoder import CROSS_ENCODER_SHA256, CrossEncoder, open_cross_encoder
from assistant.verification.pair_encoding import MAX_PAIR_TOKENS, PairEncoder
from index.embed import tokenizer_file

SHIPPED = Path(readers.__file__).parents[1] / "data" / "reader"


@pytest.fixture(scope="module")
def cross_encoder() -> CrossEncoder:
    """The shipped cross-encoder."""
    opened = CrossEncoder.open()
    assert opened is not None
    return opened


def test_the_shipped_model_is_the_known_one_and_small() -> None:
    """The model has at most 25 MB and the hash in the code."""
    assert (SHIPPED / "reader.onnx").stat().st_size <= 25_000_000
    assert len(CROSS_ENCODER_SHA256) == 64
    assert open_cross_encoder()[1] is None


def test_without_its_file_there_is_no_reader_but_a_notice(tmp_path: Path) -> None:
    """Without the cross-encoder, everything else works."""
    opened, notice = open_cross_encoder(tmp_path)
    assert opened is None
    assert notice is not None
    assert CrossEncoder.open(tmp_path) is None


def test_an_altered_file_is_not_run(tmp_path: Path) -> None:
    """A model with one more byte is not opened."""
    shutil.copytree(SHIPPED, tmp_path / "reader")
    with (tmp_path / "reader" / "reader.onnx").open("ab") as stream:
        stream.write(b"\0")
    opened, notice = open_cross_encoder(tmp_path / "reader")
    assert opened is None
    assert notice is not None
    assert "has the wrong checksum" in notice


def test_a_damaged_calibration_is_told(tmp_path: Path) -> None:
    """A missing or invalid calibration is found when the cross-encoder is opened."""
    shutil.copytree(SHIPPED, tmp_path / "reader")
    for damaged in ("", "[]", '{"answers": {"slope": 1}}', '{"answers": {"slope": "x", "offset": 0}, "supports": {}}'):
        (tmp_path / "reader" / "calibration.json").write_text(damaged, encoding="utf-8")
        assert open_cross_encoder(tmp_path / "reader")[0] is None


def test_the_eight_bit_model_agrees_with_the_one_that_was_trained(cross_encoder: CrossEncoder, project: Path) -> None:
    """Compared with stored logits of the torch model, probabilities differ by at most .05 on average."""
    rows = json.loads((project / "tests" / "assistant" / "verification" / "reader_parity.json").read_text("utf-8"))
    pairs = [tuple(row["pair"]) for row in rows]
    for head, name in enumerate(readers.HEADS):
        kept = cross_encoder._model.probability(name, [row[name] for row in rows])
        found = cross_encoder._judge(head, pairs)
        assert np.abs(kept - found).mean() < 0.05, name


def test_a_question_is_answered_by_the_sentence_that_says_it(cross_encoder: CrossEncoder) -> None:
    """Of sentences on the same subject, the one with the answer gets the highest probability."""
    texts = [
        "The museum was designed by Ada Lorne and opened in 1954.",
        "The museum lies at the river and is closed on Mondays.",
        "Bread is baked from flour, water and salt.",
    ]
    found = cross_encoder.answers("Who designed the museum?", texts)
    assert found.argmax() == 0
    assert found[0] > 0.5 > found[2]


def test_a_changed_number_lowers_the_support(cross_encoder: CrossEncoder) -> None:
    """A claim with the right number has more support than one with a wrong number."""
    evidence = "The tower has 120 steps and was finished in 1911 by two brothers."
    true, wrong = cross_encoder.supports(
        [("The tower has 120 steps.", evidence), ("The tower has 480 steps.", evidence)]
    )
    assert true > 0.5
    assert true > wrong + 0.2


def test_values_do_not_depend_on_the_company_of_a_pair(cross_encoder: CrossEncoder) -> None:
    """Order and batches change only the last digits; equal pairs get equal values."""
    texts = [
        f"Sentence {number} tells that {number * 7} people came to the fair. " * (1 + number % 5)
        for number in range(40)
    ]
    alone = np.array([cross_encoder.answers("How many people came to the fair?", [text])[0] for text in texts[:6]])
    together = cross_encoder.answers("How many people came to the fair?", [*texts, *texts[:6]])
    assert np.abs(together[:6] - alone).max() < 0.15
    assert together[:6].tolist() == together[-6:].tolist()


def test_any_text_gets_a_probability(cross_encoder: CrossEncoder) -> None:
    """Empty text, white space, half of a surrogate pair, a text of a megabyte."""
    odd = ["", " \n", "\ud800", "\x00\x01", "word " * 200_000, "🙂" * 5_000]
    for found in (
        cross_encoder.answers("", odd),
        cross_encoder.answers("x" * 2_000, odd),
        cross_encoder.supports([(one, one) for one in odd]),
    ):
        assert found.shape == (len(odd),)
        assert ((found > 0) & (found < 1)).all()
    assert cross_encoder.answers("Anything?", []).shape == (0,)
    assert cross_encoder.supports([]).shape == (0,)


def test_what_is_too_long_is_cut_from_the_second_text() -> None:
    """A question of less than 96 tokens stays whole; a pair is never longer than the limit of the model."""
    encoder = PairEncoder(tokenizer_file())
    (pair,) = encoder.encode([("what is it called " * 10, "word " * 900)])
    assert len(pair.ids) == len(pair.types) == MAX_PAIR_TOKENS
    assert pair.ids.index(102) == 41


def test_tokens_that_stand_in_both_texts_are_marked() -> None:
    """The token type shows whether the other text has the same number."""
    encoder = PairEncoder(tokenizer_file())
    (pair,) = encoder.encode([("seven ships", "seven boats")])
    assert pair.types == [0, 2, 0, 0, 3, 1, 1]
