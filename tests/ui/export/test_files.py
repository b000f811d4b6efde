"""Files of an answer: each can be read by another program, has one reference for each entry, and runs nothing."""

import csv
import dataclasses
import io
import json
from collections.abc import Iterator
from datetime import date

import docx
import pybtex.database
import pytest
import rispy
from bs4 import BeautifulSoup
from fastapi import FastAPI
from fastapi.testclient import TestClient
from markdown_it import MarkdownIt
from pydantic import TypeAdapter

from assistant.answer import Answer, Brief, Later, OpenPoint, Part
from assistant.export import receipt
from assistant.pipeline import Assistant
from assistant.question import Question
from assistant.settings.settings import Settings
from tests.support.answers import HOSTILE, answer, catalogue, cite
from ui.api.export import exporting
from ui.errors import install_errors
from ui.export.as_csv import COLUMNS
from ui.export.files import FILES, ExportForm, export, file_name
from ui.export.numbering import labels

TODAY = date(2026, 7, 1)
SITE = "https://almanac.example.org"
HELD = catalogue()
QUOTES = (
    cite(HELD, 1, "rlhf", "tldr", "RLHF turns judgements into a signal."),
    cite(HELD, 2, "rlhf", "tldr", "It needs comparisons."),
    cite(HELD, 3, "instructgpt", "title", "InstructGPT"),
    cite(HELD, 4, "rlhf", "terms.0.definition", "A network that predicts preferences."),
)
ANSWER = answer(*QUOTES)


def _text(form: ExportForm, made: Answer = ANSWER) -> str:
    return export(made, form, HELD, (), TODAY, SITE).decode("utf-8")


def test_numbers_are_those_of_entries_with_a_letter_for_each_further_quotation() -> None:
    """Four markers of two sources are recognised as such."""
    assert labels(QUOTES) == {1: "1", 2: "1b", 3: "2", 4: "1c"}
    many = [dataclasses.replace(QUOTES[0], number=number) for number in range(1, 60)]
    assert [labels(many)[number] for number in (2, 26, 27, 28, 53)] == ["1b", "1z", "1aa", "1ab", "1ba"]
    assert len(set(labels(many).values())) == 59


def test_each_reference_format_has_one_reference_for_each_entry() -> None:
    """Other programs read them; an entry without an address has that of its page."""
    bibtex = pybtex.database.parse_string(_text("bibtex"), "bibtex")
    assert sorted(bibtex.entries) == ["instructgpt", "rlhf"]
    assert bibtex.entries["rlhf"].fields["url"] == f"{SITE}/entries/rlhf"
    assert [record["title"] for record in rispy.loads(_text("ris"))] == ["RLHF explained", "InstructGPT"]
    assert [item["id"] for item in json.loads(_text("csl-json"))] == ["rlhf", "instructgpt"]
    lines = _text("references").splitlines()
    assert [line[:3] for line in lines] == ["1. ", "2. "]


def test_the_markdown_of_an_answer_has_its_text_and_each_source_once() -> None:
    """The same entry has the same number wherever it is quoted."""
    page = BeautifulSoup(MarkdownIt().render(_text("markdown")), "html.parser")
    assert page.h1 is not None
    assert page.h1.get_text() == "What is RLHF?"
    assert page.p is not None
    assert page.p.get_text() == (
        "RLHF turns judgements into a signal. [1] It needs comparisons. [1] InstructGPT [2] A network that predicts preferences. [1]"
    )
    assert len(page.select("ol li")) == 2


def test_a_word_file_can_be_opened_and_has_headings_text_and_links() -> None:
    """It is read with the library that reads Word's own files."""
    opened = docx.Document(io.BytesIO(export(ANSWER, "docx", HELD, (), TODAY, SITE)))
    texts = [paragraph.text for paragraph in opened.paragraphs]
    assert texts[0] == "What is RLHF?"
    assert texts[1].startswith("RLHF turns judgements into a signal.\u00a0[1] It needs comparisons.")
    assert texts[2] == "Sources"
    assert [link.address for paragraph in opened.paragraphs for link in paragraph.hyperlinks] == [
        f"{SITE}/entries/rlhf",
        "https://openai.com/index/instruction-following/",
    ]
    assert opened.core_properties.title == "What is RLHF?"
    assert opened.core_properties.author == ""


def test_a_brief_keeps_its_headings_later_entries_and_open_questions() -> None:
    """They are in each form of the whole answer."""
    later = Later(3, "x", "A later entry", "2024-05", "changed", "summary", "It changed.", 0, 11)
    made = dataclasses.replace(
        ANSWER,
        mode="summary",
        brief=Brief("theme", 7, 2, (Part("Training", 1, 2),), (later,), (OpenPoint("costs", "no entry names them"),)),
    )
    opened = docx.Document(io.BytesIO(export(made, "docx", HELD, (), TODAY)))
    in_word = "\n".join(paragraph.text for paragraph in opened.paragraphs)
    for text in (_text("markdown", made), BeautifulSoup(_text("html", made), "html.parser").get_text(), in_word):
        for expected in (
            "Training",
            "2 of the 7 entries",
            "[2] a later entry",
            "It changed.",
            "costs: no entry names them",
        ):
            assert expected in text.replace("\\[", "[").replace("\\]", "]")


def test_the_table_lists_cited_entries_first_and_then_those_not_used() -> None:
    """One row for each entry; no cell starts a formula."""
    held = catalogue({"id": "sum", "kind": "event", "title": "=SUM(A1:A9)", "summary": "x", "topics": ["-1+1", "b"]})
    made = dataclasses.replace(ANSWER, found=("instructgpt", "sum", "gone"))
    rows = list(csv.DictReader(io.StringIO(export(made, "csv", held, (), TODAY).decode("utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS
    assert [(row["number"], row["id"], row["cited"]) for row in rows] == [
        ("1", "rlhf", "yes"),
        ("2", "instructgpt", "yes"),
        ("", "sum", "no"),
    ]
    assert rows[0]["quotations"].startswith("RLHF turns judgements into a signal. … It needs comparisons.")
    assert rows[2]["title"] == "'=SUM(A1:A9)"
    assert rows[2]["topics"] == "'-1+1; b"


def test_an_entry_that_has_left_the_catalogue_is_still_cited() -> None:
    """What the citation says about it is enough for a reference."""
    gone = dataclasses.replace(QUOTES[2], entry_id="left", number=1)
    assert "instruction-following" in _text("bibtex", answer(gone))
    guide = dataclasses.replace(QUOTES[0], entry_id="left-too", number=1)
    assert "RLHF explained" in _text("ris", answer(guide))


@pytest.mark.parametrize("payload", [*HOSTILE, "\x00\x0b\ufffe in a word", "1. not a list", "# not a heading"])
def test_hostile_texts_are_text_in_every_file(payload: str) -> None:
    """Nothing in a page runs, the Markdown shows the same characters, and Word opens its file."""
    held = catalogue({"id": "bad", "kind": "event", "title": payload, "source": payload, "summary": payload})
    made = answer(cite(held, 1, "bad", "summary", payload), question=payload, searched_for=f"About {payload}")
    page = BeautifulSoup(export(made, "html", held, (), TODAY).decode(), "html.parser")
    ours = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "a", "ol", "li"}
    assert {tag.name for tag in page.find_all()} <= ours
    assert all(str(link["href"]).startswith("#") for link in page.find_all("a"))
    markdown = MarkdownIt("commonmark", {"html": True}).render(export(made, "markdown", held, (), TODAY).decode())
    shown = BeautifulSoup(markdown, "html.parser")
    assert {tag.name for tag in shown.find_all()} <= {"h1", "h2", "p", "ol", "li", "hr"}
    docx.Document(io.BytesIO(export(made, "docx", held, (), TODAY)))
    for form in FILES:
        if form != "receipt":
            assert export(made, form, held, (), TODAY)


def test_file_names_say_what_the_file_holds() -> None:
    """The words of the question, in any script, and what is in the file."""
    assert file_name("What is RLHF?", "bibtex") == "what-is-rlhf-references.bib"
    assert file_name("../../etc/passwd", "docx") == "etc-passwd.docx"
    assert file_name("人工智能是什么？", "csv") == "人工智能是什么-entries.csv"
    assert file_name("???", "html") == "answer.html"
    long = file_name("word " * 200, "markdown")
    assert len(long) < 70
    assert long.endswith("word.md")


@pytest.fixture(scope="module")
def client(assistant: Assistant, settings: Settings) -> Iterator[TestClient]:
    """The route before the real assistant."""
    app = FastAPI()
    install_errors(app)
    app.include_router(exporting(assistant, settings))
    with TestClient(app, raise_server_exceptions=False) as opened:
        yield opened


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("mode", ["chat", "summary"])
def test_the_route_makes_every_file_of_a_real_answer(
    client: TestClient, assistant: Assistant, form: str, mode: str
) -> None:
    """From the answer in JSON, as the chat holds it; the header names the file."""
    given = assistant.ask(Question("What is known about sycophancy?", mode=mode))  # type: ignore[arg-type]
    body = {"answer": json.loads(TypeAdapter(Answer).dump_json(given)), "as": form}
    response = client.post("/api/export", json=body)
    assert response.status_code == 200, response.text
    assert f"what-is-known-about-sycophancy{FILES[form].ending}" in response.headers["content-disposition"]  # type: ignore[index]
    assert response.headers["content-type"].startswith(FILES[form].media_type)  # type: ignore[index]
    if form == "receipt":
        read = receipt.parse(response.content, name="it")
        assert [span.quote for span in read.citations] == [citation.quote for citation in given.citations]


def test_an_answer_as_the_api_gives_it_is_enough(client: TestClient, assistant: Assistant) -> None:
    """`POST /api/ask` leaves out what a receipt needs, but nothing that a file needs."""
    body = {"answer": assistant.ask("What is RLHF?").as_dict(), "as": "markdown"}
    assert client.post("/api/export", json=body).text.startswith("# What is RLHF?")


@pytest.mark.parametrize(
    ("change", "form"),
    [
        ({"entry_id": "not an id"}, "bibtex"),
        ({"date": "2024-99-99", "entry_id": "unknown"}, "docx"),
        ({"url": "javascript:alert(1)", "entry_id": "unknown"}, "html"),
        ({"entry_id": "unknown"}, "receipt"),
    ],
)
def test_an_answer_that_is_not_ours_is_refused(
    client: TestClient, assistant: Assistant, change: dict[str, str], form: str
) -> None:
    """The error says so in one line; nothing breaks."""
    given = assistant.ask("What is RLHF?").as_dict()
    given["citations"] = [{**given["citations"][0], **change}]
    response = client.post("/api/export", json={"answer": given, "as": form})
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "question"
