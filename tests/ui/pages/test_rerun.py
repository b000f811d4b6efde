"""A shared answer over many entries, read after the catalogue has changed: what has come and gone is said."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.answer import Answer
from assistant.export import receipt, replay
from assistant.live import LiveAssistant
from assistant.settings.serving import ServingSettings
from assistant.settings.settings import Settings
from assistant.workplace import Workplace
from index.errors import BusyError
from ui.api.ask import api
from ui.api.feedback import feedback
from ui.cli import terminal
from ui.errors import install_errors
from ui.pages import pages
from ui.serving.recent_answers import RecentAnswers
from ui.storage.database import FILE
from ui.storage.storage import Storage

BIRDS = ("Tern", "Heron", "Crane")


def _event(name: str, day: str, **more: object) -> dict[str, object]:
    return {
        "id": name.lower(),
        "kind": "event",
        "title": f"{name} Labs signs the {name} accord",
        "date": day,
        "summary": f"{name} Labs signed the {name} accord on safe models. The accord limits training runs.",
        "organisations": [f"{name} Labs"],
        "topics": ["accords"],
    } | more


def _first() -> list[dict[str, object]]:
    guide = {"id": "guide", "kind": "guide", "title": "Accords", "level": "beginner", "tldr": "An accord is a promise."}
    return [guide, *(_event(name, f"2024-0{number}-01") for number, name in enumerate(BIRDS, start=1))]


class Almanac:
    """A server over a catalogue that can be changed."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "catalogue.jsonl"
        self.write(_first())
        self.workplace = Workplace(Settings(data=folder, catalogue=self.file, embedder="none"))
        self.live = LiveAssistant(self.workplace, self.workplace.assistant())
        self.kept = Storage(folder)
        self.remembering = RecentAnswers(self.live)
        app, settings = FastAPI(), ServingSettings()
        install_errors(app)
        app.include_router(api(self.remembering))
        app.include_router(feedback(self.remembering, settings, self.kept))
        app.include_router(pages(self.remembering, settings, self.kept))
        self.client = TestClient(app, raise_server_exceptions=False)

    def write(self, entries: list[dict[str, object]]) -> None:
        """Write the catalogue."""
        self.file.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries), "utf-8")

    def change(self, *more: dict[str, object], gone: tuple[str, ...] = (), **edited: dict[str, object]) -> None:
        """Add entries, take some out, edit some, and build."""
        entries = [one | edited.get(str(one["id"]), {}) for one in _first() if one["id"] not in gone]
        self.write([*entries, *more])
        self.workplace.build()

    def share(self, question: str, **more: object) -> Answer:
        """Ask and share; the answer as it is remembered."""
        given = self.client.post("/api/ask", json={"question": question, **more}).json()
        assert self.client.post(f"/api/answers/{given['id']}/share").status_code == 200
        answer = self.remembering.recent(given["id"])
        assert answer is not None
        return answer

    def note(self, answer: Answer) -> BeautifulSoup:
        """The part of the page that tells of the time since."""
        page = self.client.get(f"/answers/{answer.id}")
        assert page.status_code == 200
        found = BeautifulSoup(page.text, "html.parser").select(".since")
        return BeautifulSoup("".join(map(str, found)), "html.parser")


@pytest.fixture
def almanac(tmp_path: Path) -> Iterator[Almanac]:
    """The server."""
    made = Almanac(tmp_path)
    with made.client:
        yield made


def _words(note: BeautifulSoup) -> str:
    return " ".join(note.get_text(" ").split())


def _linked(note: BeautifulSoup) -> set[str]:
    return {link["href"].removeprefix("/entries/") for link in note.select("a")}


@pytest.mark.parametrize(
    ("question", "intent", "said"),
    [
        ("List all events", "list", "3 entries matched then, 4 match now; 1 is new"),
        ("How many events are there?", "count", "3 entries matched then, 4 match now; 1 is new"),
        ("Give me a timeline of accords", "timeline", "3 entries matched then, 4 match now; 1 is new"),
        (
            "What is the latest event?",
            "latest",
            "1 entry is newer and 1 is no longer among the newest",
        ),
    ],
)
def test_a_list_a_count_a_timeline_and_the_latest_name_what_has_come(
    almanac: Almanac, question: str, intent: str, said: str
) -> None:
    """With a link to each, and never "still" or "the same"."""
    answer = almanac.share(question)
    assert answer.intent == intent
    assert not almanac.note(answer).get_text()
    almanac.change(_event("Stork", "2024-09-01"))
    note = almanac.note(answer)
    assert said in _words(note)
    assert "stork" in _linked(note)
    assert "still" not in _words(note)
    assert "the same" not in _words(note)


def test_what_no_longer_matches_and_what_is_gone_are_told_apart(almanac: Almanac) -> None:
    """An entry that was edited is linked; one that was taken out is named."""
    answer = almanac.share("What has happened on the topic accords in 2024?")
    assert answer.intent == "list"
    almanac.change(_event("Stork", "2024-09-01"), gone=("tern",), heron={"date": "2023-02-01"})
    note = almanac.note(answer)
    words = _words(note)
    assert (
        "3 entries matched then, 2 match now; 1 is new, 1 is no longer in the catalogue, 1 no longer matches" in words
    )
    assert _linked(note) == {"stork", "heron"}
    assert "Tern Labs signs the Tern accord (no longer in the catalogue)" in words


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("List all events", "the question matches the same 3 entries"),
        ("What is the latest event?", "this is still the newest entry"),
        ("What are the latest 2 events?", "these are still the newest entries"),
    ],
)
def test_where_nothing_has_come_that_is_said_after_asking_again(almanac: Almanac, question: str, said: str) -> None:
    """A catalogue may change in what the answer has nothing to do with."""
    answer = almanac.share(question)
    almanac.change({"id": "g2", "kind": "guide", "title": "Other", "level": "beginner", "tldr": "It is another."})
    assert said in _words(almanac.note(answer))
    assert not almanac.note(answer).select(".alert")


def test_a_list_that_was_empty_says_when_something_matches(almanac: Almanac) -> None:
    """Nothing was quoted, and yet the answer has changed."""
    answer = almanac.share("How many events are there in 2025?")
    assert (answer.status, answer.total) == ("abstained", 0)
    almanac.change()
    almanac.change({"id": "g2", "kind": "guide", "title": "Other", "level": "beginner", "tldr": "It is another."})
    assert "still matches no entry" in _words(almanac.note(answer))
    almanac.change(_event("Stork", "2025-01-01"))
    assert "0 entries matched then, 1 matches now; 1 is new" in _words(almanac.note(answer))


def test_a_brief_and_a_comparison_name_what_is_found_now(almanac: Almanac) -> None:
    """They cite only some of what fits; an entry that was found then and not cited is not new."""
    brief = almanac.share("accords on safe models", mode="summary")
    compared = almanac.share("Compare Tern Labs and Heron Labs")
    assert (brief.intent, compared.intent) == ("summary", "compare")
    almanac.change(
        _event("Tern2", "2024-09-01", organisations=["Tern Labs"], title="Tern Labs signs the Tern accord anew")
    )
    for answer in (brief, compared):
        note = almanac.note(answer)
        assert "1 new entry" in _words(note), answer.intent
        assert _linked(note) == {"tern2"}


def test_a_plain_look_up_says_that_only_its_quotations_were_checked(almanac: Almanac) -> None:
    """Whether newer entries say more is not claimed."""
    answer = almanac.share("What is the Tern accord?")
    assert answer.intent in {"lookup", "define"}
    assert answer.cited == ("tern",)
    almanac.change(_event("Stork", "2024-09-01"))
    words = _words(almanac.note(answer))
    assert "Every quotation is still in the catalogue" in words
    assert "Newer entries were not checked" in words
    almanac.change(tern={"summary": "It was withdrawn."})
    words = _words(almanac.note(answer))
    assert "1 has changed in the quoted text" in words
    assert "were not checked" in words


def test_relative_dates_mean_what_they_meant_when_the_answer_was_given(almanac: Almanac) -> None:
    """Of an answer as of 2025 "last year" is 2024 whenever its page is read, and no entry after its day is new."""
    answer = almanac.share("List the events of last year", as_of="2025-03-01")
    assert len(answer.cited) == 3
    almanac.change(_event("Stork", "2024-09-01"), _event("Ibis", "2025-05-01"), _event("Egret", "2025-02-01"))
    note = almanac.note(answer)
    assert "3 entries matched then, 4 match now; 1 is new" in _words(note)
    assert _linked(note) == {"stork"}


def test_a_restriction_that_the_reader_took_off_stays_off(almanac: Almanac) -> None:
    """The page asks the question as it was asked."""
    answer = almanac.share("List all events in 2023", without=["dates"])
    assert len(answer.cited) == 3
    almanac.change(_event("Stork", "2024-09-01"))
    assert "3 entries matched then, 4 match now" in _words(almanac.note(answer))


def test_a_follow_up_is_asked_again_standing_alone(almanac: Almanac) -> None:
    """Its conversation is not kept, and not needed."""
    history = [
        {"role": "user", "content": "List all events in 2024"},
        {"role": "assistant", "content": "3 events", "cited": ["tern"]},
    ]
    answer = almanac.share("And in 2023?", history=history)
    assert answer.intent == "list"
    almanac.change(_event("Stork", "2023-09-01"))
    assert "0 entries matched then, 1 matches now" in _words(almanac.note(answer))


def test_an_answer_shared_before_it_was_kept_how_to_ask_again_is_asked_again_too(
    almanac: Almanac, tmp_path: Path
) -> None:
    """As it was searched, on its day."""
    answer = almanac.share("List all events")
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute("update shared_about set again = null")
    database.close()
    almanac.change(_event("Stork", "2024-09-01"))
    assert "3 entries matched then, 4 match now; 1 is new" in _words(almanac.note(answer))


def test_asking_again_is_done_once_for_each_state_of_the_catalogue(almanac: Almanac) -> None:
    """However often the page is read; and not at all while the catalogue is the same."""
    asked: list[str] = []
    real = almanac.live.again

    def counted(earlier: Answer) -> Answer:
        asked.append(earlier.question)
        return real(earlier)

    almanac.remembering.wrapped.again = counted  # type: ignore[method-assign]
    answer = almanac.share("List all events")
    almanac.note(answer)
    assert asked == []
    for stork in ("2024-09-01", "2024-10-01"):
        almanac.change(_event("Stork", stork))
        for _ in range(3):
            almanac.note(answer)
    assert len(asked) == 2


def test_a_server_that_is_too_busy_to_ask_again_says_so(almanac: Almanac) -> None:
    """The page is shown all the same, and the next reader's is complete."""
    answer = almanac.share("List all events")
    almanac.change(_event("Stork", "2024-09-01"))
    real = almanac.live.again

    def busy(_: Answer) -> Answer:
        raise BusyError

    almanac.remembering.wrapped.again = busy  # type: ignore[method-assign]
    words = _words(almanac.note(answer))
    assert "could not be checked right now" in words
    assert "Every quotation is still in the catalogue" in words
    almanac.remembering.wrapped.again = real  # type: ignore[method-assign]
    assert "1 is new" in _words(almanac.note(answer))


def test_long_changes_are_counted_and_no_title_is_read_as_markup(almanac: Almanac) -> None:
    """Twenty are named, the rest is a number."""
    answer = almanac.share("List all events")
    almanac.change(*(_event(f"N{number}", "2024-09-01", title=f"<b>N{number}</b>") for number in range(30)))
    note = almanac.note(answer)
    assert len(_linked(note)) == 20
    assert "and 10 more" in _words(note)
    assert not note.select("b")
    assert replace(answer, found=()).cited == answer.cited


def test_a_receipt_of_a_list_tells_how_many_there_were_and_are(almanac: Almanac) -> None:
    """And which entries do not match any more, though the catalogue has them."""
    answer = almanac.live.ask("List all events in 2024")
    made = receipt.make(answer, almanac.live.catalogue, (), made_on=date(2026, 1, 1))
    kept = receipt.parse(receipt.in_json(made).encode(), name="r")
    almanac.change(_event("Stork", "2024-09-01"), heron={"date": "2023-02-01"}, gone=("tern",))
    checked = replay.replay(kept, almanac.live)
    assert (checked.cited_then, checked.cited_now, checked.no_longer_cited) == (3, 2, ("heron",))
    assert [one.entry_id for one in checked.newer] == ["stork"]
    told = terminal.replayed(checked)
    assert "it cited 3 entries then, 1 of them no longer, and cites 2 now" in told
    assert "No longer cited:\n  heron" in told
