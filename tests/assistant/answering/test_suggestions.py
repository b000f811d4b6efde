"""Suggestions have an answer, cite the entry they are about, are of several kinds, and need few searches."""

from assistant.answer import Turn
from assistant.answering import suggestions
from assistant.answering.composition import title_piece
from assistant.answering.related_candidates import RelatedEntry, RelatedReason
from assistant.answering.suggestion_wording import introduced_in, questions_for
from assistant.answering.suggestions import MAX_SEARCHES, Shown, Trials, next_questions
from assistant.pipeline import Assistant
from assistant.question import Question
from index.lexical import terms
from index.models import AnyEntry
from tests.support.odd_catalogues import entry, made

ASKED = ("What is RLHF?", "what does the eu ai act require", "Why do chatbots tell people what they want to hear?")
NOTHING = Shown((), ())


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
    assert len(next_questions(held, listed, NOTHING, right)) == 2
    assert next_questions(held, listed, NOTHING, wrong) == ()


def test_few_questions_are_searched_and_each_only_once() -> None:
    """An answer waits for at most two searches, and their results are cached."""
    held = made(*(entry(id=f"e{n}", title=f"Report number {n} on orchards and harbours") for n in range(9)))
    searched: list[str] = []

    def search(text: str) -> frozenset[str]:
        searched.append(text)
        return frozenset()

    trials = Trials(lambda _: None, search)
    for _ in range(2):
        assert next_questions(held, as_related(*held.entries), NOTHING, trials) == ()
        assert len(searched) == MAX_SEARCHES


def test_a_definition_needs_no_search() -> None:
    """A question that a glossary answers is never searched."""
    guide = entry(id="g", kind="guide", title="Orchards", tldr="Rows of trees.")

    def search(_: str) -> frozenset[str]:
        raise AssertionError

    trials = Trials(lambda text: frozenset("g") if "orchards" in text else None, search)
    linked = [RelatedEntry(guide, RelatedReason.LINKED, "linked")]
    assert next_questions(made(guide), linked, NOTHING, trials) == ("What are orchards?",)


def test_the_reason_decides_and_not_its_text() -> None:
    """A beginner gets the next step of a path first because of its reason, whatever the displayed text says."""
    titles = {"a": "Apples", "b": "Berries", "c": "Cherries"}
    held = made(*(entry(id=name, kind="guide", title=title, tldr="x") for name, title in titles.items()))
    shown = Shown((title_piece(held.by_id["c"]).citation(1),), ())
    trials = Trials(lambda text: frozenset("a" if "apples" in text.lower() else "b"), lambda _: frozenset())
    listed = [
        RelatedEntry(held.by_id["a"], RelatedReason.LINKED, "next in later: step 1"),
        RelatedEntry(held.by_id["b"], RelatedReason.NEXT_STEP, "near in meaning"),
    ]
    chosen = next_questions(held, listed, shown, trials, level="beginner")
    assert chosen == ("What are berries?", "What are apples?")


def test_the_kinds_of_suggestions_change_with_the_level_and_with_each_turn(assistant: Assistant) -> None:
    """A beginner and an expert get different questions; so does the same question later in a session."""
    found = {level: assistant.ask(Question(ASKED[1], level=level)).suggestions for level in ("beginner", "advanced")}  # type: ignore[arg-type]
    assert found["beginner"] != found["advanced"]
    earlier = [Turn("user", "What is the EU AI Act?"), Turn("assistant", "A law.", suggestions=found["beginner"])]
    later = assistant.ask(Question(ASKED[1], history=earlier, level="beginner")).suggestions
    assert later
    assert not set(later) & set(found["beginner"])


def test_people_and_things_in_the_quoted_sentences_are_asked_about(assistant: Assistant) -> None:
    """What was just named is what a reader wants to know next."""
    told = assistant.ask("who is the ceo of google deepmind").suggestions
    assert "Who is Demis Hassabis?" in told


def test_questions_suit_the_title() -> None:
    """A release, a court case, a sentence as title, a long title and a guide; equal heads are told apart by their tails."""
    held = made(
        entry(id="new", title="Introducing Kiwi 2"),
        entry(id="case", title="Jury finds for Orchard in Grove v. Orchard Ltd"),
        entry(id="buys", title="Meadow buys Grove, its oldest rival", summary="Meadow bought Grove in May 2024."),
        entry(id="why", title="Meadow closes its pear line", summary="Meadow closed it because pears did not sell."),
        entry(id="thing", title="A new era of sorting", summary="Grove introduced the Peeler in May 2024, a machine."),
        entry(id="long", title="Ripening curves of twelve stone fruits under load: a study"),
        entry(id="guide", kind="guide", title="Fruit sorting: the basics", tldr="x"),
        entry(id="p1", kind="guide", title="Profile: Grove", tldr="x"),
        entry(id="p2", kind="guide", title="Profile: Meadow", tldr="x"),
    )
    first = {one.id: next(questions_for(one, held)) for one in held.entries}
    assert first == {
        "new": "What is Kiwi 2?",
        "case": "What happened in Grove v. Orchard Ltd?",
        "buys": "What happened when Meadow bought Grove?",
        "why": "Why did Meadow close its pear line?",
        "thing": "What is the Peeler?",
        "long": "What is “Ripening curves of twelve stone fruits under load” about?",
        "guide": "What is fruit sorting?",
        "p1": "Tell me about Grove",
        "p2": "Tell me about Meadow",
    }


def test_the_first_sentence_names_what_it_introduces() -> None:
    """A name or a plain noun phrase, never a description that starts with "a" or a number."""
    found = {
        "Heron Labs proposed soft pruning in May 2020, a way to cut models.": "soft pruning",
        "Heron Labs released the language model Murmur 2 on 3 May 2021.": "Murmur 2",
        "Heron Labs published the Bramley Principles in May 2021, a list.": "the Bramley Principles",
        "Heron Labs released a report on rain.": None,
        "Heron Labs released two small models in May 2021.": None,
        "Heron Labs grew in May 2021.": None,
    }
    assert {summary: introduced_in(summary) for summary in found} == found


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
