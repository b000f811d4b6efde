"""Receipts: their content, the result of a check, and clear errors for any other file."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answer import Turn
from assistant.export import receipt, replay
from assistant.question import Question
from index.catalogue import Catalogue
from index.errors import ReceiptError
from tests.support import odd_catalogues

DAY = date(2026, 6, 29)
ENTRIES = (
    odd_catalogues.entry(
        id="kiwi", title="Kiwi law", date="2023-05", summary="The Kiwi law limits models. It was passed in May."
    ),
    odd_catalogues.entry(id="plum", title="Plum", date="2024", summary="Plum is a model that paints."),
)
QUESTION = "What does the Kiwi law limit?"


def made(held: Catalogue, question: str = QUESTION, history: tuple[Turn, ...] = (), **more: Any) -> dict[str, Any]:
    """The receipt of an answer in the form that a file has."""
    with odd_catalogues.opened(held) as assistant:
        answer = assistant.ask(Question(question, history=history, **more))
        kept: dict[str, Any] = json.loads(receipt.in_json(receipt.make(answer, held, history, made_on=DAY)))
    return kept


def replayed(kept: dict[str, Any], held: Catalogue) -> replay.Replay:
    """Check a receipt against a catalogue."""
    with odd_catalogues.opened(held) as assistant:
        return replay.replay(receipt.parse(json.dumps(kept).encode(), name="r"), assistant)


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    """A receipt of an answer from two entries."""
    return made(odd_catalogues.made(*ENTRIES))


def edited(**changes: Any) -> Catalogue:
    """The two entries with changes to the first."""
    return odd_catalogues.made(ENTRIES[0].model_copy(update=changes), ENTRIES[1])


def test_a_receipt_holds_all_that_an_answer_rests_on(kept: dict[str, Any]) -> None:
    """A receipt has the question, the catalogue, the engine, and each quotation with its place and hashes."""
    assert (kept["receipt"], kept["made_on"], kept["question"]) == (1, "2026-06-29", QUESTION)
    assert kept["catalogue"]["hash"] == odd_catalogues.made(*ENTRIES).hash
    (span, *_) = kept["citations"]
    assert ENTRIES[0].texts()[span["field"]][span["start"] : span["end"]] == span["quote"]
    assert set(kept["found"]) <= {"kiwi", "plum"}


def test_the_same_catalogue_gives_the_same_answer_to_the_byte(kept: dict[str, Any]) -> None:
    """If nothing has changed, nothing is reported."""
    found = replayed(kept, odd_catalogues.made(*ENTRIES))
    assert (found.unchanged, found.same_catalogue, found.same_engine, found.same_answer) == (True, True, True, True)
    assert not found.newer


def test_a_summary_after_a_conversation_is_replayed_with_it() -> None:
    """A receipt contains the conversation, without which "what about it" would be another question."""
    held = odd_catalogues.made(*ENTRIES)
    history = (Turn("user", QUESTION), Turn("assistant", "The Kiwi law limits models.", ("kiwi",)))
    assert replayed(made(held, "and when was it passed?", history, mode="summary"), held).unchanged


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"summary": "It is old. The Kiwi law limits models. It was passed in May."}, "moved"),
        ({"summary": "The Kiwi law bans models. It was passed in May."}, "edited"),
        ({"source": "Gazette"}, "same"),
    ],
)
def test_an_edit_is_told_by_what_it_did_to_the_quotation(kept: dict[str, Any], changes: Any, state: str) -> None:
    """Moved words are found at their new place; lost words and edits elsewhere are distinguished."""
    found = replayed(kept, edited(**changes))
    assert not found.unchanged
    assert not found.same_catalogue
    first = found.quotations[0]
    assert (first.state, first.entry_edited) == (state, True)
    assert first.now == ("summary[11:38]" if state == "moved" else None)


def test_deleted_and_newer_entries_are_named(kept: dict[str, Any]) -> None:
    """Cited entries that are gone and entries that are new are reported."""
    newer = odd_catalogues.entry(
        id="kiwi-2", title="Kiwi law amended", date="2025", summary="The Kiwi law now limits models less."
    )
    found = replayed(kept, odd_catalogues.made(ENTRIES[1], newer))
    assert {one.state for one in found.quotations if one.entry_id == "kiwi"} == {"deleted"}
    assert [one.entry_id for one in found.newer] == ["kiwi-2"]
    assert "kiwi" in found.no_longer_found


def test_a_change_elsewhere_leaves_an_answer_unchanged(kept: dict[str, Any]) -> None:
    """If another catalogue has all quotations, the answer has not changed."""
    held = odd_catalogues.made(*ENTRIES, odd_catalogues.entry(id="far", title="Weather", summary="Rain fell."))
    found = replayed(kept, held)
    assert not found.same_catalogue
    assert all(one.state == "same" for one in found.quotations)


@pytest.mark.parametrize(
    "raw",
    [b"", b"[", b"[]", b"{}", b"null", b"\xff\xfe", b"[" * 100_000, b'{"receipt": 2}', b'{"receipt": 1}', b'{"receipt": NaN}', b'{"receipt": "\\ud800"}'],
)  # fmt: skip
def test_what_is_no_receipt_is_refused_with_a_mend(raw: bytes) -> None:
    """Whatever a file contains, the error says what is wrong."""
    with pytest.raises(ReceiptError) as refused:
        receipt.parse(raw, name="r.json")
    assert "r.json" in str(refused.value)
    assert refused.value.hint


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.sampled_from(odd_catalogues.HOSTILE)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_receipt_changed_anywhere_is_read_or_refused(kept: dict[str, Any], data: st.DataObject) -> None:
    """Any value in any place gives a receipt or a clear error; a changed quotation is always an error."""
    changed = json.loads(json.dumps(kept))
    name = data.draw(st.sampled_from(sorted(changed)))
    target = changed
    if isinstance(changed[name], dict) and data.draw(st.booleans()):
        target, name = changed[name], data.draw(st.sampled_from(sorted(changed[name])))
    target[name] = data.draw(JSON)
    refused: ReceiptError | None = None
    try:
        receipt.parse(json.dumps(changed).encode(), name="r")
    except ReceiptError as error:
        refused = error
    assert refused is None or refused.hint
    tampered = json.loads(json.dumps(kept))
    tampered["citations"][0]["quote"] = data.draw(st.text().filter(lambda text: text != kept["citations"][0]["quote"]))
    with pytest.raises(ReceiptError):
        receipt.parse(json.dumps(tampered).encode(), name="r")


def test_only_a_receipt_is_overwritten(tmp_path: Path, kept: dict[str, Any]) -> None:
    """Another file and a folder are not overwritten."""
    notes = tmp_path / "notes.txt"
    notes.write_text("mine")
    for place in (notes, tmp_path):
        with pytest.raises(ReceiptError):
            receipt.check_place(place)
    receipt.write(tmp_path / "r.json", kept)
    receipt.check_place(tmp_path / "r.json")
    receipt.check_place(tmp_path / "new.json")
    assert notes.read_text() == "mine"
