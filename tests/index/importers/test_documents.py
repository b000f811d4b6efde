"""Tests for Excel, Word, PDF, YAML, TimelineJS, ZIP archives and folders, including malicious files."""

import datetime as dt
import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from index.errors import ImportSourceError
from index.importers import read_source
from index.importers.files import zip_archive
from index.importers.formats.data import xlsx

from . import documents
from .documents import docx, paragraph, pdf, zipped
from .sources import events, problem_text, read

REPORT = pdf(
    [
        ["Heron Labs released the model on", "5 March 2024. It is an inter-", "esting thing that"],
        ["goes on.", "Second page."],
    ],
    "/Title(The Quiet report)/Author(Jane Doe)/CreationDate(D:20240305100000Z)",
)
CORE = "<dc:title>The report</dc:title><dc:creator>Jane Doe;John Roe</dc:creator><dcterms:created>2024-03-05T10:00:00Z</dcterms:created>"
BODY = (
    paragraph("The report", "Title")
    + paragraph("Heron released it.")
    + paragraph("Results", "Heading1")
    + paragraph("It is good.")
    + paragraph("hidden words", hidden=True)
    + '<w:p><w:del w:id="1"><w:r><w:delText>deleted</w:delText></w:r></w:del><w:r><w:t>Kept.</w:t></w:r></w:p>'
)
WORKBOOK = documents.xlsx(
    {
        "Events": [
            ["Headline", "Published", "Text", "Tags", "Score"],
            ["Quiet-1", dt.datetime(2024, 3, 5), "Heron released it.", "a; b", 3.0],  # noqa: DTZ001 -- as Excel has it
            [],
            ["Quiet-2", dt.date(2024, 4, 6)],
        ],
        "Secret": [["Title", "Text"], ["Layoffs", "x"]],
        "Numbers": [[1, 2], [3, 4]],
    },
    hidden=["Secret"],
)


def test_each_visible_sheet_of_a_workbook_is_a_table_with_real_dates() -> None:
    """Hidden sheets and sheets without titles are reported; row numbers in reports are those of Excel."""
    imported = read(WORKBOOK)
    first, second = events(imported)
    assert (imported.format, first.title, first.date, first.summary) == (
        "xlsx",
        "Quiet-1",
        "2024-03-05",
        "Heron released it.",
    )
    assert first.topics == ("a", "b")
    assert (second.title, second.date, second.summary) == ("Quiet-2", "2024-04-06", "")
    assert "-:Secret: the sheet is hidden" in problem_text(imported)
    assert "-:Numbers" in problem_text(imported)
    assert [problem.message for problem in imported.warnings] == ["1 of 2 entries have no text"]
    assert read(WORKBOOK, title="Text").entries[0].title == "Heron released it."


def test_a_workbook_gives_the_entries_of_the_same_table_as_csv() -> None:
    """An Excel sheet and the same table as CSV give the same entries."""
    rows = [["id", "title", "date", "summary"], ["a", "A thing", "2024-03", "Text."], ["b", "B", 2023, "Long\ntext."]]
    table = "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
    assert read(documents.xlsx({"S": rows})).entries == read(table).entries


def test_a_cell_is_written_as_csv_would_have_it() -> None:
    """Whole numbers have no decimal point, dates are in ISO format, and formula errors are empty."""
    cells = [None, 5.0, 5.5, True, dt.date(2024, 1, 2), dt.datetime(2024, 1, 2, 3, 4), "#N/A", "x"]  # noqa: DTZ001
    assert [xlsx.cell(cell) for cell in cells] == ["", "5", "5.5", "true", "2024-01-02", "2024-01-02 03:04", "", "x"]


def test_a_word_document_is_an_event_with_sections() -> None:
    """Title, authors and date come from the properties; hidden text, deleted text and the title are not in the text."""
    imported = read(docx(BODY, CORE))
    (event,) = events(imported)
    assert (imported.format, event.title, event.date) == ("docx", "The report", "2024-03-05")
    assert event.summary == "Heron released it.\n\nIt is good.\n\nKept." or event.summary.startswith(
        "Heron released it."
    )
    assert list(event.model_dump()["authors"]) == ["Jane Doe", "John Roe"]
    assert [section["heading"] for section in event.model_dump()["sections"]][-1] == "Results"
    assert "hidden" not in str(imported.entries)
    assert "deleted" not in str(imported.entries)


def test_a_pdf_is_an_event_with_its_text() -> None:
    """Words split at a line end and sentences split at a page end are joined."""
    imported = read(REPORT)
    (event,) = events(imported)
    assert (imported.format, event.title, event.date) == ("pdf", "The Quiet report", "2024-03-05")
    assert (
        event.summary
        == "Heron Labs released the model on 5 March 2024. It is an interesting thing that goes on. Second page."
    )
    assert list(event.model_dump()["authors"]) == ["Jane Doe"]


def encrypted(user: str) -> bytes:
    """Return the test PDF, encrypted."""
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(REPORT)))
    writer.encrypt(user, owner_password="owner", algorithm="RC4-128")  # noqa: S106 -- of a test
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def test_a_pdf_that_only_its_owner_may_change_is_read() -> None:
    """A PDF without a user password is read, even if it has an owner password."""
    assert "interesting thing" in events(read(encrypted("")))[0].summary


SHELL = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (encrypted("secret"), "a PDF with a password"),
        (pdf([[], []]), "a PDF without text, such as a scan"),
        (REPORT[:300], "damaged"),
        (b"%PDF-1.4\n" + bytes(range(256)) * 8, "damaged"),
        (docx(""), "without text"),
        (docx(paragraph("x"), prologue=SHELL), "declares entities"),
        (docx("<w:p>" * 50), "damaged"),
        (zipped({"word/document.xml": "test"}), "damaged"),
        (zipped({"xl/workbook.xml": "test"}), "damaged"),
        (WORKBOOK[:2_000] + WORKBOOK[-900:], "damaged"),
        (documents.xlsx({"Empty": []}), "no rows"),
        (zipped({"a.csv": b"0" * 50_000_000}), "would unpack to 50,000,000 bytes"),
        (zipped({"word/document.xml": b" " * 20_000_000}), "would unpack|more than"),
        (zipped({}), "nothing to read"),
        (zipped({"a.bin": b"\0\1\2"}), "without any file of a known format"),
        (zipped({"../evil.csv": "title,text\nEvil,x\n"}), "leads out of the archive"),
    ],
)
def test_a_damaged_hostile_or_empty_document_is_refused_by_its_name(data: bytes, what: str) -> None:
    """The error names the problem and has a hint."""
    with pytest.raises(ImportSourceError, match=what) as raised:
        read(data)
    assert raised.value.hint
    assert len(str(raised.value)) < 300


def mixed() -> bytes:
    """Return an archive of documents that also contains unsupported and unsafe files."""
    buffer = io.BytesIO(
        zipped(
            {
                "good.csv": "title,summary\nGood,x\n",
                "../evil.csv": "title,summary\nEvil,x\n",
                "/absolute.csv": "title,summary\nEvil,x\n",
                "drafts/d.csv": "title,summary\nDraft,x\n",
                "sub/report.pdf": REPORT,
                "again/report.pdf": pdf([["Another text of the same title."]], "/Title(The Quiet report)"),
                "text.docx": docx(BODY, CORE),
                "inner.zip": zipped({"a.csv": "title,summary\nInner,x\n"}),
                "picture.png": b"\x89PNG\r\n\x1a\n",
                "slides.pptx": zipped({"ppt/presentation.xml": "x"}),
                "feeds.opml": '<opml><body><outline text="A" xmlUrl="https://a.example/feed"/></body></opml>',
                "__MACOSX/._good.csv": "x",
            }
        )
    )
    with zipfile.ZipFile(buffer, "a") as target:
        link = zipfile.ZipInfo("link.csv")
        link.external_attr = 0o120777 << 16
        target.writestr(link, "/etc/passwd")
    return buffer.getvalue()


def test_an_archive_of_documents_is_read_as_a_folder_and_nothing_leaves_it(tmp_path: Path) -> None:
    """Each skipped file is reported with the reason; two documents with the same title stay separate."""
    (tmp_path / "mix.zip").write_bytes(mixed())
    before = set(tmp_path.rglob("*"))
    imported = read_source(str(tmp_path / "mix.zip"))
    assert sorted(event.title for event in events(imported)) == [
        "Good",
        "The Quiet report",
        "The Quiet report",
        "The report",
    ]
    for reason in (
        "drafts",
        "an archive inside",
        "a PNG picture",
        "a PowerPoint file",
        "lists feeds",
        "leads out",
        "is a link",
    ):
        assert reason in problem_text(imported)
    assert set(tmp_path.rglob("*")) == before
    again = read_source(str(tmp_path / "mix.zip"))
    assert again.entries == imported.entries


def test_an_archive_in_which_all_stands_in_a_folder_of_drafts_gives_nothing(tmp_path: Path) -> None:
    """If all files are in one folder, that folder is imported, unless its name says that it is not public."""
    (tmp_path / "a.zip").write_bytes(zipped({"drafts/a.csv": "title,summary\nDraft,x\n"}))
    with pytest.raises(ImportSourceError, match="folder of drafts"):
        read_source(str(tmp_path / "a.zip"))


def test_an_encrypted_archive_is_refused() -> None:
    """The encryption flag of a file in the archive is checked."""
    data = bytearray(zipped({"a.csv": "title,summary\nA,x\n"}))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ImportSourceError, match="encrypted with a password"):
        read(bytes(data))


def test_an_archive_with_too_many_files_is_refused() -> None:
    """The limit is 20,000 files."""
    with pytest.raises(ImportSourceError, match="more than 20,000 files"):
        read(zipped({f"{number}.txt": "" for number in range(zip_archive.MOST_FILES + 1)}))


def test_documents_beside_markdown_files_are_said_to_be_unread(tmp_path: Path) -> None:
    """In a folder with Markdown files, only these are imported; other documents are reported as skipped."""
    (tmp_path / "a.md").write_text("---\ntitle: A\ndate: 2024-01-02\n---\nText.")
    (tmp_path / "b.pdf").write_bytes(REPORT)
    imported = read_source(str(tmp_path))
    assert [entry.title for entry in imported.entries] == ["A"]
    assert "b.pdf" in problem_text(imported)


YAML = """# a list
- title: A thing
  date: 2024-01-02
  summary: "Text: with a colon."
  tags: [a, b]
- title: B
  date: 2024-03
  count: 0012
- just words
"""


@pytest.mark.parametrize("name", ["list.yml", "list.yaml", "list.txt"])
def test_a_yaml_list_is_read_like_a_json_list(tmp_path: Path, name: str) -> None:
    """Dates and numbers keep the form in which they are written."""
    (tmp_path / name).write_text(YAML)
    imported = read_source(str(tmp_path / name))
    first, second = events(imported)
    assert (imported.format, first.title, first.date, first.summary) == (
        "yaml",
        "A thing",
        "2024-01-02",
        "Text: with a colon.",
    )
    assert (first.topics, second.date, second.model_dump()["count"]) == (("a", "b"), "2024-03", "0012")
    assert "item 3" in problem_text(imported)


def test_entries_of_a_catalogue_in_yaml_keep_their_ids() -> None:
    """Entries keep their ids, as in JSON."""
    imported = read("- id: one\n  kind: event\n  title: One\n  summary: First.\n  importance: 5\n")
    assert [(event.id, event.importance) for event in events(imported)] == [("one", 5)]


@pytest.mark.parametrize(
    "text",
    [
        "- a: &x [1]\n- b: *x\n",
        "- a: " + "[" * 5_000,
        "- title: A\n   bad: indent\n  x: [",
        "- !!python/object/apply:os.system [id]",
        "just: a mapping\n",
        "- 1\n- 2\n: :",
    ],
)
def test_yaml_that_is_damaged_or_hostile_is_refused(text: str) -> None:
    """Exponential aliases, object tags and deep nesting are refused."""
    with pytest.raises(ImportSourceError) as raised:
        read(text, "yaml")
    assert raised.value.hint


TIMELINE = {
    "title": {"text": {"headline": "My line"}},
    "events": [
        {"start_date": {"year": "2024", "month": "3", "day": ""}, "text": {"headline": "<b>Kiwi</b>", "text": "<p>Text.</p>"}, "group": "G"},
        {"start_date": {"year": 2024, "month": 3, "day": 7}, "text": {"headline": "Kiwi", "text": "Again."}},
        {"start_date": {"year": "-300"}, "text": {"headline": "Old"}},
        {"start_date": {"year": "2024"}},
    ],
}  # fmt: skip
SHEET = (
    "Year,Month,Day,Time,End Year,End Month,End Day,End Time,Display Date,Headline,Text,Media,Media Credit,Type,Group\n"
    '2024,3,,,,,,,,Kiwi,"<p>Text.</p>",https://x.example/a.png,,,G\n'
    "2024,3,7,,,,,,,Launch,It flew.,,,,\n"
    ",,,,,,,,,My line,Intro,,,title,\n"
    "1990,,,,1999,,,,,Nineties,,,,era,\n"
)


def test_a_timeline_gives_its_events_with_dates_as_exact_as_given() -> None:
    """Slides with equal headlines on different days stay separate; years BC are not imported as dates."""
    imported = read(json.dumps(TIMELINE))
    found = events(imported)
    assert (imported.format, [(event.title, event.date) for event in found]) == (
        "timelinejs",
        [("Kiwi", "2024-03"), ("Kiwi", "2024-03-07"), ("Old", None)],
    )
    assert (found[0].summary, found[0].source, found[0].topics) == ("Text.", "My line", ("G",))
    assert len(imported.problems) == 1


def test_the_spreadsheet_of_a_timeline_is_read_from_csv_and_excel() -> None:
    """The date is spread over three columns; title slides and eras are not imported as events."""
    rows = [line.split(",") for line in SHEET.replace('"', "").splitlines()]
    for data in (SHEET, documents.xlsx({"od1": rows})):
        imported = read(data)
        assert [(event.title, event.date, event.topics) for event in events(imported)] == [
            ("Kiwi", "2024-03", ("G",)),
            ("Launch", "2024-03-07", ()),
        ]
        assert len(imported.problems) == 2


SOUND = [REPORT, docx(BODY, CORE), WORKBOOK, mixed()]


@given(sound=st.sampled_from(SOUND), place=st.floats(0, 1), junk=st.binary(max_size=40), cut=st.booleans())
def test_any_damage_to_a_document_ends_in_entries_or_a_clear_error(
    sound: bytes, place: float, junk: bytes, *, cut: bool
) -> None:
    """Files with changed bytes or a missing end are read or refused, without other exceptions."""
    start = int(place * len(sound))
    data = sound[:start] if cut else sound[:start] + junk + sound[start + len(junk) :]
    try:
        read(data)
    except ImportSourceError as error:
        assert error.hint  # noqa: PT017 -- an import that succeeds is right, too
