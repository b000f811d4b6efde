"""Lists, counts, overviews and what is said after them, as people type them."""

from collections.abc import Sequence

import pytest

from assistant.answer import Answer, Turn
from assistant.pipeline import Assistant
from assistant.question import Question
from tests.assistant.test_always_true import check

DAY = "2026-06-30"
SUMMITS = "bletchley-declaration seoul-frontier-ai-safety-commitments paris-ai-action-summit india-ai-impact-summit international-ai-safety-report-2026"
SAME = [
    ("anything happening in the world of AI in february 2026?", "What happened in February 2026?"),
    ("give me the main AI stories of 2023", "major events in 2023"),
    ("What came out in artificial intelligence in May 2024", "events in May 2024"),
    ("Microsoft's events since 2023", "events of Microsoft since 2023"),
    ("show DeepMind's papers from 2022", "deepmind papers in 2022"),
    ("how many court cases in 2025", "How many lawsuits were there in 2025?"),
    ("count the AI laws", "How many events are about regulation?"),
    ("how many accidents have there been", "List all incidents"),
    ("key milestones of 2022", "major events in 2022"),
    ("the newest stuff about copyright", "What is the latest on copyright?"),
    ("most recent news on jailbreaks", "What is the latest on jailbreaks?"),
    ("What did Anthropic publish in 2024? > just the interpretability ones", "What did Anthropic publish about interpretability in 2024?"),
    ("List all lawsuits > and only those from 2025", "List all lawsuits in 2025"),
    ("what happened in March 2023 > how many were there?", "How many events happened in March 2023?"),
    ("What did OpenAI publish in 2023? > only the important ones", "major events of OpenAI in 2023"),
    ("What did OpenAI publish in 2024? > what about Meta?", "What did Meta publish in 2024?"),
    ("How many lawsuits involve OpenAI? > and for Anthropic?", "How many lawsuits involve Anthropic?"),
    ("Tell me what happened in AI in 2017", "What happened in 2017?"),
    ("any big news in artificial intelligence from april 2025?", "major events in April 2025"),
    ("how many court cases are there about copyright", "List all events about copyright lawsuits"),
    ("how many lawsuits have been filed against OpenAI?", "Which lawsuits involve OpenAI?"),
    ("whats the latest news on export controls", "What is the latest on export controls?"),
    ("What did OpenAI publish in 2024? > just from may", "What did OpenAI publish in May 2024?"),
    ("events about EU policy > and china?", "events about china"),
    ("events about interpretability > ones from Anthropic please", "events about interpretability from Anthropic"),
    ("What is RLHF? > Which guides are there for beginners?", "beginner guides"),
]  # fmt: skip
EXACT = [
    ("name the summits on AI safety", SUMMITS),
    ("which international ai summits have there been", SUMMITS),
    ("list all models Google has released", "bert gemini-1 gemini-2-5-pro gemini-3"),
    ("what models did Meta put out", "llama-1 llama-2 llama-3-1"),
    ("What is the oldest item you have", "alexnet"),
    ("which event is the oldest", "alexnet"),
    ("timeline of Meta's Llama models", "llama-1 llama-2 llama-3-1"),
    ("list the releases of Gemini", "gemini-1 gemini-2-5-pro gemini-3"),
    ("Which lawsuits are there? > show me the one with Elon Musk", "musk-v-altman-verdict"),
    ("list all lawsuits > open the second one", "pentagon-anthropic-dispute"),
    ("list all lawsuits > tell me more about number 4", "bartz-v-anthropic"),
    ("list all lawsuits > what about the one with the New York Times?", "nyt-v-openai"),
    ("events about copyright > leave out anthropic", "github-copilot nyt-v-openai eu-gpai-obligations"),
]
HAS = [
    ("when were the DeepSeek models released", "deepseek-r1 deepseek-v3", "openai-o1"),
    ("latest models", "deepseek-v4 claude-opus-4-6", "openai-model-spec-update-2025"),
    ("Which laws were there in 2025? > only the american ones", "sb-53 raise-act", "eu-gpai-obligations"),
    ("incidents in 2023 > only those with ChatGPT", "mata-v-avianca samsung-chatgpt-leak", "bing-sydney"),
    ("timeline of Claude releases", "claude-1 claude-3 claude-4", "anthropic-rsp-v1"),
    ("how many new language models came out in 2024", "claude-3 gpt-4o llama-3-1", "openai-model-spec-introduced"),
    ("what has Google done in 2025", "gemini-2-5-pro gemini-3", "gpt-5"),
    ("What is the EU AI Act? > and what about China?", "china-generative-ai-measures", "eu-ai-act-adoption"),
    ("compare GPT-4, Claude and Gemini", "gpt-4 claude-1", "rlhf"),
]
BOTH_MODES = ["how many incidents were there in 2024", "Give me a timeline of OpenAI in 2023", "list the open letters"]


def talk(assistant: Assistant, said: str, mode: str = "chat") -> Answer:
    """Return the answer to the last of some turns, separated by ">"."""
    turns: list[Turn] = []
    *before, last = said.split(" > ")
    for text in before:
        answer = assistant.ask(Question(text, turns, mode=mode, as_of=DAY))  # type: ignore[arg-type]
        turns += [Turn("user", text), Turn("assistant", answer.text, answer.cited, suggestions=answer.suggestions)]
    answer = assistant.ask(Question(last, turns, mode=mode, as_of=DAY))  # type: ignore[arg-type]
    check(answer, assistant.catalogue)
    return answer


@pytest.mark.parametrize(("said", "same"), SAME)
def test_another_wording_asks_for_the_same_entries(assistant: Assistant, said: str, same: str) -> None:
    """The entries are those of a plain request."""
    one, other = talk(assistant, said), talk(assistant, same)
    assert other.cited
    assert set(one.cited) == set(other.cited), one.searched_for


@pytest.mark.parametrize(("said", "ids"), EXACT)
def test_the_entries_are_exactly_these(assistant: Assistant, said: str, ids: str) -> None:
    """A list or a picked entry is exact."""
    answer = talk(assistant, said)
    assert set(answer.cited) == set(ids.split()), answer.searched_for


@pytest.mark.parametrize(("said", "ids", "never"), HAS)
def test_the_entries_are_among_those_cited(assistant: Assistant, said: str, ids: str, never: str) -> None:
    """What must be there is there, and what only looks like it is not."""
    answer = talk(assistant, said)
    assert set(ids.split()) <= set(answer.cited), answer.searched_for
    assert never not in answer.cited


@pytest.mark.parametrize("said", BOTH_MODES)
def test_both_modes_give_the_same_list(assistant: Assistant, said: str) -> None:
    """A request for a list or a count is no topic."""
    assert talk(assistant, said).citations == talk(assistant, said, "summary").citations


def in_order(assistant: Assistant, said: str, field: str = "date") -> Sequence[str]:
    """Return a field of the cited entries, in the order shown."""
    entries = [assistant.catalogue.by_id[name] for name in talk(assistant, said).cited]
    return [str(getattr(entry, field) or "") for entry in entries]


@pytest.mark.parametrize(
    ("said", "least"),
    [("list all open letters > starting with the oldest", 4), ("events about copyright > oldest ones first", 4)],
)
def test_the_oldest_comes_first(assistant: Assistant, said: str, least: int) -> None:
    """The list is the same, in another order."""
    dates = in_order(assistant, said)
    assert len(dates) >= least
    assert dates == sorted(dates)


def test_the_newest_comes_first(assistant: Assistant) -> None:
    """Also a timeline can be turned round."""
    dates = in_order(assistant, "timeline of superalignment > newest first please")
    assert len(dates) == 5
    assert dates == sorted(dates, reverse=True)


def test_the_most_important_comes_first(assistant: Assistant) -> None:
    """By the field `importance`."""
    shown = [
        int(value)
        for value in in_order(assistant, "What did OpenAI publish in 2023? > sort them by importance", "importance")
    ]
    assert len(shown) > 5
    assert shown == sorted(shown, reverse=True)


def test_more_goes_on_where_the_list_ended(assistant: Assistant) -> None:
    """Nothing is shown twice."""
    first = talk(assistant, "latest news about Anthropic").cited
    more = talk(assistant, "latest news about Anthropic > give me 3 more").cited
    assert len(more) == 3
    assert not set(first) & set(more)


def test_a_product_takes_the_place_of_a_product(assistant: Assistant) -> None:
    """Nothing is added in brackets."""
    assert talk(assistant, "who made chatgpt? > and gemini").searched_for.casefold() == "who made gemini?"


def test_the_biggest_are_as_many_as_asked_for(assistant: Assistant) -> None:
    """The number is part of the request."""
    answer = talk(assistant, "five biggest events of 2025")
    assert len(answer.cited) == 5
    assert answer.text.startswith("The 5 most important of ")


def test_what_is_new_is_the_latest(assistant: Assistant) -> None:
    """In this catalogue, "in AI" restricts nothing."""
    assert talk(assistant, "what's new in AI").text.startswith("The 5 latest of 222 events")
