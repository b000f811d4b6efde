"""Briefs: their topic, their sentences, their order, and their frame."""

import time
from collections.abc import Callable, Iterator

import pytest

from assistant.answer import Answer
from assistant.answering import selection
from assistant.brief import headings, later_and_open
from assistant.brief.topic_ranking import TopicRanking
from assistant.pipeline import Assistant
from assistant.question import Question
from assistant.retrieval.search import FoundEntry
from assistant.understanding.brief_request import order_of, topic_of
from index.embed import Embedder
from index.models import AnyEntry
from tests.support import odd_catalogues

TOPICS = {
    "Summarise what is known about chain-of-thought monitoring since 2024": "chain-of-thought monitoring since 2024",
    "Give me an overview of sycophancy": "sycophancy",
    "What is known about the EU AI Act?": "the EU AI Act",
    "please write me a short brief on reward hacking for us": "reward hacking",
    "Summarize the history of RLHF.": "RLHF",
    "What do we know about scaling laws so far?": "scaling laws",
    "Could you sum up what happened in AI policy in 2023": "AI policy in 2023",
    "overview: jailbreaks": "jailbreaks",
    "RLHF": "RLHF",
    "Summarise": "Summarise",
    "summary of": "summary of",
    "What did OpenAI publish in 2023?": "What did OpenAI publish in 2023?",
}


@pytest.mark.parametrize(("question", "topic"), TOPICS.items())
def test_a_topic_is_what_is_left_without_the_words_that_ask_for_a_summary(question: str, topic: str) -> None:
    """The search uses the topic; if nothing would be left, the whole question."""
    assert topic_of(question) == topic


def test_a_question_about_a_course_of_events_is_ordered_by_time() -> None:
    """Words such as "history" and "how … changed" ask for an order by time; everything else is ordered by theme."""
    for question in ("the history of GPUs", "Timeline of releases", "how has the Act changed?", "how it evolved"):
        assert order_of(question) == "time"
    for question in ("What is known about RLHF since 2024?", "Overview of jailbreaks", "Summarise AI control"):
        assert order_of(question) == "theme"


def brief(assistant: Assistant, question: str, **more: object) -> Answer:
    """A brief that has an answer."""
    answer = assistant.ask(Question(question, mode="summary", **more))  # type: ignore[arg-type]
    assert answer.status == "answered", (question, answer.reason)
    assert answer.brief is not None
    return answer


QUESTIONS = (
    "Summarise what is known about chain-of-thought monitoring since 2024",
    "What is known about reward hacking?",
    "Overview of AI safety institutes",
    "Summarise the history of open-weights models",
    "Give me a briefing on jailbreaks",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_brief_is_long_broad_and_does_not_repeat_itself(assistant: Assistant, question: str) -> None:
    """8 to 15 sentences from several entries, no repeats, none that needs a sentence which is not before it."""
    answer = brief(assistant, question)
    assert 8 <= len(answer.sentences) <= 15
    assert len(answer.cited) >= 4
    assert len({citation.quote for citation in answer.citations}) == len(answer.citations)
    for before, citation in zip((None, *answer.citations), answer.citations, strict=False):
        if selection.needs_context(citation.quote):
            assert before is not None
            assert (before.entry_id, before.field) == (citation.entry_id, citation.field)
            assert before.end <= citation.start


def test_a_brief_keeps_to_the_dates_and_begins_with_the_background(assistant: Assistant) -> None:
    """A brief "since 2024" leaves out older and undated entries; without a period, guides come first."""
    since = brief(assistant, "Summarise what is known about chain-of-thought monitoring since 2024")
    assert all((citation.date or "") >= "2024" for citation in since.citations)
    assert since.filters.since == "2024"
    every = brief(assistant, "Summarise what is known about chain-of-thought monitoring")
    assert every.brief is not None
    assert every.brief.parts[0].heading == headings.BACKGROUND
    kinds = [citation.kind for citation in every.citations]
    assert kinds == sorted(kinds, key=lambda kind: kind != "guide")


def test_a_brief_by_time_is_in_order_of_time(assistant: Assistant) -> None:
    """The parts are periods, and in each the oldest entry comes first."""
    answer = brief(assistant, "Summarise the history of open-weights models")
    assert answer.brief is not None
    assert answer.brief.order == "time"
    days = [citation.date for citation in answer.citations if citation.kind == "event"]
    assert days == sorted(days, key=str)
    assert all(part.heading[:4].isdigit() for part in answer.brief.parts[1:])


def test_a_level_changes_how_much_is_said_and_never_the_facts(assistant: Assistant) -> None:
    """Beginners get fewer sentences, and more of them from the short texts of guides."""
    easy, full = (
        brief(assistant, "What is known about AI control?", level=level) for level in ("beginner", "advanced")
    )
    assert len(easy.sentences) < len(full.sentences) <= 15
    share = [sum(c.kind == "guide" for c in answer.citations) / len(answer.citations) for answer in (easy, full)]
    assert share[0] >= share[1]


def test_a_topic_that_is_not_there_gets_no_brief(assistant: Assistant) -> None:
    """A refusal has a reason, the nearest entries, and no citation."""
    for question in (
        "Summarise Peruvian cuisine",
        "Give me an overview of bitcoin mining",
        "Summarise sycophancy in 1994",
    ):
        answer = assistant.ask(Question(question, mode="summary"))
        assert (answer.status, answer.brief, answer.citations) == ("abstained", None, ())
        assert answer.reason


def test_a_chat_answer_has_no_brief(assistant: Assistant) -> None:
    """Only a brief has a frame."""
    assert assistant.ask("What is RLHF?").brief is None


def test_a_topic_in_the_chat_gets_a_short_brief_over_several_entries(assistant: Assistant) -> None:
    """In the chat, a summary is longer than a lookup, shorter than a brief, and has no frame."""
    for question in ("Summarise what is known about chain-of-thought monitoring since 2024", "Overview of sycophancy"):
        answer = assistant.ask(question)
        assert (answer.status, answer.intent, answer.mode, answer.brief) == ("answered", "summary", "chat", None)
        assert 4 <= len(answer.sentences) <= 7
        assert len(answer.cited) >= 3
        assert "###" not in answer.text


def test_one_thing_in_the_chat_is_looked_up_and_not_summarised_with_others(assistant: Assistant) -> None:
    """A name that stands for a single entry is not a topic."""
    answer = assistant.ask("Can you summarise the Bartz v. Anthropic ruling?")
    assert answer.intent != "summary"
    assert answer.cited[0] == "bartz-v-anthropic"


def test_a_topic_is_there_where_its_words_meet_though_one_is_not_known(assistant: Assistant) -> None:
    """An unknown word that narrows a topic allows a brief; a word that makes it another topic does not."""
    answer = brief(assistant, "Mechanistic interpretability since 2023")
    by_id = assistant.catalogue.by_id
    about = [name for name in answer.cited if "interpretability" in by_id[name].topics]
    assert len(about) >= 0.8 * len(answer.cited)
    for other in ("quantum machine learning", "AI regulation in Brazil"):
        assert assistant.ask(Question(other, mode="summary")).status == "abstained"


def test_what_entries_share_tells_which_are_on_a_topic() -> None:
    """An entry that the search did not find is ranked by its topics and links."""
    held = odd_catalogues.made(
        *(
            odd_catalogues.entry(id=f"k{n}", topics=["kiwi"], summary="A kiwi.", related_events=["linked"])
            for n in range(3)
        ),
        odd_catalogues.entry(id="linked", summary="A hill."),
        *(odd_catalogues.entry(id=f"o{n}", topics=["plums"], summary="A plum.") for n in range(9)),
    )
    found = [FoundEntry(held.by_id[name], score, ()) for name, score in (("k0", 1.0), ("o0", 0.8), ("k1", 0.7))]
    stand = TopicRanking(held).of(found, {"kiwi": 2.0}, None)
    assert list(stand)[:3] == ["k0", "k1", "k2"]
    assert stand["linked"] > 0
    assert set(TopicRanking(held).of(found, {"kiwi": 2.0}, {"k1", "o1"})) <= {"k1", "o1"}


def test_a_brief_costs_a_few_answers(assistant: Assistant) -> None:
    """In processor time, which other programs hardly change; the measured figures are in tests/evals/RESULTS.md."""

    def cost(work: Callable[[str], object]) -> float:
        began = time.process_time()
        for question in QUESTIONS[:3]:
            work(question)
        return time.process_time() - began

    assert cost(lambda question: brief(assistant, question)) < 12 * cost(lambda text: assistant.ask(topic_of(text)))


def law(**fields: object) -> AnyEntry:
    """An event about the Kiwi law."""
    return odd_catalogues.entry(**({"topics": ["law", "kiwi"], "organisations": ["Parliament"]} | fields))


LAWS = (
    law(id="passed", title="The Kiwi law passes", date="2023-05-02", summary="Parliament passed the Kiwi law, and nobody may grow kiwis on hills.", related_events=["repeal", "other", "same-month"]),
    law(id="repeal", title="The Kiwi law ends", date="2024-06", summary="Parliament repealed the Kiwi law, and anyone may grow kiwis on hills again."),
    law(id="other", title="Plums", date="2024-07", topics=["plums"], organisations=[], summary="A plum was eaten, and the plum law was repealed."),
    law(id="same-month", title="The Kiwi law in May", date="2023-05", summary="Growers marched against the Kiwi law, and it was suspended for a day."),
    odd_catalogues.entry(id="guide", kind="guide", title="Kiwi law", tldr="The Kiwi law is a law about kiwis on hills.", topics=["kiwi"], terms=[{"term": "vineyard register", "definition": "A list of those who grow kiwis under the Kiwi law."}, {"term": "kiwi", "definition": "A fruit."}]),
)  # fmt: skip


@pytest.fixture(scope="module")
def laws(embedder: Embedder) -> Iterator[Answer]:
    """A brief on a law that was revised in the month it was passed, and repealed a year later."""
    with odd_catalogues.opened(odd_catalogues.made(*LAWS), embedder) as assistant:
        yield brief(assistant, "Summarise the Kiwi law")


def test_later_entries_that_tell_of_a_change_are_pointed_to(laws: Answer) -> None:
    """A linked later entry on the same thing is shown with its own sentence; other things are left out."""
    assert laws.brief is not None
    assert [(one.entry_id, one.says) for one in laws.brief.later] == [("repeal", "changed")]
    (repeal,) = laws.brief.later
    assert repeal.quote == "Parliament repealed the Kiwi law, and anyone may grow kiwis on hills again."
    assert next(one for one in laws.citations if one.number == repeal.number).date in {"2023-05-02", "2023-05"}


def test_what_a_glossary_has_and_no_event_names_is_an_open_point(laws: Answer) -> None:
    """A glossary word of the topic's guide is an open point if no event mentions it."""
    assert laws.brief is not None
    assert [point.about for point in laws.brief.open_points] == ["vineyard register"]


def test_numbers_of_one_thing_are_told_apart_by_what_they_count() -> None:
    """Only numbers with the same unit are compared."""
    amounts = later_and_open._amounts("It has 175 billion parameters, 2,294 tasks and 86% success in 2023.")
    assert amounts == {"paramet": {"175 billion"}, "task": {"2294"}, "%": {"86"}}


def test_two_entries_of_the_same_words_are_quoted_once(embedder: Embedder) -> None:
    """A near-repetition is left out, whatever its entry."""
    said = "The Plum model reads whole books at once and was trained by Orchard."
    held = odd_catalogues.made(
        odd_catalogues.entry(id="a", title="Plum", summary=said, date="2023"),
        odd_catalogues.entry(id="b", title="Plum again", summary=said.replace("reads", "is able to read"), date="2024"),
        odd_catalogues.entry(
            id="c", title="Plum price", summary="The Plum model by Orchard costs nothing for schools.", date="2025"
        ),
    )
    with odd_catalogues.opened(held, embedder) as assistant:
        answer = brief(assistant, "Summarise the Plum model by Orchard")
    assert {"c"} < set(answer.cited)
    assert len({"a", "b"} & set(answer.cited)) == 1


def test_a_theme_is_a_topic_that_divides_the_entries() -> None:
    """The topic itself and topics of nearly all entries are no themes; an acronym is written as in the entries."""
    events = [
        odd_catalogues.entry(id=f"e{n}", date=f"202{n}", topics=topics, summary="The US did it.")
        for n, topics in enumerate((["ai", "us-policy"], ["ai", "us-policy"], ["ai", "chips"], ["ai", "chips"], ["ai"]))
    ]
    parts = headings.arranged(events, "theme", {"chip"}, {"ai": 5, "us-policy": 2, "chips": 2})
    assert [(heading, [entry.id for entry in under]) for heading, under in parts] == [
        ("US policy", ["e0", "e1"]),
        (headings.FURTHER, ["e2", "e3", "e4"]),
    ]
    assert headings.arranged(events[4:], "theme", (), {}) == [("", events[4:])]
    assert headings.arranged([], "time", (), {}) == []
