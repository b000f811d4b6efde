"""The entry reader judges whole entries: which sentences answer, and whether the entry answers at all."""

import json
import shutil
from pathlib import Path

import pytest

from assistant.answering.reader import entry_reader as readers
from assistant.answering.reader.entry_encoding import EntryEncoder, EntryText
from assistant.answering.reader.entry_reader import EntryReader, forward, head_of, open_entry_reader
from index.embed import tokenizer_file

SHIPPED = Path(readers.__file__).parents[2] / "data" / "entry-reader"
MAX_MODEL_BYTES = 25_000_000
FINE = EntryText(
    "Court fines Exemplar Airways over its chatbot. 14 February 2019. Exemplar Airways",
    (
        "A tribunal ordered Exemplar Airways to pay 812 dollars to a passenger.",
        "The airline's chatbot had promised a refund that the airline does not give.",
        "Exemplar Airways argued that the chatbot was responsible for its own statements.",
    ),
)


@pytest.fixture(scope="module")
def reader() -> EntryReader:
    """The shipped entry reader."""
    opened, notice = open_entry_reader()
    assert opened is not None, notice
    return opened


def test_the_shipped_file_is_small_enough() -> None:
    """The shipped file is small enough."""
    assert (SHIPPED / "entry-reader.onnx").stat().st_size <= MAX_MODEL_BYTES


def test_a_changed_file_is_not_used(tmp_path: Path) -> None:
    """A changed file is not used."""
    shutil.copytree(SHIPPED, tmp_path / "reader")
    with (tmp_path / "reader" / "entry-reader.onnx").open("ab") as stream:
        stream.write(b"x")
    opened, notice = open_entry_reader(tmp_path / "reader")
    assert opened is None
    assert notice is not None
    assert "checksum" in notice
    assert EntryReader.open(tmp_path / "missing") is None


def test_the_eight_bit_model_agrees_with_the_one_that_was_trained(reader: EntryReader, project: Path) -> None:
    """The eight bit model agrees with the one that was trained."""
    stored = json.loads((project / "tests/assistant/answering/reader/entry_reader_parity.json").read_text("utf-8"))
    encoder = EntryEncoder(tokenizer_file())
    assert len(stored) >= 3
    for row in stored:
        (window,) = encoder.encode(row["question"], row["history"], EntryText(row["head"], tuple(row["sentences"])))
        sentences, entry = forward(reader._model, [window])
        assert sentences[0].tolist() == pytest.approx(row["sentence_logits"], abs=1.5)
        assert float(entry[0]) == pytest.approx(row["entry_logit"], abs=1.5)


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("how much did exemplar airways have to pay", 0),
        ("what had the chatbot promised", 1),
        ("how did the airline defend itself", 2),
    ],
)
def test_the_sentence_that_answers_gets_the_highest_probability(reader: EntryReader, question: str, best: int) -> None:
    """The sentence that answers gets the highest probability."""
    (judgement,) = reader.judge(question, (), [FINE])
    assert judgement.sentences.index(max(judgement.sentences)) == best


def test_an_entry_about_something_else_answers_less_probably(reader: EntryReader) -> None:
    """An entry about something else answers less probably."""
    other = EntryText("A robot paints a wall", ("The robot painted a wall in two hours.",))
    right, wrong = reader.judge("how much did exemplar airways have to pay", (), [FINE, other])
    assert right.answered > 0.5 > wrong.answered


def test_values_do_not_depend_on_the_other_entries(reader: EntryReader) -> None:
    """Each entry is read in a call of its own."""
    other = EntryText("A robot paints a wall", tuple(f"The robot painted wall number {n}." for n in range(40)))
    (alone,) = reader.judge("who had to pay", (), [FINE])
    together, _ = reader.judge("who had to pay", (), [FINE, other])
    assert together == alone


def test_an_entry_without_sentences_gets_nothing(reader: EntryReader) -> None:
    """An entry without sentences gets nothing."""
    (judgement,) = reader.judge("who", (), [EntryText("A title", ())])
    assert (judgement.answered, judgement.sentences) == (0.0, ())


def test_the_head_has_title_date_and_a_few_organisations() -> None:
    """The head has title date and a few organisations."""
    assert (
        head_of("A title.", "2019-02-14", ["exemplar-airways", "B", "C", "D"])
        == "A title. 14 February 2019. exemplar airways, B, C"
    )
    assert head_of("A title", None, ()) == "A title"
