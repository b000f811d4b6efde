"""Names from a catalogue's fields, found in a question whatever their spelling."""

import random
from dataclasses import replace

import pytest

from assistant.understanding.lists import filter_names
from assistant.understanding.lists.filter_names import FieldNames
from index.catalogue import Catalogue
from index.models import ENTRY


def catalogue(*organisations: str) -> Catalogue:
    """A catalogue of one event with these organisations."""
    event = {"id": "e", "kind": "event", "title": "T", "summary": "S.", "organisations": list(organisations)}
    return Catalogue((ENTRY.validate_python(event),))


@pytest.mark.parametrize("name", ["A &", "Tern *", "“ ”", "Heron Ⅷ —", "X <script>"])
def test_a_name_that_ends_in_signs_breaks_nothing(name: str) -> None:
    """The end of a longer name may have no letter; then it is no spelling of that name."""
    assert FieldNames(catalogue(name)).organisations("What is new?") == []


def test_the_end_of_a_longer_name_finds_it() -> None:
    """The name "Tern Research" is enough for "Heron Tern Research"."""
    (mention,) = FieldNames(catalogue("Heron Tern Research")).organisations("What did Tern Research publish?")
    assert mention.names == ("Heron Tern Research",)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("What did Tern, Research say?", ["Tern"]),
        ("What did Tern Research's labs say?", ["Tern Research"]),
        ("What did Tern _Research say?", ["Tern Research"]),
        ("What did the Tern-Research say?", ["Tern Research"]),
        ("What did Tern. Research say?", ["Tern"]),
    ],
)
def test_a_name_ends_at_punctuation_and_goes_on_over_other_signs(question: str, found: list[str]) -> None:
    """The longest name wins, but a comma or a full stop before a space ends a name."""
    names = FieldNames(catalogue("Tern", "Tern Research")).organisations(question)
    assert [name for mention in names for name in mention.names] == found


def test_words_squeezed_one_at_a_time_join_to_the_squeezed_phrase() -> None:
    """For every run of words, with every kind of sign in and between them."""
    chance = random.Random(4)  # noqa: S311 -- no secret hangs on it
    words = [
        *"the The A.I. U.S GPT 4 GPT-4 labs' dog's DOG'S x's's Käse caf\u0301e ① Ⅷ ½x skies dying R&D don’t".split(),
        "a",
    ]
    gaps = [" ", "  ", "-", " - ", "_", "™ ", "\u0301 ", "'", "＇", ", ", ". ", " & ", "・", "...", "/"]
    for _ in range(2_000):
        text = "".join(chance.choice(words) + chance.choice(gaps) for _ in range(9))
        split = filter_names._split(text)
        whole = [text[split[0].start : word.end] for word in split]
        one_phrase = [run for run in whole if filter_names._joined(run)]
        expected = [filter_names._squeezed(filter_names._without_possessive(run)) for run in one_phrase]
        assert filter_names._squeezed_runs(text, split) == expected, text


def aliased(aliases: dict[str, tuple[str, ...]], *organisations: str) -> FieldNames:
    """The names of a catalogue of one event with these organisations and these aliases."""
    return FieldNames(replace(catalogue(*organisations), aliases=aliases))


@pytest.mark.parametrize(
    "question", ["What did HTR publish?", "events of Tern Works", "Is tern works' lab open?", "List all of Tern-Works"]
)
def test_an_alias_finds_its_organisation(question: str) -> None:
    """In any spelling that would find an organisation of that name."""
    names = aliased({"Heron Tern Research": ("Tern Works", "HTR")}, "Heron Tern Research", "Kite")
    assert [mention.names for mention in names.organisations(question)] == [("Heron Tern Research",)]


@pytest.mark.parametrize("question", ["What does fair mean?", "Is that Tern?", "the tern that works"])
def test_an_acronym_in_small_letters_and_a_part_of_an_alias_find_nothing(question: str) -> None:
    """An alias of four letters or fewer must be in capitals."""
    assert aliased({"Kite": ("FAIR", "Tern Works")}, "Kite").organisations(question) == []


def test_an_alias_stands_for_one_organisation_even_if_another_name_ends_with_it() -> None:
    """Who writes "Tern Labs" into the file means that organisation and no other."""
    names = aliased({"Kite": ("Tern Labs",)}, "Kite", "Heron Tern Labs")
    assert [mention.names for mention in names.organisations("events of Tern Labs")] == [("Kite",)]


def test_an_alias_of_an_organisation_without_entries_finds_nothing() -> None:
    """A view of a catalogue as of an earlier day may have no entry of the organisation."""
    assert aliased({"Kite": ("Tern Works",)}, "Heron").organisations("events of Tern Works") == []
