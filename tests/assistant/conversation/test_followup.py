"""Tests of follow-ups: stand-alone questions stay unchanged, and other questions are completed."""

import pytest

from assistant.answer import Turn
from assistant.pipeline import Assistant
from assistant.question import Question

STAND_ALONE = [
    "What is constitutional AI?",
    "tell me about the EU AI Act",
    "thanks, and what's a sparse autoencoder",
    "What is the capital of Australia?",
    "who won the world cup in Brazil",
    "What is RLHF and why does it matter?",
    "Which company released Mixtral 8x7B?",
    "When was GPT-4 released?",
    "Why do chatbots tell people what they want to hear?",
    "Who founded Anthropic?",
    "Does GPT-4 know its own limits?",
    "How many countries signed the Bletchley Declaration?",
    "is it possible to jailbreak Claude with many examples?",
    "What did Anthropic publish in 2023?",
    "explain weak-to-strong generalization",
    "What happened to the Superalignment team at OpenAI?",
    "which papers argue that RLHF makes models flatter users",
    "How do red teams test models for dangerous skills before release?",
    "Tell me about DeepSeek",
    "what is overfitting",
    "Was AlexNet trained on GPUs?",
    "What is the Transformer?",
    "How does Chinchilla differ from Gopher?",
    "Is Llama 2 open source?",
    "what is known about sycophancy",
]

FOLLOW_UPS = [
    ("What is RLHF?", "who invented it?", "RLHF"),
    ("What is RLHF?", "why does it matter?", "RLHF"),
    ("What is RLHF?", "why?", "RLHF"),
    ("What is RLHF?", "Which models was it used on?", "RLHF"),
    ("What is RLHF?", "explain that more simply", "What is RLHF?"),
    ("What is RLHF?", "tell me more", "What is RLHF?"),
    ("What is RLHF?", "ok, go on please", "What is RLHF?"),
    ("What is reward hacking?", "give me an example", "reward hacking"),
    ("What is reward hacking?", "is that the same as specification gaming?", "reward hacking"),
    ("What is reward hacking?", "what are its causes?", "reward hacking’s"),
    ("What did OpenAI publish in 2023?", "and in 2024?", "What did OpenAI publish in 2024?"),
    ("What did OpenAI publish in 2023?", "what about Anthropic?", "What did Anthropic publish in 2023?"),
    ("Which models was RLHF used on?", "how large were they?", "models (RLHF)"),
    ("Who wrote the AlexNet paper?", "what did they win?", "AlexNet"),
]


def talk(assistant: Assistant, *asked: str) -> list[Turn]:
    """Return a conversation with only roles and contents, as another program might send it."""
    turns: list[Turn] = []
    for question in asked:
        turns += [Turn("user", question), Turn("assistant", assistant.ask(Question(question, history=turns)).text)]
    return turns


@pytest.mark.parametrize("question", STAND_ALONE)
@pytest.mark.parametrize(
    "before", ["What is reward hacking?", "What happened with the lawyer who cited invented court cases?"]
)
def test_a_question_that_stands_alone_stays_exactly_as_it_is(assistant: Assistant, before: str, question: str) -> None:
    """A new subject is never mixed with the previous subject."""
    resolved = assistant.resolve(question, talk(assistant, before))
    assert (resolved.text, resolved.changed, resolved.carried) == (question, False, ())


@pytest.mark.parametrize(("before", "question", "holds"), FOLLOW_UPS)
def test_a_follow_up_gets_what_it_lacks(assistant: Assistant, before: str, question: str, holds: str) -> None:
    """The searched question names what the pronoun or the incomplete question referred to."""
    resolved = assistant.resolve(question, talk(assistant, before))
    assert resolved.changed
    assert holds in resolved.text


@pytest.mark.parametrize("question", ["how many countries signed?", "which countries signed the declaration"])
def test_a_follow_up_with_words_of_its_own_is_searched_as_it_was_typed(assistant: Assistant, question: str) -> None:
    """What was asked before is the background of its search, and the reader reads the conversation."""
    resolved = assistant.resolve(question, talk(assistant, "What is the Bletchley Declaration?"))
    assert resolved.text == question
    assert resolved.leans
    assert "bletchley" in dict(resolved.background.words)


def test_a_first_question_is_never_changed(assistant: Assistant) -> None:
    """Without a conversation, there is nothing to add."""
    for question in ("why does it matter?", "and in 2024?", "tell me more", "  odd   spacing "):
        assert assistant.resolve(question).text == question
        assert assistant.resolve(question, [Turn("assistant", "Hello.")]).text == question


def test_three_turns_stay_on_their_subject(assistant: Assistant) -> None:
    """The second follow-up is completed from the first in its searched form, not as it was typed."""
    turns = talk(assistant, "What is the Bletchley Declaration?", "how many countries signed it?")
    answer = assistant.ask(Question("and when was that?", history=turns))
    assert "Bletchley" in answer.searched_for
    assert "bletchley-declaration" in answer.cited


def test_more_is_not_the_same_again(assistant: Assistant) -> None:
    """After "tell me more", no sentence is quoted that the conversation already contains."""
    turns = talk(assistant, "What is RLHF?")
    answer = assistant.ask(Question("tell me more", history=turns))
    assert answer.status == "answered"
    assert all(citation.quote not in turns[1].content for citation in answer.citations)


def test_simpler_is_for_beginners(assistant: Assistant) -> None:
    """The request "explain that more simply" asks the same question at another level, and cites the same entry."""
    turns = talk(assistant, "What is RLHF?")
    answer = assistant.ask(Question("explain that more simply", history=turns))
    assert (answer.level, answer.searched_for) == ("beginner", "What is RLHF?")
    assert answer.cited[0] == "rlhf"


def test_yes_takes_up_what_the_assistant_suggested(assistant: Assistant) -> None:
    """A "yes" asks the first suggestion that was not asked before; an ordinal such as "second" selects its own."""
    turns = [
        Turn("user", "What is RLHF?"),
        Turn("assistant", "A method.", suggestions=("What is RLHF?", "What is reward hacking?", "What is GPT-4?")),
    ]
    for said in ("yes", "Yes, please!", "sure, tell me", "go on", "ok go ahead"):
        resolved = assistant.resolve(said, turns)
        assert (resolved.text, resolved.changed, resolved.wants_more) == ("What is reward hacking?", True, False)
    assert assistant.resolve("the third one please", turns).text == "What is GPT-4?"
    assert assistant.resolve("tell me more", turns).wants_more


@pytest.mark.parametrize(
    ("offer", "asked"),
    [
        ("It was signed. Would you like to know how many countries signed the Bletchley Declaration?",
         "How many countries signed the Bletchley Declaration?"),
        ("Done. Shall I tell you about reward hacking?", "Tell me about reward hacking"),
        ("Noted [1]. What is specification gaming?", "What is specification gaming?"),
    ],
)  # fmt: skip
def test_yes_takes_up_an_offer_in_the_last_words(assistant: Assistant, offer: str, asked: str) -> None:
    """If only the text of the conversation is known, "yes" accepts the offer or question at its end."""
    turns = [Turn("user", "What is RLHF?"), Turn("assistant", offer)]
    assert assistant.resolve("yes please", turns).text == asked


def test_yes_without_an_offer_goes_on_with_the_same(assistant: Assistant) -> None:
    """Without an offer, "yes" asks for more on the same subject; "no" accepts nothing."""
    turns = [Turn("user", "What is RLHF?"), Turn("assistant", "Learning from what people prefer.")]
    assert assistant.resolve("yes", turns).wants_more
    offered = [turns[0], Turn("assistant", "Fine.", suggestions=("What is reward hacking?",))]
    assert "reward hacking" not in assistant.resolve("no thanks", offered).text


def test_a_subject_lasts_over_questions_about_its_sides(assistant: Assistant) -> None:
    """After "what are its causes?", a further "it" still refers to the subject, not to the causes."""
    turns = [Turn("user", "What is reward hacking?"), Turn("user", "what are its causes?")]
    assert assistant.resolve("how can it be prevented?", turns).text == "How can reward hacking be prevented?"


@pytest.mark.parametrize(
    ("question", "holds"),
    [("what about the next one, in May", "May 2024"), ("and the previous one, in September?", "September 2023")],
)
def test_a_month_after_or_before_what_was_spoken_of_gets_its_year(
    assistant: Assistant, question: str, holds: str
) -> None:
    """After an event of November 2023, "the next one, in May" means May 2024, and "one" is replaced by its noun."""
    turns = [
        Turn("user", "What is the Bletchley Declaration?"),
        Turn("assistant", "A declaration.", cited=("bletchley-declaration",)),
    ]
    resolved = assistant.resolve(question, turns)
    assert holds in resolved.text
    assert "Bletchley Declaration" in resolved.text


def test_earlier_questions_are_a_background_until_the_subject_changes(assistant: Assistant) -> None:
    """While a subject continues, its words influence the search; a new subject takes no earlier words."""
    turns = [Turn("user", "What is reward hacking?"), Turn("user", "Why do models game their reward?")]
    leaning = assistant.resolve("how can it be prevented?", turns).background
    assert "hack" in dict(leaning.words)
    assert all(0 < weight < 1 for _, weight in leaning.words)
    shifted = assistant.resolve("What is the capital of Australia?", turns)
    assert shifted.background.words == ()
    assert assistant.resolve("What is RLHF?").background.words == ()


@pytest.mark.parametrize(
    "question",
    [
        "What are the reasons that most labs publish model cards?",
        "where does water go after it enters a storm drain",
        "Is it advisable to test models before release?",
    ],
)
def test_words_that_only_look_as_if_they_point_are_left_alone(assistant: Assistant, question: str) -> None:
    """A "that" used as a conjunction, and an "it" that refers to nothing or to something in the question itself."""
    assert not assistant.resolve(question, [Turn("user", "What is RLHF?")]).changed
