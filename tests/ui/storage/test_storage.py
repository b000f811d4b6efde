"""Shared answers stay as they were given, and feedback contains no identity."""

import hashlib
import json
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.answer import Answer
from assistant.pipeline import Assistant
from assistant.question import Question
from assistant.settings.serving import ServingSettings
from index.catalogue import Catalogue
from index.errors import KeptFullError, StorageError, UnknownAnswerError
from tests.support.answers import HOSTILE, answer, catalogue, cite
from ui.api.ask import api
from ui.api.feedback import feedback
from ui.cli import main
from ui.errors import install_errors
from ui.pages import pages
from ui.pages.answers import answer_page, source_state
from ui.pages.layout import SiteLinks
from ui.serving.recent_answers import RecentAnswers
from ui.storage import database as module
from ui.storage.database import FILE
from ui.storage.quotas import Rules
from ui.storage.storage import Storage

QUOTES = (
    ("instructgpt", "summary", "OpenAI published InstructGPT, a family of models tuned with human feedback."),
    ("rlhf", "sections.0.text", "Training has three stages."),
)


def _given(question: str = "What is RLHF?") -> Answer:
    held = catalogue()
    return answer(*(cite(held, number, *quote) for number, quote in enumerate(QUOTES, start=1)), question=question)


@pytest.fixture
def kept(tmp_path: Path) -> Storage:
    """An empty storage."""
    return Storage(tmp_path)


@pytest.fixture
def client(assistant: Assistant, kept: Storage) -> Iterator[TestClient]:
    """The API in front of the real assistant."""
    remembering, settings = RecentAnswers(assistant), ServingSettings(url="https://almanac.example")
    app = FastAPI()
    install_errors(app)
    app.include_router(api(remembering))
    app.include_router(feedback(remembering, settings, kept))
    app.include_router(pages(remembering, settings, kept))
    with TestClient(app, raise_server_exceptions=False) as opened:
        yield opened


def _ask(client: TestClient, question: str = "What is RLHF?", **more: str) -> str:
    return str(client.post("/api/ask", json={"question": question, **more}).json()["id"])


def test_an_answer_is_public_only_once_it_is_shared(client: TestClient) -> None:
    """Everybody with its address can read it, search engines are told not to index it, and sharing again changes nothing."""
    name = _ask(client)
    assert client.get(f"/answers/{name}").status_code == 404
    shared = client.post(f"/api/answers/{name}/share")
    assert shared.json() == {"id": name, "url": f"https://almanac.example/answers/{name}"}
    page = client.get(f"/answers/{name}")
    assert page.status_code == 200
    assert "What is RLHF?" in page.text
    assert page.headers["x-robots-tag"] == "noindex"
    assert client.post(f"/api/answers/{name}/share").json() == shared.json()


@pytest.mark.parametrize(
    ("question", "mode"),
    [
        ("What is RLHF?", "chat"),
        ("What has Anthropic published since 2025?", "chat"),
        ("What is known about sycophancy?", "summary"),
        ("Who won the 1954 football world cup?", "chat"),
    ],
)
def test_a_shared_answer_is_the_one_that_was_given(
    assistant: Assistant, kept: Storage, question: str, mode: str
) -> None:
    """All of its JSON, for every kind of answer. Its page shows every sentence and quotation."""
    given = assistant.ask(Question(question, mode=mode))  # type: ignore[arg-type]
    shared = kept.share(given)
    assert json.dumps(shared.answer.as_dict()) == json.dumps(given.as_dict())
    page = BeautifulSoup(answer_page(shared, assistant.catalogue, SiteLinks()) or "", "html.parser")
    words = " ".join(page.main.get_text(" ").split())
    for sentence in given.sentences:
        assert " ".join(sentence.text.split()) in words.replace("\u2060", "")
    leads = {link["href"].removeprefix("#") for link in page.select("a.marker")}
    assert leads == {tag["id"] for tag in page.select(".cited")}
    listed = {link["href"].removeprefix("/entries/") for link in page.select(".listed a:not(.marker)")}
    assert {citation.entry_id for citation in given.citations} == (listed or set(given.cited))
    assert not page.select(".since")
    levels = [int(heading.name[1]) for heading in page.find_all(["h1", "h2", "h3", "h4"])]
    assert levels.count(1) == 1


def test_a_long_list_is_shared_in_pages_that_stay_small(client: TestClient, assistant: Assistant) -> None:
    """Every entry is on exactly one page, and there is no page after the last."""
    name = _ask(client, "List all events")
    client.post(f"/api/answers/{name}/share")
    found: list[str] = []
    for number in (1, 2):
        response = client.get(f"/answers/{name}?page={number}")
        assert len(response.content) < 60_000
        page = BeautifulSoup(response.text, "html.parser")
        found += [link["href"].removeprefix("/entries/") for link in page.select(".listed a")]
    assert sorted(found) == sorted(entry.id for entry in assistant.catalogue.entries if entry.kind == "event")
    for number in ("3", "0", "-1", "x", "9" * 30):
        assert client.get(f"/answers/{name}?page={number}").status_code == 404


def test_the_page_says_what_has_changed_since(kept: Storage) -> None:
    """An entry whose quoted text changed, and a deleted entry. The answer itself stays the same."""
    shared = kept.share(_given())
    held = catalogue()
    changed = held.by_id["instructgpt"].model_copy(update={"summary": "It was withdrawn."})
    page = BeautifulSoup(answer_page(shared, Catalogue((changed,)), SiteLinks()) or "", "html.parser")
    note = page.select_one(".since").get_text()
    assert "It quotes 2 entries: 1 has changed in the quoted text" in note
    assert "1 is no longer in the catalogue" in note
    assert [card["class"][1] for card in page.select(".card")] == ["changed", "gone"]
    assert QUOTES[0][2] in page.get_text()
    assert not page.select('a[href="/entries/rlhf"]')
    grown = BeautifulSoup(answer_page(shared, held, SiteLinks()) or "", "html.parser")
    assert "Every quotation is still in the catalogue" in grown.select_one(".since").get_text()
    moved = held.by_id["instructgpt"].model_copy(update={"summary": "New: " + QUOTES[0][2]})
    assert source_state(shared.answer.citations[0], Catalogue((moved,))) == "current"


def test_no_word_of_a_shared_answer_is_ever_read_as_markup(kept: Storage) -> None:
    """Whatever the question, the answer or the quotation contains."""
    worst = " ".join(HOSTILE)
    held = catalogue({"id": "e", "kind": "event", "title": worst, "summary": worst, "source": worst})
    shared = kept.share(answer(cite(held, 1, "e", "summary", worst), question=worst, text=worst))
    page = BeautifulSoup(answer_page(shared, held, SiteLinks()) or "", "html.parser")
    assert not page.find_all(["iframe", "img", "svg", "math", "style"])
    assert len(page.find_all("script")) == 1
    for tag in page.find_all():
        assert not [name for name in tag.attrs if name.startswith("on") or name == "style"], tag


def test_feedback_is_kept_without_the_question_and_without_a_name(client: TestClient, kept: Storage) -> None:
    """The feedback and the cited entries are stored, so that the owner can react."""
    name = _ask(client)
    told = {"answer_id": name, "rating": "down", "reason": "outdated", "note": " There is a newer one. "}
    assert client.post("/api/feedback", json=told).status_code == 200
    (one,) = kept.feedback()
    assert (one.answer_id, one.rating, one.reason, one.note) == (name, "down", "outdated", "There is a newer one.")
    assert one.question is None
    assert one.cited
    assert kept.feedback(rating="up") == []


def test_the_question_is_kept_only_where_the_owner_says_so(tmp_path: Path) -> None:
    """`ALMANAC_KEEP_QUESTIONS`."""
    held = Storage(tmp_path, questions=True)
    held.rate(_given(), "up")
    assert held.feedback()[0].question == "What is RLHF?"


def test_the_same_reader_can_change_what_was_said(client: TestClient, kept: Storage) -> None:
    """With the id that only this reader received. Another reader's feedback is separate."""
    name = _ask(client)
    first = client.post("/api/feedback", json={"answer_id": name, "rating": "down"}).json()["feedback_id"]
    again = {"answer_id": name, "rating": "up", "feedback_id": first}
    assert client.post("/api/feedback", json=again).json() == {"feedback_id": first}
    client.post("/api/feedback", json={"answer_id": name, "rating": "down"})
    assert sorted(one.rating for one in kept.feedback()) == ["down", "up"]
    other = client.post("/api/feedback", json=again | {"feedback_id": "somebody's"})
    assert other.status_code == 404
    assert other.json()["error"]["code"] == "unknown_answer"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"rating": "sideways"}, 422),
        ({"reason": "because"}, 422),
        ({"note": "x" * 1001}, 422),
        ({"feedback_id": "x" * 65}, 422),
        ({"answer_id": "../../etc/passwd"}, 422),
        ({"answer_id": "0" * 24}, 404),
        ({"note": "x" * 1000}, 200),
        ({"note": None, "reason": None}, 200),
    ],
)
def test_feedback_that_cannot_be_is_refused(client: TestClient, change: dict[str, str], status: int) -> None:
    """Each as a JSON error, and nothing is stored."""
    said = {"answer_id": _ask(client), "rating": "up"} | change
    response = client.post("/api/feedback", json=said)
    assert response.status_code == status
    assert ("error" in response.json()) is (status != 200)


def test_an_answer_that_was_shared_can_be_judged_when_it_is_no_longer_remembered(
    assistant: Assistant, kept: Storage
) -> None:
    """After a restart the page still exists and can be rated. Other answers are no longer known."""
    shared = kept.share(_given())
    app = FastAPI()
    install_errors(app)
    app.include_router(feedback(RecentAnswers(assistant), ServingSettings(), kept))
    with TestClient(app) as client:
        said = client.post("/api/feedback", json={"answer_id": shared.id, "rating": "up"})
        assert said.status_code == 200
        assert client.post(f"/api/answers/{'0' * 24}/share").status_code == 404


def test_a_file_that_is_full_says_how_room_is_made_and_loses_nothing(tmp_path: Path, assistant: Assistant) -> None:
    """The owner's rows are never deleted to make room. The next write is refused, and stored rows can be read."""
    small = Storage(tmp_path, rules=Rules(max_bytes=400_000))
    first = small.share(_given())
    with pytest.raises(KeptFullError) as caught:
        [small.rate(_given(), "down", note=f"{number} " + "x" * 900) for number in range(500)]
    assert "almanac feedback --delete-before" in caught.value.hint
    assert small.shared(first.id) == first
    assert len(small.feedback()) > 100
    app = FastAPI()
    install_errors(app)
    app.include_router(feedback(RecentAnswers(assistant), ServingSettings(), small))
    with TestClient(app) as client:
        refused = client.post("/api/feedback", json={"answer_id": first.id, "rating": "down", "note": "x" * 1000})
    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "kept_full"
    assert "ALMANAC_KEPT_MB" in refused.json()["error"]["message"]
    small.delete_feedback_before("2999")
    small.rate(_given(), "down")


def test_a_file_that_another_program_holds_is_waited_for_and_then_said(
    kept: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading still works meanwhile."""
    shared = kept.share(_given())
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    holder.execute("begin immediate")
    with pytest.raises(StorageError) as caught:
        kept.rate(_given(), "up")
    assert "try again" in caught.value.hint
    assert kept.shared(shared.id) == shared
    holder.execute("rollback")
    holder.close()
    kept.rate(_given(), "up")


def test_a_damaged_file_or_a_later_one_is_said_with_the_mend(tmp_path: Path) -> None:
    """Nothing is overwritten."""
    file = tmp_path / FILE
    file.write_bytes(b"this is no database, and was never meant to be one" * 100)
    with pytest.raises(StorageError) as caught:
        Storage(tmp_path).rate(_given(), "up")
    assert "move the file away" in caught.value.hint
    assert file.read_bytes().startswith(b"this is no database")
    file.unlink()
    with sqlite3.connect(file) as made:
        made.execute("pragma user_version = 99")
    made.close()
    with pytest.raises(StorageError) as caught:
        Storage(tmp_path).shared("0" * 24)
    assert "newer version" in str(caught.value)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A file exists where the folder should be."""
    (tmp_path / "data").write_text("")
    with pytest.raises(StorageError):
        Storage(tmp_path / "data").share(_given())


def test_many_can_write_at_once(kept: Storage, tmp_path: Path) -> None:
    """Threads and processes wait for each other. Only the owner can read the file."""
    threads = [
        threading.Thread(target=lambda: [Storage(tmp_path).rate(_given(), "up") for _ in range(10)]) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept.feedback()) == 60
    if os.name == "posix":  # Windows has no such modes
        assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    assert [one.at for one in kept.feedback(top=3)] == sorted((one.at for one in kept.feedback(top=3)), reverse=True)


class _Echo:
    """An assistant that returns a given answer. The tests look at memory only."""

    notice = None

    def __init__(self, given: Answer) -> None:
        self.given = given

    @property
    def catalogue(self) -> Catalogue:
        return catalogue()

    def examples(self) -> tuple[str, ...]:
        return ()

    def ask(self, question: str, **_: object) -> Answer:
        return replace(self.given, question=question, id=hashlib.sha256(question.encode()).hexdigest()[:24])


def test_only_the_latest_answers_are_remembered() -> None:
    """Only a limited number of answers and citations are kept, so that a long-running server does not grow."""
    given = _given()
    few = RecentAnswers(_Echo(given), max_answers=3)
    names = [few.ask(f"q{number}").id for number in range(5)]
    assert [few.recent(name) is not None for name in names] == [False, False, True, True, True]
    few.ask("q2")
    few.ask("q9")
    assert few.recent(names[2]) is not None
    assert few.recent(names[3]) is None
    long = RecentAnswers(_Echo(given), max_citations=5)
    names = [long.ask(f"q{number}").id for number in range(4)]
    assert [long.recent(name) is not None for name in names] == [False, False, True, True]


def test_an_answer_of_another_one_s_feedback_cannot_be_changed(kept: Storage) -> None:
    """An id of feedback is valid only for its answer."""
    name = kept.rate(_given(), "down")
    with pytest.raises(UnknownAnswerError):
        kept.rate(_given("Another?"), "up", feedback_id=name)
    assert kept.feedback()[0].rating == "down"


def test_the_owner_reads_feedback_and_takes_a_shared_answer_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the command line. Readers' text cannot control the terminal, and deleted text is in no file."""
    monkeypatch.setenv("ALMANAC_DATA", str(tmp_path))

    def run(*words: str, status: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["almanac", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert (ended.value.code or 0) == status
        told = capsys.readouterr()
        return told.out or told.err

    held = Storage(tmp_path)
    shared = held.share(_given("What is a pangolin?"))
    held.rate(_given(), "down", reason="wrong", note="It is \x1b[31mnot\x07.")
    held.rate(_given(), "up")
    told = run("feedback", "--rating", "down")
    assert "wrong" in told
    assert not {"\x1b", "\x07"} & set(told)
    assert [one["rating"] for one in json.loads(run("feedback", "--json"))].count("up") == 1
    run("unshare", shared.id)
    assert held.shared(shared.id) is None
    assert "pangolin" not in "".join(file.read_text("latin-1") for file in tmp_path.glob(f"{FILE}*"))
    assert "no answer" in run("unshare", shared.id, status=2)
