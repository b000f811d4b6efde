"""After a renaming the old address leads to the entry everywhere; after a removal it is 410, and nothing cites it."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from assistant.export import receipt, replay
from assistant.live import LiveAssistant
from assistant.question import Question
from assistant.settings.settings import Settings
from assistant.workplace import Workplace
from index.editing.editor import Editor
from ui.app import build_app
from ui.storage.storage import Storage

BROWSER = {"accept": "text/html"}
ENTRIES = [
    {"id": "kiwi", "kind": "event", "title": "Kiwi 2 launch", "date": "2024-05", "summary": "Wellington Labs released Kiwi 2, a model of 9 billion parameters."},
    {"id": "audit", "kind": "event", "title": "Audit of Kiwi 2", "date": "2025-02-03", "summary": "Auditors found 14 faults in Kiwi 2.", "related_events": ["kiwi"]},
    {"id": "plum", "kind": "event", "title": "Plum paints", "date": "2025-03", "summary": "Plum is a model that paints pictures of orchards."},
]  # fmt: skip
QUESTION = "How many parameters does Kiwi 2 have?"


class Site:
    """A served catalogue and its editor."""

    def __init__(self, folder: Path) -> None:
        (folder / "catalogue.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in ENTRIES), "utf-8")
        self.settings = Settings(data=folder, embedder="none", reader=False, url="https://almanac.example")
        self.workplace = Workplace(self.settings)
        self.live = LiveAssistant(self.workplace, self.workplace.assistant())
        self.editor = Editor(self.settings.catalogue_file, folder, "ann")
        self.client = TestClient(build_app(self.live, self.settings), follow_redirects=False)

    def build(self) -> None:
        """Index the catalogue file; the server switches to the new index by itself."""
        self.workplace.build()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A server over three entries."""
    made = Site(tmp_path)
    yield made
    made.live._assistant.index.close()


def test_the_old_address_of_a_renamed_entry_leads_to_the_new_one(site: Site) -> None:
    """The page redirects; the API answers with the entry; the redirect is not kept for ever, as it may be undone."""
    site.editor.rename("kiwi", "kiwi-2")
    site.build()
    moved = site.client.get("/entries/kiwi", headers=BROWSER)
    assert (moved.status_code, moved.headers["location"]) == (301, "/entries/kiwi-2")
    assert moved.headers["cache-control"] == "no-cache"
    assert site.client.get(moved.headers["location"], headers=BROWSER).status_code == 200
    assert site.client.get("/entries/kiwi.json").json()["id"] == "kiwi-2"
    related = site.client.get("/api/entries/kiwi/related").json()
    assert (related["entry_id"], related["related"][0]["entry_id"]) == ("kiwi-2", "audit")
    assert "kiwi-2" in site.client.get("/api/cite?id=kiwi&as=bibtex").text
    site.editor.undo()
    site.build()
    assert site.client.get("/entries/kiwi", headers=BROWSER).status_code == 200
    assert site.client.get("/entries/kiwi-2", headers=BROWSER).headers["location"] == "/entries/kiwi"


def test_feed_readers_do_not_see_a_renamed_entry_twice(site: Site) -> None:
    """Its id in the feeds stays, its address is the new one."""
    ids = [item["id"] for item in site.client.get("/feed.json").json()["items"]]
    site.editor.rename("kiwi", "kiwi-2")
    site.build()
    items = site.client.get("/feed.json").json()["items"]
    assert [item["id"] for item in items] == ids
    assert "https://almanac.example/entries/kiwi-2" in {item["url"] for item in items}
    atom = site.client.get("/feed").text
    assert "<id>https://almanac.example/entries/kiwi</id>" in atom
    assert 'href="https://almanac.example/entries/kiwi-2"' in atom
    assert "/entries/kiwi<" not in site.client.get("/sitemap.xml").text


def test_a_shared_answer_about_a_renamed_entry_stays_valid(site: Site) -> None:
    """Its page links to the new address and reports no change."""
    answer = site.live.ask(QUESTION)
    assert answer.cited == ("kiwi",)
    shared = Storage.of(site.settings.data, site.settings).share(answer)
    site.editor.rename("kiwi", "kiwi-2")
    site.build()
    page = site.client.get(f"/answers/{shared.id}", headers=BROWSER).text
    assert "/entries/kiwi-2#summary" in page
    assert "No longer in the catalogue" not in page
    site.editor.remove(["kiwi-2"])
    site.build()
    assert "No longer in the catalogue" in site.client.get(f"/answers/{shared.id}", headers=BROWSER).text


def test_a_receipt_of_a_renamed_entry_holds(site: Site) -> None:
    """A renaming is no edit, but an edit after it is one."""
    made = receipt.make(site.live.ask(Question(QUESTION)), site.live.catalogue, (), made_on=date(2026, 1, 1))
    kept = receipt.parse(receipt.in_json(made).encode(), name="r")
    site.editor.rename("kiwi", "kiwi-2")
    site.editor.rename("kiwi-2", "kiwi-two")
    site.build()
    checked = replay.replay(kept, site.live)
    assert [(quote.state, quote.entry_edited) for quote in checked.quotations] == [("same", False)]
    assert (checked.newer, checked.no_longer_found, checked.no_longer_cited) == ((), (), ())
    seen = site.editor.read().by_id["kiwi-two"]
    site.editor.edit(seen, seen.model_dump(exclude_defaults=True) | {"kind": "event", "date": "2024-06"})
    site.build()
    assert [quote.entry_edited for quote in replay.replay(kept, site.live).quotations] == [True]


@pytest.mark.parametrize(
    "path", ["/entries/kiwi", "/entries/kiwi.json", "/api/entries/kiwi/related", "/api/cite?id=kiwi"]
)
def test_a_removed_entry_is_gone_and_an_unknown_one_not_found(site: Site, path: str) -> None:
    """410 and 404, as JSON; the served index counts, not the file."""
    site.editor.remove(["kiwi"])
    assert site.client.get(path).status_code == 200
    site.build()
    gone = site.client.get(path)
    assert (gone.status_code, gone.json()["error"]["code"]) == (410, "removed_entry")
    assert site.client.get(path.replace("kiwi", "nothing")).status_code == 404
    site.editor.restore("kiwi")
    site.build()
    assert site.client.get(path).status_code == 200


def test_a_removed_entry_is_nowhere_any_more(site: Site) -> None:
    """Not in answers, search, feeds, the sitemap or links of other pages; its page says that it was removed."""
    site.editor.rename("kiwi", "kiwi-2")
    site.editor.remove(["kiwi-2"])
    site.build()
    for name in ("kiwi", "kiwi-2"):
        page = site.client.get(f"/entries/{name}", headers=BROWSER)
        assert page.status_code == 410
        assert "was removed from the catalogue" in page.text
    answer = site.client.post("/api/ask", json={"question": QUESTION}).json()
    assert "kiwi" not in json.dumps([answer["citations"], answer["related"], answer["nearest"]]).replace("Kiwi", "")
    for path in ("/feed", "/feed.json", "/sitemap.xml", "/llms.txt", "/entries/audit", "/api/search?q=kiwi"):
        assert "entries/kiwi" not in site.client.get(path).text, path
