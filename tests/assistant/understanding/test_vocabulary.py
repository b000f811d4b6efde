"""The catalogue's names found in a text."""

from assistant.understanding.vocabulary import Name, NameRank, Vocabulary, key_of
from index.catalogue import Catalogue
from index.models import ENTRY, AnyEntry


def vocabulary(*names: str) -> Vocabulary:
    """A vocabulary of these names."""
    return Vocabulary({key_of(name): Name(name, ("e",), NameRank.TITLE) for name in names})


def found(known: Vocabulary, text: str) -> list[str]:
    """The names found in a text."""
    return [name.text for name in known.find(text)]


def test_the_longest_name_at_a_position_wins() -> None:
    """A longer name whose last word is missing does not hide the shorter name."""
    known = vocabulary("Heron", "Heron Tern Research", "Tern Labs")
    assert found(known, "Did Heron Tern Research buy Heron, or did Heron Tern Labs?") == [
        "Heron Tern Research",
        "Heron",
        "Tern Labs",
    ]


def test_a_name_written_as_two_words_is_found_although_no_name_starts_with_the_first() -> None:
    """The two words "Deep Mind" are the name "DeepMind"."""
    assert found(vocabulary("DeepMind", "Heron Tern"), "Who founded Deep Mind?") == ["DeepMind"]


def test_an_empty_vocabulary_finds_nothing() -> None:
    """It has no longest name."""
    assert found(vocabulary(), "Who founded Deep Mind?") == []


def entry(name: str, summary: str, *organisations: str) -> AnyEntry:
    """A small event."""
    record = {"id": name, "kind": "event", "title": f"Title {name}", "summary": summary, "organisations": organisations}
    return ENTRY.validate_python(record)


def test_an_alias_is_a_known_name_with_the_entries_of_its_organisation() -> None:
    """Together with the entries that write the alias; an alias that is a common word of the texts is no name."""
    held = Catalogue(
        (
            entry("a", "A fair test of birds was made.", "Heron Research"),
            entry("b", "At first HR counted few birds.", "Heron Research"),
            entry("c", "A report by Tern Works and HR came out.", "Kite"),
        ),
        aliases={"Heron Research": ("HR", "FAIR"), "Kite": ("Tern Works",)},
    )
    known = Vocabulary.of(held)
    name = known.get("HR")
    assert name is not None
    assert (name.text, name.rank, name.entries) == ("HR", NameRank.ORGANISATION, ("b", "a", "c"))
    assert known.get("tern works") == Name("Tern Works", ("c",), NameRank.ORGANISATION)
    assert known.get("fair") is None


def test_an_alias_that_no_text_uses_is_spelled_out() -> None:
    """So that the search finds the organisation; the name of an organisation that holds an alias stays as it is."""
    held = Catalogue(
        (entry("a", "Tern Works and the fair.", "US Heron Office", "Kite"),),
        aliases={"US Heron Office": ("Heron Office", "HO", "FAIR"), "Kite": ("Tern Works",)},
    )
    spelled_out = Vocabulary.of(held).spelled_out
    assert (
        spelled_out("What does the heron office say of HO?") == "What does the US Heron Office say of US Heron Office?"
    )
    for text in ("The US Heron Office said ho.", "IS IT FAIR?", "What is Tern Works?", "The HOs are HO-like."):
        assert spelled_out(text) == text
