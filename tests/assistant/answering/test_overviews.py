"""Overviews and lists as people type them: what happened, releases, a firm with its units, counts by another word."""

from collections.abc import Iterator

import pytest

from assistant.answer import Answer
from assistant.pipeline import Assistant
from assistant.question import Question
from tests.assistant.test_always_true import check
from tests.support import odd_catalogues

DAY = "2026-06-30"
RELEASES_2025 = "deepseek-r1 claude-3-7-sonnet-claude-code gemini-2-5-pro claude-4 gpt-oss gpt-5 gemini-3"
SUMMITS = "bletchley-declaration seoul-frontier-ai-safety-commitments paris-ai-action-summit india-ai-impact-summit international-ai-safety-report-2026"


def ask(assistant: Assistant, question: str, mode: str = "chat") -> Answer:
    """Ask on a fixed day, and check what is always true of an answer."""
    answer = assistant.ask(Question(question, mode=mode, as_of=DAY))  # type: ignore[arg-type]
    check(answer, assistant.catalogue)
    return answer


@pytest.mark.parametrize(
    ("question", "same"),
    [
        ("what happened in AI this year", "What happened in 2026?"),
        ("what happened in the ai world in march 2023", "What happened in March 2023?"),
        ("what were the big ai news in march 2023", "major events in March 2023"),
        ("list Anthropic's events in 2024", "events of Anthropic in 2024"),
        ("most important events of 2024", "major events in 2024"),
        ("which court cases involve OpenAI", "Which lawsuits involve OpenAI?"),
        ("events about copyright without those of Anthropic", "events about copyright, except Anthropic"),
    ],
)
def test_words_that_restrict_nothing_change_nothing(assistant: Assistant, question: str, same: str) -> None:
    """In this catalogue, "in AI" fits every entry; an owner, a size word or a synonym asks for the same entries."""
    one, other = ask(assistant, question), ask(assistant, same)
    assert one.intent == other.intent == "list"
    assert one.cited
    assert set(one.cited) == set(other.cited)


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("which AI models were released in 2025", RELEASES_2025),
        ("list the ai safety summits", SUMMITS),
        ("models by Meta", "llama-1 llama-2 llama-3-1"),
        ("how many models did Mistral AI release?", "mixtral-8x7b"),
    ],
)
def test_a_list_by_a_noun_has_what_the_noun_means(assistant: Assistant, question: str, ids: str) -> None:
    """A release is told by its opening sentence, and a topic is not taken for a part of an organisation's name."""
    assert set(ask(assistant, question).cited) == set(ids.split())


def test_a_chronology_of_releases_names_what_came_out(assistant: Assistant) -> None:
    """The oldest release comes first; a title without the name gets it; a document about models is no model."""
    answer = ask(assistant, "chronology of OpenAI's major model releases")
    assert answer.intent == "timeline"
    assert answer.cited[0] == "gpt-1"
    assert [name for name in ("GPT-2", "GPT-3", "GPT-4", "GPT-5") if name in answer.text] == [
        "GPT-2",
        "GPT-3",
        "GPT-4",
        "GPT-5",
    ]
    assert not {"openai-model-spec-introduced", "openai-model-spec-update-2025"} & set(answer.cited)
    assert {"gpt-1", "gpt-3", "gpt-4", "gpt-5", "gpt-oss"} <= set(ask(assistant, "timeline of GPT models").cited)


def test_a_firm_is_asked_for_with_its_units(assistant: Assistant) -> None:
    """The first line names the units, and a question for one unit does not return the others."""
    answer = ask(assistant, "what has google published since 2024")
    assert {"gemini-3", "deepmind-gemma-scope"} <= set(answer.cited)
    assert "of Google (with Google DeepMind)" in answer.text
    assert "seq2seq" not in ask(assistant, "events of DeepMind").cited


@pytest.mark.parametrize("question", ["how many laws are there", "how many lawsuits are there", "timeline of superalignment",
                                      "what happened in March 2023", "which guides are there", "latest news about Anthropic"])  # fmt: skip
def test_a_list_is_the_same_in_both_modes(assistant: Assistant, question: str) -> None:
    """Summary mode is for topics; a request for a list, a count or a timeline gets just that."""
    short, long = ask(assistant, question), ask(assistant, question, "summary")
    assert short.intent == long.intent != "summary"
    assert short.citations == long.citations
    assert long.brief is None


@pytest.mark.parametrize(
    "question", ["superalignment", "copyright events", "everything about sycophancy", "Overview of sycophancy"]
)
def test_a_topic_in_summary_mode_stays_a_brief(assistant: Assistant, question: str) -> None:
    """A mere topic is summarised."""
    assert ask(assistant, question, "summary").intent == "summary"


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("top 3 events of 2024", "The 3 most important of"),
        ("lawsuits of OpenAI, oldest first", "oldest first:"),
        ("latest 5 events from Anthropic after the first 5", "Numbers 6 to 10 of 58 events of Anthropic:"),
        ("list all lawsuits after the first 8", "There are no more: the catalogue has 8 events on the topic lawsuits."),
        ("events in 2024 without Google", "without those of Google"),
        ("how many laws are there", "events on the topic regulation:"),
        ("what happened recently", "The 5 latest of 222 events"),
    ],
)
def test_the_first_line_says_what_was_taken(assistant: Assistant, question: str, text: str) -> None:
    """Order, exceptions, the place in the list and the topic of another name are said in words."""
    assert text in ask(assistant, question).text


@pytest.fixture(scope="module")
def birds() -> Iterator[Assistant]:
    """A catalogue on another subject, with a trust that has a unit."""
    held = odd_catalogues.made(
        odd_catalogues.entry(id="a", title="Heron count", date="2021-05-04", organisations=["Reed Trust"], topics=["conferences"]),
        odd_catalogues.entry(id="b", title="Owl song", date="2022-05", organisations=["Reed Trust Wales"], topics=["songs"]),
        odd_catalogues.entry(id="c", title="Tern year", date="2023", organisations=["Centre for Owl Care"], topics=["owls"]),
    )  # fmt: skip
    with odd_catalogues.opened(held) as assistant:
        yield assistant


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("events of the Reed Trust", "ab"),
        ("events of Reed Trust Wales", "b"),
        ("list all conferences", "a"),
        ("events about owl care", "c"),
    ],
)
def test_any_catalogue_has_units_of_its_own(birds: Assistant, question: str, ids: str) -> None:
    """Units are told by the names in the catalogue."""
    assert set(birds.ask(question).cited) == set(ids)
