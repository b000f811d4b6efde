"""Taking an answer along in a real browser: references, the whole answer, its entries, its receipt, print."""

import io
import json
from pathlib import Path

import docx
import pybtex.database
import pytest
from playwright.sync_api import Browser, expect

from assistant.export import receipt

from .visitor import Visitor


def _download(visitor: Visitor, form: str, folder: Path) -> Path:
    with visitor.page.expect_download() as waiting:
        visitor.answer.locator(f"[data-export={form}][data-file]").click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_from_a_question_to_bibtex_in_three_clicks(visit: Visitor, tmp_path: Path) -> None:
    """An example, Export, BibTeX: the file is named after the question and has each cited entry once."""
    example = visit.page.get_by_role("list", name="Example questions").get_by_role("button").first
    question = example.inner_text()
    example.click()
    visit.wait(question)
    visit.answer.get_by_text("Export", exact=True).click()
    with visit.page.expect_download() as waiting:
        visit.answer.get_by_role("button", name="Download references as BibTeX").click()
    waiting.value.save_as(tmp_path / "it.bib")
    assert waiting.value.suggested_filename.endswith("-references.bib")
    read = pybtex.database.parse_file(str(tmp_path / "it.bib"))
    assert len(read.entries) == visit.panel.locator(".sheet:not([hidden]) .card").count()
    expect(visit.answer.locator(".export-said")).to_contain_text("is saved")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_file_is_saved_at_every_width(
    browser: Browser, url: str, tmp_path: Path, width: int, scheme: str
) -> None:
    """The menu fits, and Word, a table and the page can be opened."""
    with Visitor.on(browser, url, width=width, scheme=scheme) as visitor:  # type: ignore[arg-type]
        visitor.ask("What is RLHF?")
        visitor.answer.get_by_text("Export", exact=True).click()
        visitor.assert_fits()
        text = docx.Document(io.BytesIO(_download(visitor, "docx", tmp_path).read_bytes())).paragraphs[0].text
        assert text == "What is RLHF?"
        assert _download(visitor, "csv", tmp_path).read_text("utf-8-sig").startswith("number,id,kind")
        assert "<h1" in _download(visitor, "html", tmp_path).read_text("utf-8")
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            "what-is-rlhf-entries.csv",
            "what-is-rlhf.docx",
            "what-is-rlhf.html",
        ]


def test_a_receipt_holds_the_conversation_before_the_question(visit: Visitor, tmp_path: Path) -> None:
    """A follow-up can be asked again later, because its receipt says what was said before."""
    visit.ask("What is RLHF?")
    visit.ask("How is it trained?")
    visit.answer.get_by_text("Export", exact=True).click()
    read = receipt.read(_download(visit, "receipt", tmp_path))
    assert [turn.role for turn in read.history] == ["user", "assistant"]
    assert read.history[0].searched_for == "What is RLHF?"
    assert read.question == "How is it trained?"


def test_references_are_copied_and_errors_are_said(browser: Browser, url: str) -> None:
    """What lands in the clipboard is the file's text; a server that cannot be reached is named."""
    with Visitor.on(browser, url, permissions=["clipboard-read", "clipboard-write"]) as visitor:
        visitor.ask("What is RLHF?")
        visitor.answer.get_by_text("Export", exact=True).click()
        visitor.answer.get_by_role("button", name="Copy references as CSL-JSON").click()
        expect(visitor.answer.get_by_text("Copied", exact=True)).to_be_visible()
        copied = json.loads(str(visitor.page.evaluate("navigator.clipboard.readText()")))
        assert "rlhf" in [item["id"] for item in copied]
        visitor.page.route("**/api/export", lambda route: route.abort())
        visitor.answer.get_by_role("button", name="Download references as RIS").click()
        expect(visitor.answer.locator(".export-said")).to_contain_text("cannot be reached")
        visitor.troubles.clear()


def test_print_shows_one_answer_with_its_sources(visit: Visitor) -> None:
    """Neither the box nor other answers are on paper; all of its sources are."""
    visit.ask("What is RLHF?")
    visit.ask("What does the EU AI Act require?")
    visit.page.evaluate("window.print = () => { window.printed = true; }")
    visit.page.locator("#earlier article").get_by_text("Export", exact=True).click()
    visit.page.locator("#earlier article").get_by_role("button", name="Print").click()
    assert visit.page.evaluate("window.printed")
    visit.page.emulate_media(media="print")
    visit.page.set_viewport_size({"width": 700, "height": 1000})  # a sheet of paper
    expect(visit.box).to_be_hidden()
    expect(visit.page.locator("#current article")).to_be_hidden()
    expect(visit.page.locator("#earlier article h2")).to_be_visible()
    expect(visit.panel.locator("#panel-1 .card").first).to_be_visible()
    expect(visit.panel.locator("#panel-2")).to_be_hidden()
    visit.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(visit.page.locator("#current article")).to_be_visible()


def test_an_answer_becomes_a_brief(visit: Visitor) -> None:
    """One click asks the same question for a summary."""
    visit.ask("What is known about sycophancy?")
    visit.answer.get_by_role("button", name="Make this a brief").click()
    expect(visit.answer.locator(".brief .counts")).to_contain_text("entries searched", timeout=20_000)
