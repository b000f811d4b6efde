"""The fields of entries, as docs/catalogue.md describes them."""

from typing import Any

import pytest
from pydantic import ValidationError

from index.models import ENTRY, AnyEntry, heading_of

EVENT: dict[str, Any] = {"id": "e", "kind": "event", "title": "Title", "summary": "Summary."}
GUIDE: dict[str, Any] = {"id": "g", "kind": "guide", "title": "Title", "level": "beginner", "tldr": "Short."}
PATH: dict[str, Any] = {"id": "p", "kind": "path", "title": "Title", "description": "Why.", "steps": ["g"]}


def made(base: dict[str, Any], **changes: Any) -> AnyEntry:
    """A valid record with some fields changed."""
    return ENTRY.validate_python(base | changes)


@pytest.mark.parametrize("record", [EVENT, GUIDE, PATH], ids=["event", "guide", "path"])
def test_the_required_fields_suffice_and_each_is_needed(record: dict[str, Any]) -> None:
    """An entry with only the required fields is valid; without any one of them it is not."""
    assert ENTRY.validate_python(record).kind == record["kind"]
    for name in record:
        with pytest.raises(ValidationError):
            ENTRY.validate_python({key: value for key, value in record.items() if key != name})


@pytest.mark.parametrize(
    "name",
    ["a", "0", "GPT-4.1_x:y", "123e4567-e89b-12d3-a456-426614174000", "a" * 200],
)
def test_an_id_is_plain(name: str) -> None:
    """At most 200 letters, digits and four other characters, valid in an address, a file name and a BibTeX key."""
    assert made(EVENT, id=name).id == name


@pytest.mark.parametrize(
    "name", ["", " ", "-a", ".a", "a b", "a/b", "../a", "é", "a\n", "a" * 201, "a#0", "a?b", "<b>", 5, None, ["a"]]
)
def test_any_other_id_is_refused(name: object) -> None:
    """An id that could be a path, a query or markup is not an id."""
    with pytest.raises(ValidationError):
        made(EVENT, id=name)
    with pytest.raises(ValidationError):
        made(EVENT, related_events=[name])


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://a.b", "//a.b", "a.b", "http://", "https:///x",
        "http://a b", "https://a.b/\n", "https://a.b/\x00", "http://[::1", " https://a.b", "JavaScript://%0aalert(1)", 7,
    ],
)  # fmt: skip
def test_an_address_is_of_the_web(url: object) -> None:
    """It becomes a link on a page, so it must be http or https, with a host and without white space."""
    with pytest.raises(ValidationError):
        made(EVENT, url=url)


@pytest.mark.parametrize(
    "url", ["http://a.b", "https://a.b/c?d=e#f", "HTTPS://A.B/", "https://münchen.de/ü", "https://[::1]/"]
)
def test_addresses_of_the_web_are_kept_as_they_are(url: str) -> None:
    """Addresses are not normalised."""
    assert made(EVENT, url=url).url == url


@pytest.mark.parametrize(
    ("base", "changes"),
    [
        (EVENT, {"importance": 0}),
        (EVENT, {"importance": 11}),
        (EVENT, {"importance": 5.5}),
        (EVENT, {"importance": "high"}),
        (EVENT, {"title": " \t"}),
        (EVENT, {"title": 7}),
        (EVENT, {"summary": None}),
        (EVENT, {"date": "soon"}),
        (EVENT, {"date": True}),
        (EVENT, {"date": 20230101}),
        (EVENT, {"date": 10**300}),
        (EVENT, {"topics": "rlhf"}),
        (EVENT, {"topics": [""]}),
        (EVENT, {"organisations": [1]}),
        (EVENT, {"kind": "Event"}),
        (GUIDE, {"level": "expert"}),
        (GUIDE, {"sections": [{"heading": "H"}]}),
        (GUIDE, {"sections": ["text"]}),
        (GUIDE, {"terms": [{"term": " ", "definition": "D"}]}),
        (GUIDE, {"key_takeaways": ["one", " "]}),
        (PATH, {"steps": "g"}),
        (PATH, {"steps": ["no such form!"]}),
        (PATH, {"level": "expert"}),
    ],
)
def test_a_value_that_does_not_fit_is_refused(base: dict[str, Any], changes: dict[str, Any]) -> None:
    """Each rule of the documentation."""
    with pytest.raises(ValidationError):
        made(base, **changes)


@pytest.mark.parametrize("base", [EVENT, GUIDE, PATH], ids=["event", "guide", "path"])
def test_every_kind_may_say_when_its_facts_were_checked(base: dict[str, Any]) -> None:
    """The field `checked` is a full day; an empty text is none, and it is no text that can be quoted."""
    entry = made(base, checked="2026-11-27")
    assert entry.checked == "2026-11-27"
    assert entry.texts() == made(base).texts()
    assert made(base, checked="").checked is None
    assert made(base).checked is None


@pytest.mark.parametrize(
    "day", ["2026", "2026-11", "2026-11-31", "2026-02-29", "27 November 2026", "2026-11-27T10:00", 20261127, True, []]
)
def test_anything_but_a_real_day_is_no_day_of_a_check(day: object) -> None:
    """The error says how to write it."""
    with pytest.raises(ValidationError, match="must be a day that exists, as YYYY-MM-DD, such as 2026-11-27"):
        made(EVENT, checked=day)


def test_a_year_may_be_a_number_and_an_empty_date_is_none() -> None:
    """Spreadsheets write years as numbers and missing values as empty texts."""
    assert made(EVENT, date=2023).date == "2023"
    assert made(EVENT, date="").date is None
    assert made(EVENT, date=None, url=None, source=None).date is None
    assert made(EVENT, url="").url is None


def test_fields_can_be_quoted_by_their_address() -> None:
    """Lists are joined with newlines, parts of a guide are numbered in order, and empty parts are left out."""
    guide = made(
        GUIDE,
        key_takeaways=["One.", "Two."],
        sections=[{"heading": "A", "text": " "}, {"heading": "B", "text": "Said."}],
        terms=[{"term": "T", "definition": "Meaning."}],
    )
    assert guide.texts() == {
        "title": "Title",
        "tldr": "Short.",
        "key_takeaways": "One.\nTwo.",
        "sections.1.text": "Said.",
        "terms.0.definition": "Meaning.",
    }
    assert heading_of(guide, "sections.1.text") == "B"
    assert heading_of(guide, "terms.0.definition") == "T"
    assert heading_of(guide, "tldr") is None
    assert made(EVENT, summary="").texts() == {"title": "Title"}
    assert made(PATH).texts() == {"title": "Title", "description": "Why."}


def test_an_entry_s_links_have_no_repeats_and_not_itself() -> None:
    """The steps of a path come first."""
    path = made(PATH, steps=["g2", "g1", "p", "g2"], related_guides=["g1", "g3"], related_events=["e"])
    assert path.links == ("g2", "g1", "g3", "e")
    assert made(EVENT, related_events=["e", "f"], related_guides=["g"]).links == ("g", "f")


def test_unknown_fields_may_bear_any_name() -> None:
    """Unknown fields with the names of our attributes are kept, too, and break nothing."""
    odd = {"links": 1, "texts": [], "model_fields": {}, "by_id": "x", "__class__": "y", "steps": 5, "level": "none"}
    entry = made(EVENT, **odd)
    assert entry.links == ()
    assert entry.texts() == {"title": "Title", "summary": "Summary."}
    assert entry.model_extra == odd
