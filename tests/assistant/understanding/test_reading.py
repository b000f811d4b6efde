"""Tests of parsing a question: its subject, its dates and its answer type."""

import pytest
from hypothesis import given

from assistant.understanding import reading as question
from index import dates
from tests.support import odd_catalogues

SUBJECTS = {
    "What is RLHF?": "RLHF",
    "WHAT IS RLHF???": "RLHF",
    "What is RLHF exactly?": "RLHF",
    "What exactly is RLHF?": "RLHF",
    "what's reward hacking": "reward hacking",
    "What’s reward hacking?": "reward hacking",
    "What is reward\n  hacking?": "reward hacking",
    "What are reasoning models?": "reasoning models",
    "What is a mesa-optimiser?": "mesa-optimiser",
    "Who was Alan Turing?": "Alan Turing",
    "Who is Jan Leike and what did he do?": "Jan Leike",
    "What does RAG stand for?": "RAG",
    'What does "sandbagging" mean?': "sandbagging",
    "What do people mean by alignment?": "alignment",
    "What is meant by scalable oversight?": "scalable oversight",
    "What is the idea behind weak-to-strong generalization?": "weak-to-strong generalization",
    "Define AI control": "AI control",
    "meaning of superposition": "superposition",
    "explain scaling laws in simple terms": "scaling laws",
    "Can you please explain chain of thought?": "chain of thought",
    "Could you explain interpretability in plain English?": "interpretability",
    "Hi, what is constitutional AI?": "constitutional AI",
    "So, tell me about the EU AI Act": "EU AI Act",
    "I'd like to know what RLHF is": "RLHF",
    "What is RLHF and why does it matter?": "RLHF",
    "Explain the transformer please": "transformer",
}
NO_SUBJECT = (
    "What is the difference between RLHF and DPO?",
    "What happened to Sydney?",
    "What did OpenAI publish in 2023?",
    "What is the number of parameters of GPT-3?",
    "What are the main results of the paper?",
    "Who founded Anthropic?",
    "How does RLHF work?",
    "Is RLHF good?",
    "what is",
    "What is ???",
    "what is a very long thing that goes on and on about many different topics forever?",
)
DATES = {
    "What did OpenAI publish in 2023?": ("2023", "2023"),
    "What happened during May 2024?": ("2024-05", "2024-05"),
    "In MARCH 2023": ("2023-03", "2023-03"),
    "in may of 2023": ("2023-05", "2023-05"),
    "in the year 2019": ("2019", "2019"),
    "in early 2025": ("2025-01", "2025-04"),
    "the law of 2021": ("2021", "2021"),
    "events since 2021": ("2021", None),
    "What happened after 2022?": ("2023", None),
    "after March 2023": ("2023-04", None),
    "after December 2023": ("2024-01", None),
    "before 2000": (None, "1999"),
    "before January 2021": (None, "2020-12"),
    "until 2019": (None, "2019"),
    "by Dec 2025": (None, "2025-12"),
    "by Sept 2025": (None, "2025-09"),
    "between 2020 and 2022": ("2020", "2022"),
    "from March 2021 to Sept 2021": ("2021-03", "2021-09"),
    "from 2020 until 2023": ("2020", "2023"),
    "from March 2021 to 2021": ("2021-03", "2021"),
    "between 2023 and 2020": ("2020", "2023"),
    "between June 2023 and May 2023": ("2023-05", "2023-06"),
    "What is the 2023 report?": (None, None),
    "from the 2020 paper": (None, None),
    "in 1949": (None, None),
    "in 20233": (None, None),
    "What may come in marching order?": (None, None),
}
ASKED = {
    "Who made AlexNet?": "person",
    "whose idea was it": "person",
    "the man who wrote it": "person",
    "When was it?": "time",
    "And when?": "time",
    "In which year did it happen?": "time",
    "how many people": "amount",
    "How large is GPT-3?": "amount",
    "What score did it get?": "amount",
    "What percentage of raters agreed?": "amount",
    "Where is it?": "place",
    "But why?": "reason",
    "how come they left": "reason",
    "How does it work?": "thing",
    "What is RLHF?": "thing",
}


@pytest.mark.parametrize(("asked", "subject"), SUBJECTS.items())
def test_the_thing_asked_about_is_found(asked: str, subject: str) -> None:
    """In every polite form of "What is X?", X is the subject, and the intent is a definition."""
    reading = question.read(asked)
    assert (reading.subject, reading.intent) == (subject, "define")


@pytest.mark.parametrize("asked", NO_SUBJECT)
def test_what_asks_for_no_definition_has_no_subject(asked: str) -> None:
    """Questions about a difference, a result, an event or a long description go to the search."""
    reading = question.read(asked)
    assert (reading.subject, reading.intent) == (None, "lookup")


@pytest.mark.parametrize(("asked", "span"), DATES.items())
def test_dates_restrict_as_exactly_as_they_were_said(asked: str, span: tuple[str | None, str | None]) -> None:
    """Months stay months and years stay years, "before" and "after" exclude the date, and order does not matter."""
    assert question.dates_in(asked) == span
    filters = question.read(asked).filters
    assert (filters.since, filters.until) == span


@pytest.mark.parametrize(
    ("asked", "without", "phrase"),
    [
        ("What did OpenAI publish in 2023?", "What did OpenAI publish?", "in 2023"),
        ("What happened between March 2020 and 2022?", "What happened?", "between March 2020 and 2022"),
        ("Since 2021, what did Meta do?", ", what did Meta do?", "Since 2021"),
        ("What is RLHF?", "What is RLHF?", None),
    ],
)
def test_a_date_can_be_taken_out(asked: str, without: str, phrase: str | None) -> None:
    """Returns the words that state the date, and the question without them."""
    assert question.without_dates(asked) == without
    assert question.date_phrase(asked) == phrase


@pytest.mark.parametrize(("asked", "kind"), ASKED.items())
def test_the_kind_of_answer_is_found(asked: str, kind: str) -> None:
    """A person, a time, an amount, a place, a reason, or a thing."""
    assert question.read(asked).asked == kind


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        ("guides on alignment", ("guide",)),
        ("Is there a guide to RLHF?", ("guide",)),
        ("an explainer about scaling", ("guide",)),
        ("Which learning path is for me?", ("path",)),
        ("Is there a reading list on safety?", ("path",)),
        ("What guidelines does the EU give?", ()),
        ("Who guides OpenAI?", ()),
    ],
)
def test_a_kind_of_entry_is_asked_for_by_its_name(asked: str, kinds: tuple[str, ...]) -> None:
    """Asking for "a guide to …" restricts to guides; a longer word with the same beginning does not."""
    assert question.read(asked).filters.kinds == kinds


@pytest.mark.parametrize(
    ("asked", "term"),
    [
        ("How many parameters does GPT-3 have?", "paramet"),
        ("how much of the data was filtered", "data"),
        ("What percentage of people agreed?", "peopl"),
        ("How many more GPUs?", "gpus"),
        ("How many?", None),
        ("How long is it?", None),
    ],
)
def test_what_is_counted_is_known(asked: str, term: str | None) -> None:
    """The index term for the things to count."""
    assert question.counted(asked) == term


def test_words_that_only_shape_a_question_are_not_what_it_asks() -> None:
    """`content` leaves them out; if no other words remain, all terms count."""
    reading = question.read("Please tell me exactly what reward hacking means")
    assert reading.words == reading.content == ("reward", "hack")
    bare = question.read("What does it mean?")
    assert bare.content == ()
    assert bare.words == bare.everything == ("mean",)


def test_names_make_room_for_what_is_asked_of_them() -> None:
    """Only whole names are replaced, with any punctuation between words; special characters in names are literal."""
    asked = "What did OpenAI say about GPT-4o mini and OpenAIs?"
    assert question.replace_names(asked, ["OpenAI", "GPT 4o mini"]) == "What did it say about it and OpenAIs?"
    assert question.replace_names("Is C++ (fast)?", ["C++"]) == "Is it++ (fast)?"


@given(odd_catalogues.QUESTION)
def test_any_question_can_be_read(asked: str) -> None:
    """No question raises an error; its dates are valid, and its subject occurs in the question."""
    reading = question.read(asked)
    for date in (reading.filters.since, reading.filters.until):
        assert date is None or dates.span(date)
    assert reading.subject is None or reading.subject in " ".join(asked.split())
    assert set(reading.content) <= set(reading.everything)


@pytest.mark.parametrize("again", ["the idea of ", "is ", "the ", "a meant by ", "so, ", "please and ", "known about "])
def test_a_question_made_to_be_slow_is_read(again: str) -> None:
    """Repetition and a line break once made the pattern try 2¹⁶⁰ paths, so it would never have ended."""
    for asked in (f"what is {again * 160}x\ny", f"{again * 160}what is x\ny", f"what is {again * 160}\n\n"):
        assert question.read(asked[:2_000]).intent in {"define", "lookup"}
