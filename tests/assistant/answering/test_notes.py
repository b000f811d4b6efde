"""Tests of the notes around an answer: what is not certain, and what it leaves out."""

from dataclasses import replace

from assistant.answering import notes, refusal
from assistant.answering.evidence import Evidence
from assistant.answering.selection import choose_read
from assistant.pipeline import Assistant
from tests.support.odd_catalogues import entry

HELD = entry(id="a", title="A", summary="Alpha was trained. It cost a million.")
SURE = Evidence(HELD, 0, "summary", 0, 18, "Alpha was trained.", 0.5, 0.5, 0.5, 0.5, fits=True, judged=0.9, chance=0.9)
OTHER = replace(SURE, place=1, start=19, end=37, text="It cost a million.", chance=0.3)
TWO = "was Alpha trained and who paid for it"


def test_only_an_improbable_answer_is_said_to_be_one() -> None:
    """The note stands before it; a sure answer stays as it is."""
    assert notes.added("Text [1]", "was it", [SURE], []) == "Text [1]"
    unsure = replace(SURE, chance=0.2)
    assert notes.added("Text [1]", "was it", [unsure], []) == f"{refusal.UNSURE}\n\nText [1]"


def test_a_name_that_no_entry_has_is_named() -> None:
    """Also before a sure answer."""
    assert "no entry that mentions “Zorb”" in notes.added("Text [1]", "was Zorb trained", [SURE], ["Zorb"])


def test_without_the_entry_reader_nothing_is_added() -> None:
    """Its scores are no probabilities."""
    assert notes.added("Text [1]", TWO, [replace(SURE, chance=None)], ["Zorb"]) == "Text [1]"


def test_a_part_of_the_question_without_an_answer_is_named() -> None:
    """Only if the other part has one."""
    first = replace(SURE, halves=(0.8, 0.1))
    assert notes.added("Text [1]", TWO, [first], []).endswith("the other part: “who paid for it”.")
    assert notes.added("Text [1]", TWO, [replace(first, halves=(0.8, 0.6))], []) == "Text [1]"
    assert notes.added("Text [1]", TWO, [replace(first, halves=(0.1, 0.1))], []) == "Text [1]"


def test_each_of_two_questions_gets_its_sentence() -> None:
    """Although the second one would be too improbable for the message as a whole."""
    given = [replace(SURE, halves=(0.8, 0.1)), replace(OTHER, halves=(0.1, 0.7))]
    pieces = choose_read(given, lambda *_: 0.0, lambda _: None, level="intermediate", group="thing")
    assert [piece.quote for piece in pieces] == ["Alpha was trained.", "It cost a million."]


def test_a_message_of_two_questions_is_answered_for_both(reading_assistant: Assistant) -> None:
    """The model reads each half, the second one after the first."""
    answer = reading_assistant.ask("What is RLHF, and who ate my sandwich in the canteen?")
    assert answer.status == "answered"
    assert "who ate my sandwich in the canteen" in answer.text
