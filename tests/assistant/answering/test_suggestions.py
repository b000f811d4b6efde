"""Suggestions have an answer, cite the entry they are about, are of several kinds, and need few searches."""

from assistant.answer import Turn
from assistant.answering import suggestions
from assistant.answering.related_candidates import RelatedEntry, RelatedReason
from assistant.answering.suggestions import MAX_SEARCHES, Trials, next_questions, questions_for
from assistant.pipeline import Assistant
from assistant.question import Question
from index.lexical import terms
from index.models import AnyEntry
from tests.support.odd_catalogues import entry, made

ASKED = ("What is RLHF?", "what does the eu ai act require", "Why do chatbots tell people what they want to hear?")


def as_related(*entries: AnyEntry) -> list[RelatedEntry]:
    """Entries that are similar to an answer."""
    return [RelatedEntry(entry, RelatedReason.SIMILAR, "near in meaning") for entry in entries]


def test_every_suggestion_is_answered(assistant: Assistant) -> None:
    """Each suggestion gets an answer, and differs from the question asked."""
    for question in ASKED:
        for level in ("beginner", "advanced"):
            answer = assistant.ask(Question(question, level=level))  # type: ignore[arg-type]
            assert answer.suggestions
            for one in answer.suggestions:
                assert assistant.ask(one).status == "answered", one
                assert not set(terms(one)) <= set(terms(question))


def test_suggestions_do_not_depend_on_what_was_asked_before(assistant: Assistant) -> None:
    """With all trials cached, the same questions are suggested again."""
    first = [assistant.ask(question).suggestions for question in ASKED]
    assert [assistant.ask(question).suggestions for question in ASKED] == first


def test_no_question_is_suggested_again(assistant: Assistant) -> None:
    """Not even with other words around the same name."""
    history = [Turn("user", one) for one in assistant.ask(ASKED[0]).suggestions]
    assert history
    later = assistant.ask(Question(ASKED[0], history=history)).suggestions
    for one in later:
        assert all(not set(terms(one)) <= set(terms(turn.content)) for turn in history)


def test_a_question_is_suggested_only_if_it_cites_what_it_is_about() -> None:
    """A question with an answer from another entry is left out."""
    held = made(
        entry(id="a", title="Audit of Kiwi 2 in the harbour town"), entry(id="b", title="Budget of the orchard")
    )
    right = Trials(lambda _: None, lambda text: frozenset("a" if "Audit" in text else "b"))
    wrong = Trials(lambda _: None, lambda _: frozenset("c"))
    listed = as_related(*held.entries)
    assert len(next_questions(held, listed, (), (), right)) == 2
    assert next_questions(held, listed, (), (), wrong) == ()


def test_few_questions_are_searched_and_each_only_once() -> None:
    """An answer waits for at most two searches, and their results are cached."""
    held = made(*(entry(id=f"e{n}", title=f"Report number {n} on orchards and harbours") for n in range(9)))
    searched: list[str] = []

    def search(text: str) -> frozenset[str]:
        searched.append(text)
        return frozenset()

    trials = Trials(lambda _: None, search)
    for _ in range(2):
        assert next_questions(held, as_related(*held.entries), (), (), trials) == ()
        assert len(searched) == MAX_SEARCHES


def test_a_definition_needs_no_search() -> None:
    """A question that a glossary answers is never searched."""
    guide = entry(id="g", kind="guide", title="Orchards", tldr="Rows of trees.")

    def search(_: str) -> frozenset[str]:
        raise AssertionError

    trials = Trials(lambda text: "g" if "orchards" in text else None, search)
    assert next_questions(made(guide), as_related(guide), (), (), trials) == ("What are orchards?",)


def test_the_reason_decides_and_not_its_text() -> None:
    """The next step of a path comes first because of its reason, whatever the displayed text says."""
    held = made(
        entry(id="a", kind="guide", title="Apples", tldr="x"), entry(id="b", kind="guide", title="Berries", tldr="x")
    )
    trials = Trials(lambda text: "a" if "apples" in text.lower() else "b", lambda _: frozenset())
    listed = [
        RelatedEntry(held.by_id["a"], RelatedReason.SIMILAR, "next in later: step 1"),
        RelatedEntry(held.by_id["b"], RelatedReason.NEXT_STEP, "near in meaning"),
    ]
    assert next_questions(held, listed, (), (), trials) == ("What are berries?", "What are apples?")


def test_suggestions_are_of_several_kinds(assistant: Assistant) -> None:
    """A beginner gets a guide first, an expert an event."""
    found = {level: assistant.ask(Question(ASKED[1], level=level)) for level in ("beginner", "advanced")}  # type: ignore[arg-type]
    assert not found["beginner"].suggestions[0].startswith("What is “")
    assert found["advanced"].suggestions[0].startswith("What is “")
    assert found["advanced"].suggestions[0] != found["beginner"].suggestions[0]


def test_questions_suit_the_title() -> None:
    """A release, a court case, a long title and a guide; equal heads of titles are distinguished by their tails."""
    held = made(
        entry(id="new", title="Introducing Kiwi 2"),
        entry(id="case", title="Grove v. Orchard Ltd"),
        entry(id="long", title="Ripening curves of twelve stone fruits under load: a study"),
        entry(id="guide", kind="guide", title="Fruit sorting: the basics", tldr="x"),
        entry(id="p1", kind="guide", title="Profile: Grove", tldr="x"),
        entry(id="p2", kind="guide", title="Profile: Meadow", tldr="x"),
    )
    first = {one.id: next(questions_for(one, held)) for one in held.entries}
    assert first == {
        "new": "What is Kiwi 2?",
        "case": "What happened in Grove v. Orchard Ltd?",
        "long": "What is “Ripening curves of twelve stone fruits under load” about?",
        "guide": "What is fruit sorting?",
        "p1": "Tell me about Grove",
        "p2": "Tell me about Meadow",
    }


def test_a_refusal_suggests_questions_about_the_entries_found(assistant: Assistant) -> None:
    """If nothing is cited, the suggestions are about the entries found."""
    answer = assistant.ask("Which hotel did the delegates of the Bletchley summit sleep in?")
    if answer.status == "abstained":
        assert answer.suggestions
    assert suggestions.nearest(()) == ()


def test_examples_are_answered(assistant: Assistant) -> None:
    """The questions shown at the start have an answer."""
    found = assistant.examples()
    assert len(found) == len(set(found)) == suggestions.MAX_EXAMPLES
    assert all(assistant.ask(question).status == "answered" for question in found[:2])
