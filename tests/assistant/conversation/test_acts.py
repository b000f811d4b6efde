"""Tests of the classifier of dialogue acts, with wordings that are not among the rows it was fitted on."""

import json
from pathlib import Path

import numpy as np
import pytest

from assistant.conversation import acts
from assistant.conversation.acts import ACTS, Act, Recogniser
from index.embed import Embedder

BEFORE = "What is reward hacking?"
LISTED = "list all events about copyright"
UNSEEN: list[tuple[Act, str, str]] = [
    ("greeting", "", "good evening to you, assistant"),
    ("greeting", "", "hey hey, anyone home?"),
    ("goodbye", BEFORE, "right, I must be off now, bye bye"),
    ("goodbye", "", "see you next week then"),
    ("thanks", BEFORE, "many thanks, that clears it up"),
    ("thanks", BEFORE, "thank you ever so much for your help"),
    ("praise", BEFORE, "what a brilliant answer"),
    ("praise", BEFORE, "you are really good at this"),
    ("complaint", BEFORE, "this is not at all what I wanted to know"),
    ("complaint", BEFORE, "your answer makes no sense and is useless"),
    ("insult", BEFORE, "you are a stupid useless machine"),
    ("small_talk", "", "tell me a funny joke about cats"),
    ("small_talk", "", "how is your day going so far?"),
    ("about_assistant", "", "are you some kind of ChatGPT?"),
    ("about_assistant", "", "who programmed you and when?"),
    ("about_assistant", "", "am I talking to a real human being?"),
    ("capabilities", "", "so what can you actually help me with?"),
    ("capabilities", "", "what kind of things can I ask you here?"),
    ("sources_request", BEFORE, "where does this information come from?"),
    ("sources_request", BEFORE, "could you show me the sources for that"),
    ("human_request", "", "I would rather speak to a real person please"),
    ("human_request", "", "put me through to one of your staff"),
    ("shorter", BEFORE, "could you say that in a shorter way"),
    ("shorter", BEFORE, "that's too long, one sentence would do"),
    ("simpler", BEFORE, "explain that as if I was a small child"),
    ("simpler", BEFORE, "sorry, I really don't understand any of this"),
    ("more_detail", BEFORE, "could you go into a bit more detail there"),
    ("example", BEFORE, "could you give me a concrete example of that"),
    ("example", BEFORE, "got an example for me?"),
    ("bullets", BEFORE, "put that into bullet points for me"),
    ("repeat", BEFORE, "could you repeat your last answer please"),
    ("language_request", BEFORE, "could you answer me in Spanish please?"),
    ("language_request", BEFORE, "kannst du bitte auf Deutsch antworten"),
    ("other_language", "", "welche Gefahren hat künstliche Intelligenz für Schulen"),
    ("other_language", "", "quels sont les dangers de l'intelligence artificielle"),
    ("list_filter", LISTED, "only those from 2023 please"),
    ("list_sort", LISTED, "sort them with the oldest first"),
    ("list_count", LISTED, "how many of them are there altogether?"),
    ("list_pick", LISTED, "tell me about the third one"),
    ("list_more", LISTED, "show me some more of them"),
    ("correction", BEFORE, "no, I meant the one from 2023"),
    ("agree", BEFORE, "yes please, go ahead"),
    ("disagree", BEFORE, "no, not really"),
    ("cancel", BEFORE, "never mind, forget about it"),
    ("opinion_request", "", "what do you personally think about AI regulation?"),
    ("code_request", "", "write me a python function that reverses a string"),
    ("creative_request", "", "write me a short poem about robots"),
    ("personal_advice", "", "my head has been hurting for days, what should I take?"),
]
"""For each act, one to three messages that nobody wrote for training."""
QUESTIONS = [
    ("", "What is constitutional AI?"),
    ("", "what happened in AI this month"),
    ("hello", "show me all the guides you have"),
    ("", "is there a law against deepfakes in Europe"),
    ("", "who thanked whom at the Nobel ceremony of 2024"),
    ("", "can a chatbot be rude to its users?"),
    ("", "why do people say goodbye to old models like GPT-4o"),
    ("", "which assistants write code on their own?"),
    ("", "examples of models that cheat at chess"),
    ("", "what do researchers think about AI consciousness"),
    ("", "explain shorter training runs and why they work"),
    ("thanks", "and what is a reward model?"),
    ("", "Whta is teh transfomer architecure"),
    ("", "did openai repeat the mistakes of tay?"),
    ("", "how simple can a neural network be"),
    ("", "which models were trained to speak German"),
]
FOLLOW_UPS = [
    ("What is RLHF?", "How does it work?"),
    ("What is RLHF?", "who came up with that idea"),
    ("What is RLHF?", "why does it matter so much?"),
    ("who is sam altman", "when did he come back"),
    ("what is the eu ai act", "what about the us?"),
    ("gpt-4 release", "and what did google do then?"),
    ("what is sycophancy", "is that a problem for children too?"),
    ("openai board crisis", "how did it end"),
]


@pytest.fixture(scope="module")
def recogniser(embedder: Embedder) -> Recogniser:
    """The classifier with the real embedder."""
    return Recogniser(embedder.query, embedder.identity)


def fitted(project: Path) -> set[tuple[str, str]]:
    """Return the messages that the classifier was fitted on, in small letters."""
    files = sorted((project / "training" / "data" / "acts").glob("*.jsonl"))
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    return {(row["utterance"].casefold().rstrip("?!. "), row["act"]) for row in rows}


def test_the_wordings_of_this_file_are_new_and_no_act_is_missing(project: Path) -> None:
    """A test on messages that were fitted would show nothing."""
    known = {utterance for utterance, _ in fitted(project)}
    asked = [text for _, _, text in UNSEEN] + [text for _, text in (*QUESTIONS, *FOLLOW_UPS)]
    seen = [text for text in asked if text.casefold().rstrip("?!. ") in known]
    assert len(seen) <= 3, seen  # a few follow-ups are what everybody says
    assert {act for act, _, _ in UNSEEN} == set(ACTS) - {"question", "follow_up"}


def test_the_acts_of_the_rows_are_those_of_the_classifier(project: Path) -> None:
    """Each act has rows."""
    assert {act for _, act in fitted(project)} == set(ACTS)


@pytest.mark.parametrize(("act", "previous", "text"), UNSEEN)
def test_an_act_in_new_words_is_recognised_or_taken_for_a_question(
    recogniser: Recogniser, act: Act, previous: str, text: str
) -> None:
    """If in doubt, a message is searched; it is not taken for yet another act."""
    assert recogniser.recognise(text, previous).act in {act, "question", "follow_up"}


def test_nearly_all_acts_are_recognised_in_new_words(recogniser: Recogniser) -> None:
    """At most one in twelve is taken for a question."""
    missed = [text for act, previous, text in UNSEEN if recogniser.recognise(text, previous).act != act]
    assert len(missed) <= len(UNSEEN) // 12, missed


@pytest.mark.parametrize(("previous", "text"), [*QUESTIONS, *FOLLOW_UPS])
def test_a_question_is_never_taken_for_another_act(recogniser: Recogniser, previous: str, text: str) -> None:
    """Also if it has the words of another act."""
    assert recogniser.recognise(text, previous).act in {"question", "follow_up"}


@pytest.mark.parametrize(("previous", "text"), [*QUESTIONS, *FOLLOW_UPS])
def test_a_question_is_searched_without_vectors_too(previous: str, text: str) -> None:
    """It may be taken for a question about a list, but never for small talk or an instruction."""
    act = Recogniser(lambda _: None, None).recognise(text, previous).act
    assert act in {"question", "follow_up", "correction"} or act.startswith("list_")


@pytest.mark.parametrize(
    ("text", "previous", "act"),
    [
        ("hello", "", "greeting"),
        ("thank you very much", BEFORE, "thanks"),
        ("bye", "", "goodbye"),
        ("shorter please", BEFORE, "shorter"),
        ("give me an example", BEFORE, "example"),
        ("as bullet points", BEFORE, "bullets"),
        ("what can you do", "", "capabilities"),
        ("are you human", "", "about_assistant"),
    ],
)
def test_plain_wordings_are_recognised_without_vectors(text: str, previous: str, act: Act) -> None:
    """Without the embedder, hashed words and letters are enough for what most people write."""
    assert Recogniser(lambda _: None, None).recognise(text, previous).act == act


def test_vectors_of_another_embedder_are_not_used() -> None:
    """The weights fit MiniLM's vectors only; any other embedder is not even asked."""

    def embed(text: str) -> np.ndarray:
        raise AssertionError(text)

    assert Recogniser(embed, "openai:text-embedding-3-small").recognise("hello").act == "greeting"


@pytest.mark.parametrize("text", ["", " ", "\n", "x" * 301, "hello " * 60])
def test_an_empty_or_long_message_is_a_question(recogniser: Recogniser, text: str) -> None:
    """A message of more than 300 characters is never small talk."""
    assert recogniser.recognise(text) == acts.QUESTION


def test_a_probability_is_one_and_the_file_is_small(recogniser: Recogniser, project: Path) -> None:
    """Probabilities lie in 0..1, and the weights take less than a megabyte."""
    for _, previous, text in UNSEEN:
        assert 0 < recogniser.recognise(text, previous).probability <= 1
    assert (project / "assistant" / "data" / acts.FILE).stat().st_size < 1_000_000


def test_half_a_character_in_an_earlier_message_is_no_danger() -> None:
    """Earlier messages may have come from outside with lone surrogates."""
    assert acts.features("half a pair \ud83d", "\udfff")


def test_features_do_not_depend_on_the_process() -> None:
    """Python's own hashes change from one start to the next; these must not."""
    first = acts.features("shorter please", "What is RLHF?")
    assert first == sorted(set(first))
    assert acts.features("Shorter   PLEASE", "What is RLHF?") == first
    assert max(first) < acts.BUCKETS
