"""Tests of languages: questions in other languages are known, English is never taken for one."""

import json
from pathlib import Path

import pytest

from assistant.conversation import languages

SENTENCES = {
    "de": "Wann wurde das Sprachmodell veröffentlicht?",
    "fr": "Pourquoi le conseil a-t-il renvoyé son directeur ?",
    "es": "¿Cuándo entra en vigor la ley europea?",
    "pt": "Quem são os fundadores da empresa e quando foi criada?",
    "it": "Quando è stata approvata la legge sulla intelligenza artificiale?",
    "nl": "Wat zijn de regels voor het gebruik van gezichtsherkenning?",
    "pl": "Kto jest autorem tego modelu i kiedy powstał?",
    "ru": "Почему модели ошибаются?",
    "zh": "什么是强化学习？",
    "ja": "強化学習とは何ですか？",
    "ar": "ما هو الذكاء الاصطناعي؟",
    "hi": "कृत्रिम बुद्धिमत्ता क्या है?",
    "uk": "Хто створив цей ґрунтовний звіт і які є ризики?",
    "ko": "강화 학습이란 무엇입니까?",
    "tr": "Bu model ne zaman ve kim için yapıldı?",
    "sv": "Vad är skillnaden mellan de två modellerna?",
}
ENGLISH = [
    "Whta is teh diffrence betwen RLHF adn DPO",
    "wat is rlhf",
    "who is yann lecun",
    "Mistral and Le Chat vs Claude",
    "La Quadrature du Net complaint",
    "is die Zeit suing openai",
    "AI act en france",
    "gpt 4 o",
    "deepseek r1 vs o1",
    "no",
    "ChatGPT",
    "What does Schrems’s noyb say about “résumés”?",
    "explain the meaning of 强化学习 in one sentence please, with sources",
    "hte llm i tink halucinates alot, y?",
    "per capita compute in the uae",
]


@pytest.mark.parametrize(("language", "text"), SENTENCES.items())
def test_a_question_in_another_language_is_known(language: str, text: str) -> None:
    """By its script, or by its function words."""
    assert languages.written_in(text) == language
    assert languages.resembles(text) == language


@pytest.mark.parametrize("text", ENGLISH)
def test_english_with_errors_or_foreign_names_is_english(text: str) -> None:
    """Neither typing errors nor names make a text foreign."""
    assert languages.written_in(text, languages.SURE_FUNCTION_WORDS) is None


def test_no_english_question_written_for_training_is_foreign(project: Path) -> None:
    """Of ten thousand questions as people type them, those with names such as "van Gend en Loos" are the only doubt."""
    files = sorted((project / "training" / "data").glob("*.jsonl"))
    asked = [json.loads(line)["question"] for file in files for line in file.read_text("utf-8").splitlines()]
    foreign = [text for text in asked if languages.written_in(text)]
    assert len(asked) > 10_000
    assert len(foreign) <= 2, foreign


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("auf Deutsch bitte", "de"),
        ("can you say that in Spanish?", "es"),
        ("用中文回答", "zh"),
        ("in Polish or rather in Italian", "it"),
        ("in my language please", None),
    ],
)
def test_the_language_asked_for_is_known(text: str, language: str | None) -> None:
    """By its name in English or in the language itself; the last one named counts."""
    assert languages.asked_for(text) == language


def test_each_language_is_told_in_its_own_words_that_the_catalogue_is_in_english() -> None:
    """An unknown language gets the sentence in English."""
    assert len(set(languages.IN_ENGLISH.values())) == len(languages.IN_ENGLISH)
    for language, sentence in languages.IN_ENGLISH.items():
        assert languages.in_english(language) == sentence
        assert languages.written_in(sentence) in {language, "da" if language == "no" else language}
    assert languages.in_english(None) == languages.in_english("xx") == languages.IN_ENGLISH_ONLY
