"""The catalogue's names found in a text."""

from assistant.understanding.vocabulary import Name, NameRank, Vocabulary, key_of


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
