"""Tests for merging new entries into a catalogue: updates in place, no data loss, and idempotence."""

import io
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from index.catalogue import Catalogue
from index.importers import merge, read_source
from index.models import Event, Guide

from .pages import GUIDES, NINE, plain


def event(name: str, **fields: Any) -> Event:
    """Return a small event."""
    return Event(**{"id": name, "kind": "event", "title": name.title(), "summary": "Text.", **fields})


def page() -> Catalogue:
    """Return a catalogue imported from a page."""
    text = plain(NINE, meta=True, guides=GUIDES)
    return Catalogue(read_source("-", stdin=io.BytesIO(text.encode())).entries)


def test_new_entries_go_to_the_end_and_old_ones_keep_their_places() -> None:
    """An updated entry keeps its position."""
    old = Catalogue((event("a"), event("b"), event("c")))
    merged = merge(old, [event("d"), event("b", date="2024"), event("a")])
    assert [entry.id for entry in merged.entries] == ["a", "b", "c", "d"]
    assert (merged.added, merged.changed, merged.same) == (("d",), ("b",), ("a",))
    assert merged.entries[1].date == "2024"


def test_importing_a_page_twice_changes_nothing() -> None:
    """After the second import the catalogue is byte for byte the same."""
    once = merge(Catalogue(()), page().entries)
    twice = merge(Catalogue(once.entries), page().entries)
    assert len(once.added) == 9
    assert twice.entries == once.entries
    assert (twice.added, twice.changed, len(twice.same)) == ((), (), 9)
    assert Catalogue(twice.entries).hash == Catalogue(once.entries).hash


def test_an_update_keeps_what_it_does_not_carry_and_unites_links() -> None:
    """A page has no dates and few links; the values in the catalogue are kept."""
    known = event("a", date="2024-05-01", url="https://example.org/", related_events=["b"], topics=["x"], mood="calm")
    new = event("a", summary="A better text.", importance=7, related_events=["c", "b"], age_when_saved="2d ago")
    (merged,) = merge(Catalogue((known,)), [new]).entries
    assert isinstance(merged, Event)
    assert (merged.date, merged.url, merged.topics) == ("2024-05-01", "https://example.org/", ("x",))
    assert (merged.summary, merged.importance, merged.related_events) == ("A better text.", 7, ("b", "c"))
    assert merged.model_extra == {"mood": "calm", "age_when_saved": "2d ago"}


def test_an_empty_summary_does_not_replace_a_full_one() -> None:
    """An event that is only named on a page keeps its text in the catalogue."""
    (merged,) = merge(Catalogue((event("a"),)), [event("a", summary="")]).entries
    assert isinstance(merged, Event)
    assert merged.summary == "Text."


def test_a_whole_record_replaces_the_old_one() -> None:
    """If a field is removed in a catalogue file, it is removed from the entry."""
    known = event("a", date="2024", related_events=["b"])
    merged = merge(Catalogue((known,)), [event("a")], whole=True)
    assert merged.entries == (event("a"),)
    assert merged.changed == ("a",)


def test_an_update_keeps_the_day_of_the_last_check_unless_it_carries_one() -> None:
    """A page does not know when the facts were checked."""
    known = event("a", checked="2026-11-24")
    assert merge(Catalogue((known,)), [event("a", summary="New.")]).entries[0].checked == "2026-11-24"
    assert merge(Catalogue((known,)), [event("a", checked="2026-11-27")]).entries[0].checked == "2026-11-27"


def test_a_page_does_not_overwrite_an_entry_of_another_kind() -> None:
    """If a guide already has the id derived from an event's title, the event is left out and reported."""
    guide = Guide(id="what-is-rlhf", kind="guide", title="What is RLHF?", level="beginner", tldr="Text.")
    merged = merge(Catalogue((guide,)), [event("what-is-rlhf")])
    assert merged.entries == (guide,)
    assert (merged.added, merged.changed, merged.same) == ((), (), ())
    assert "guide" in str(merged.problems[0])
    assert merge(Catalogue((guide,)), [event("what-is-rlhf")], whole=True).changed == ("what-is-rlhf",)


EVENTS = st.builds(
    event,
    st.sampled_from("abcdef"),
    date=st.sampled_from([None, "2023", "2024-05"]),
    related_events=st.lists(st.sampled_from("abcdef"), max_size=3),
    summary=st.sampled_from(["", "One.", "Two."]),
    mood=st.sampled_from([None, "calm"]),
)


@given(old=st.lists(EVENTS, unique_by=lambda entry: entry.id), new=st.lists(EVENTS), whole=st.booleans())
def test_twice_is_as_once_and_every_id_is_counted_once(old: list[Event], new: list[Event], *, whole: bool) -> None:
    """Holds for any entries, including those with repeated ids."""
    once = merge(Catalogue(tuple(old)), new, whole=whole)
    assert merge(Catalogue(once.entries), new, whole=whole).entries == once.entries
    assert sorted(once.added + once.changed + once.same) == sorted({entry.id for entry in new})
    assert [entry.id for entry in once.entries][: len(old)] == [entry.id for entry in old]
