"""Tests of what is asked of an answer's length and form."""

import pytest
from hypothesis import given

from assistant.understanding.manner import Manner, of_instruction, without_manner
from tests.support import odd_catalogues

ASKED = {
    "what is RLHF in one sentence": ("what is RLHF", Manner(sentences=1)),
    "What is RLHF in a single sentence?": ("What is RLHF?", Manner(sentences=1)),
    "explain transformers in 2 short sentences please": ("explain transformers", Manner(sentences=2)),
    "In two sentences: why was Altman fired?": ("why was Altman fired?", Manner(sentences=2)),
    "What is reward hacking? Three sentences max.": ("What is reward hacking?", Manner(sentences=3)),
    "what is rlhf as bullet points": ("what is rlhf", Manner(bullets=True)),
    "explain neural networks like I'm five": ("explain neural networks", Manner(level="beginner")),
    "what is RAG for dummies?": ("what is RAG?", Manner(level="beginner")),
    "whats an llm, in plain english": ("whats an llm", Manner(level="beginner")),
    "what does attention do, explain it to a 10 year old": ("what does attention do", Manner(level="beginner")),
    "what is RLHF in one sentence, for dummies": ("what is RLHF", Manner(sentences=1, level="beginner")),
    "Tell me about the EU AI Act in 50 words": ("Tell me about the EU AI Act", Manner(words=50)),
}
NOT_ASKED = [
    "how many words are in the training set of GPT-3",
    "was he given a life sentence",
    "Who wrote one sentence about AI risk?",
    "What are the first two sentences",
    "in one sentence please",
    "is chatgpt safe for kids",
    "which rules protect children and beginners",
    "should AI be explained to everybody",
    "What is RLHF?",
    "what do the two lines in the chart mean",
]


@pytest.mark.parametrize(("text", "expected"), ASKED.items())
def test_the_length_and_form_are_taken_out_of_a_question(text: str, expected: tuple[str, Manner]) -> None:
    """What remains is the question that is searched."""
    assert without_manner(text) == expected


@pytest.mark.parametrize("text", NOT_ASKED)
def test_a_question_about_sentences_stays_whole(text: str) -> None:
    """Also an instruction without a question."""
    assert without_manner(text) == (text, Manner())


@pytest.mark.parametrize(
    ("text", "manner"),
    [
        ("two sentences max", Manner(sentences=2)),
        ("in one sentence please", Manner(sentences=1)),
        ("make it 3 lines", Manner(sentences=3)),
        ("tl;dr", Manner(sentences=1)),
        ("in a nutshell", Manner(sentences=1)),
        ("20 words", Manner(words=20)),
        ("shorter", Manner()),
    ],
)
def test_an_instruction_may_say_how_long(text: str, manner: Manner) -> None:
    """Without a number, the length stays open."""
    assert of_instruction(text) == manner


@given(odd_catalogues.QUESTION)
def test_any_question_keeps_some_text(text: str) -> None:
    """Whatever is taken out, a question is left."""
    bare, _ = without_manner(text)
    assert bare.strip()
