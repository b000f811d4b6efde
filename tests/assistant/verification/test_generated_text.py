"""Text of a language model: what the catalogue supports stays and is cited, the rest is removed with a reason."""

from assistant.pipeline import Assistant
from assistant.verification.generated_text import Checker

TRUE = "A GAN trains two neural networks together, a generator and a discriminator."
FALSE = "A GAN trains 17 neural networks together."


def test_supported_sentences_are_cited_by_exact_characters(assistant: Assistant) -> None:
    """The quotation is the entry's own sentence, and the false sentence is listed with its reason."""
    draft = Checker(assistant.index, None).draft(
        f"{TRUE} {FALSE}", ["generative-adversarial-networks"], "What is a GAN?"
    )
    assert [sentence.text for sentence in draft.sentences] == [TRUE]
    (citation,) = draft.citations
    entry = assistant.catalogue.by_id[citation.entry_id]
    assert entry.texts()[citation.field][citation.start : citation.end] == citation.quote
    assert "generator" in citation.quote
    assert [removed.text for removed in draft.removed] == [FALSE]
    assert "17" in draft.removed[0].reason


def test_text_without_any_support_is_an_abstention(assistant: Assistant) -> None:
    """Nothing is shown, and the reason says so."""
    draft = Checker(assistant.index, None).draft("Cheese is made of milk.", ["rlhf"], "What is RLHF?")
    assert (draft.citations, draft.sentences, draft.text) == ((), (), "")
    assert draft.reason == "Nothing that the language model wrote is supported by the catalogue."


def test_without_retrieved_entries_every_sentence_is_removed(assistant: Assistant) -> None:
    """Unknown ids are ignored, so nothing is left to check against."""
    draft = Checker(assistant.index, None).draft(TRUE, ["no-such-entry"], "What is a GAN?")
    assert [removed.reason for removed in draft.removed] == ["no entry was retrieved"]


def test_markup_of_a_language_model_is_shown_as_text(assistant: Assistant) -> None:
    """Markdown in a written sentence cannot make a link or a heading."""
    written = "A GAN trains two neural networks together, a [generator](javascript:x) and a discriminator."
    draft = Checker(assistant.index, None).draft(written, ["generative-adversarial-networks"], "What is a GAN?")
    assert r"\[generator\](" in draft.text
