"""Names of people are told from other names by the words around them."""

import pytest

from assistant.understanding import person_names


def points(text: str, name: str) -> int:
    """The evidence for a name in a sentence."""
    start = text.index(name)
    return person_names.evidence(text, start, start + len(name))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ada Nordlund of Heron Labs presented Quiet-5 in 2024.", "Ada Nordlund"),
        ("The team was led by Piet van Dam until May.", "Piet van Dam"),
        ("The court heard chief scientist Oona Ruiz on Monday.", "Oona Ruiz"),
        ("Kestrel named Jo Abara, a former engineer, to the post.", "Jo Abara"),
        ("Ines Okoro and colleagues measured the effect.", "Ines Okoro"),
        ("Tom Quill resigned in June.", "Tom Quill"),
        ("Lena Fried, who chaired the panel, agreed.", "Lena Fried"),
    ],
)
def test_what_a_person_does_or_is_marks_a_name(text: str, name: str) -> None:
    """A role, a verb for what people do, or co-authors are evidence for a person."""
    assert name in [full.text for full in person_names.full_names(text)]
    assert points(text, name) > 0


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The leaders met at Bramley Hall in spring.", "Bramley Hall"),
        ("The Amber Falcon benchmark has 300 tasks.", "Amber Falcon"),
        ("Quiet Harbour models run on phones.", "Quiet Harbour"),
        ("Tests used the Silver Lining dataset.", "Silver Lining"),
    ],
)
def test_places_and_products_are_no_people(text: str, name: str) -> None:
    """A place after "at", and a thing with its kind behind it, have no evidence for a person."""
    assert points(text, name) <= 0


def test_a_role_before_a_name_is_not_part_of_it() -> None:
    """The name in "Judge Rosa Lind" is Rosa Lind, and an institution has no full name at all."""
    text = "Judge Rosa Lind and Trade Secretary Bo Ek visited the University of Lund and Heron Labs."
    assert [full.text for full in person_names.full_names(text)] == ["Rosa Lind", "Bo Ek"]
