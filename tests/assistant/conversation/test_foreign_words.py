"""Tests of questions in other languages, put into English words."""

import json
from pathlib import Path

import pytest

from assistant.conversation import languages
from assistant.conversation.foreign_words import in_english_words
from assistant.pipeline import Assistant
from assistant.question import Question

ASKED = {
    ("de", "Ich möchte gern wissen, was künstliche Intelligenz eigentlich ist."): "What is artificial intelligence?",
    ("de", "Wer hat OpenAI gegründet?"): "who founded OpenAI?",
    ("es", "¿Por qué demandaron los autores a OpenAI?"): "why sued author OpenAI?",
    ("fr", "Qu'est-ce que l'intelligence artificielle ?"): "What is artificial intelligence?",
    ("pl", "Kto założył OpenAI?"): "who founded OpenAI?",
    ("ru", "Когда был основан OpenAI?"): "when founded OpenAI?",
    ("zh", "什么是人工智能？"): "What is artificial intelligence?",
    ("ja", "ディープフェイクとは何ですか"): "What is deepfake?",
    ("tr", "Yapay zeka nedir?"): "What is artificial intelligence?",
}
LISTS = sorted((Path(languages.__file__).parent.parent / "data" / "words").glob("*.json"))


def only_openai(text: str) -> list[str]:
    """The one name of this catalogue."""
    return ["OpenAI"] if "openai" in text.lower() else []


@pytest.mark.parametrize(("asked", "english"), ASKED.items())
def test_known_words_become_english_and_names_stay(asked: tuple[str, str], english: str) -> None:
    """The question word comes first, as in English."""
    language, text = asked
    assert in_english_words(text, language, only_openai(text)) == english


@pytest.mark.parametrize(("language", "text"), [("de", "Guten Abend zusammen"), ("fr", "bonsoir"), ("el", "Καλημέρα")])
def test_a_text_without_a_known_word_gives_nothing(language: str, text: str) -> None:
    """Also in a language without a list."""
    assert in_english_words(text, language, only_openai(text)) is None


def test_a_name_is_enough_in_a_language_without_a_list() -> None:
    """Greek has none."""
    assert in_english_words("Τι είναι το OpenAI;", "el", ["OpenAI"]) == "What is OpenAI?"


def test_every_language_that_gets_a_sentence_has_words_and_a_sentence_for_nothing_found() -> None:
    """The three tables are kept together."""
    assert {path.stem for path in LISTS} == set(languages.IN_ENGLISH) == set(languages.NOTHING_FOUND)


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_a_list_has_the_question_words_and_no_empty_key(path: Path) -> None:
    """Without these no question can be put together."""
    held = json.loads(path.read_text("utf-8"))
    assert {"what", "who", "when", "where", "why", "how", "how many"} <= set(held.values())
    assert all(key.rstrip("$").strip() and english.strip() for key, english in held.items())


def test_the_languages_own_name_asks_for_nothing() -> None:
    """A question is not about Germany because it says "auf Deutsch"."""
    assert "Deutsch" not in languages.without_own_name("Was ist das auf Deutsch?", "de")
    assert "Deutsch" in languages.without_own_name("¿Qué significa Deutsch?", "es")


def test_a_question_in_german_is_answered_with_english_sentences(reading_assistant: Assistant) -> None:
    """The note says so, in German."""
    answer = reading_assistant.ask("Was ist ein Sprachmodell?")
    assert answer.status == "answered"
    assert answer.text.startswith(languages.IN_ENGLISH["de"])
    assert "language model" in answer.sentences[0].text.lower()


def test_nothing_found_is_said_in_the_language_of_the_question(reading_assistant: Assistant) -> None:
    """No English sentences are announced if none follow."""
    answer = reading_assistant.ask(Question("Wie geht es eigentlich deinem Nachbarn und seiner Katze?"))
    assert answer.status == "abstained"
    assert languages.IN_ENGLISH["de"] not in answer.text
