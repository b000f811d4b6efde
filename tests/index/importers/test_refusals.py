"""Tests for refused file types, and for OPML, which gives a list of sources for `almanac sync`."""

import tomllib
from pathlib import Path

import pytest

from index.errors import ImportSourceError
from index.importers import FORMATS, read_source
from index.sync.sources import SourceSettings

from .documents import zipped
from .sources import problem_text, read

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
FILES = {
    "a.png": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "a PNG picture"),
    "a.jpg": (b"\xff\xd8\xff\xe0" + b"\0" * 50, "a JPEG picture"),
    "a.gif": (b"GIF89a" + b"\0" * 50, "a GIF picture"),
    "a.webp": (b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 50, "a WebP picture"),
    "a.mp4": (b"\0\0\0\x20ftypisom" + b"\0" * 50, "a video"),
    "a.mp3": (b"ID3\x03\0\0" + b"\0" * 50, "a sound recording"),
    "a.sqlite": (b"SQLite format 3\0" + b"\0" * 50, "an SQLite database"),
    "a.doc": (OLE + "WordDocument".encode("utf-16-le"), "an old Word file"),
    "a.xls": (OLE + "Workbook".encode("utf-16-le"), "an old Excel file"),
    "a.ppt": (OLE + "PowerPoint Document".encode("utf-16-le"), "an old PowerPoint file"),
    "locked.xlsx": (OLE + "EncryptedPackage".encode("utf-16-le"), "an Office file with a password"),
    "a.pptx": (zipped({"[Content_Types].xml": "x", "ppt/presentation.xml": "x"}), "a PowerPoint file"),
    "a.odt": (
        zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "x"}),
        "an OpenDocument text",
    ),
    "a.ods": (zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "an OpenDocument table"),
    "a.epub": (zipped({"mimetype": "application/epub+zip", "a.xhtml": "x"}), "an EPUB book"),
    "a.pages": (zipped({"Index/Document.iwa": "x"}), "a Pages, Numbers or Keynote file"),
    "a.7z": (b"7z\xbc\xaf\x27\x1c" + b"\0" * 50, "a 7z archive"),
    "a.rar": (b"Rar!\x1a\x07\x01" + b"\0" * 50, "a RAR archive"),
    "a.tar": (b"a.txt" + b"\0" * 252 + b"ustar\x0000" + b"\0" * 200, "a tar archive"),
    "a.parquet": (b"PAR1" + b"\0" * 50 + b"PAR1", "a Parquet table"),
    "a.rtf": (b"{\\rtf1\\ansi Hello}", "an RTF text"),
    "a.enex": (
        b'<?xml version="1.0"?><!DOCTYPE en-export SYSTEM "x"><en-export><note/></en-export>',
        "an Evernote export",
    ),
    "a.mbox": (b"From jane@example.org Tue Mar  5 10:00:00 2024\nSubject: Hi\n\nText.\n", "a mailbox"),
    "a.eml": (b"Received: from x by y\n\tfor z\nSubject: Hi\n\nText.\n", "an e-mail"),
    "a.ics": (b"BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n", "a calendar"),
    "a.vcf": (b"BEGIN:VCARD\nFN:Jane\nEND:VCARD\n", "an address book"),
    "a.tex": (b"\\documentclass{article}\n\\begin{document}Hi\\end{document}", "a LaTeX text"),
    "a.toml": (b'[[entries]]\ntitle = "A"\n', "a TOML file"),
    "a.sql": (b"CREATE TABLE a (b);\nINSERT INTO a VALUES (1);", "an SQL dump"),
    "a.org": (b"* Heading\nSome text here.\n", "an Org file"),
    "a.svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><path/></svg>', "an SVG picture"),
    "a.xml": (b"<things><thing>x</thing></things>", "XML with the root <things>"),
    "a.txt": (
        b"Heron Labs released Quiet-1 on 5 March 2024.\nIt answers in one sentence.\n",
        "plain text without a title",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_kind_is_refused_by_its_own_name_with_a_way_out(tmp_path: Path, name: str) -> None:
    """The error is one short line without a list of formats, for files and for standard input."""
    data, what = FILES[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ImportSourceError, match=what) as raised:
        read_source(str(tmp_path / name))
    message = f"{raised.value} {raised.value.hint}"
    assert raised.value.hint
    assert len(raised.value.hint) < 160
    assert sum(known in message for known in ("beir", "csl-json", "jsonfeed", "bibtex")) == 0
    assert "almanac-assistant" not in message
    if name not in {"a.org", "a.toml"}:  # recognised by their extension only
        with pytest.raises(ImportSourceError, match=what):
            read(data)


def test_a_text_that_only_begins_like_a_binary_file_is_read_as_text() -> None:
    """Titles may begin with the same letters as a binary file format."""
    for word in ("ID3 tags", "GIF89 is a format", "BZhang", "RIFF notes", "OggSomething", "PAR10"):
        assert read(f"title,summary\n{word},Text.\n").entries[0].title == word


def test_a_named_format_that_the_bytes_are_not_is_refused() -> None:
    """The format given by the user must fit the data: a PDF is refused as CSV, and text as a workbook."""
    with pytest.raises(ImportSourceError, match="binary data"):
        read(b"%PDF-1.4\nx", "csv")
    for form in ("pdf", "docx", "xlsx", "folder"):
        with pytest.raises(ImportSourceError) as raised:
            read("title,text\nA,b\n", form)
        assert "--format" in raised.value.hint


OPML = """<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>
<outline text="News"><outline text="A &quot;quoted&quot; feed" type="rss" xmlUrl="https://a.example/feed"/>
<outline text="A &quot;quoted&quot; feed" xmlurl="https://b.example/feed"/></outline>
<outline title="Again" xmlUrl="https://a.example/feed"/><outline text="Odd" xmlUrl="javascript:alert(1)"/>
<outline text="With a password" xmlUrl="https://jane:secret@c.example/feed"/><outline text="Only words"/></body></opml>"""


def test_opml_becomes_sources_that_a_sync_can_read() -> None:
    """Equal names get a number, repeated addresses are left out, and invalid addresses are reported."""
    imported = read(OPML)
    assert (imported.format, imported.entries) == ("opml", ())
    tables = tomllib.loads(imported.sources)["sources"]
    assert [(table["name"], table["url"]) for table in tables] == [
        ('A "quoted" feed', "https://a.example/feed"),
        ('A "quoted" feed (2)', "https://b.example/feed"),
    ]
    assert all(SourceSettings.model_validate(table) for table in tables)
    assert len(imported.problems) == 3
    assert "listed twice" in problem_text(imported)
    with pytest.raises(ImportSourceError, match="lists no feed"):
        read("<opml><body><outline text='x'/></body></opml>")


def test_every_format_says_what_it_is_in_few_words() -> None:
    """Every format has a short description and is listed in the documentation."""
    documented = (Path(__file__).parents[3] / "docs" / "importing.md").read_text(encoding="utf-8")
    for name, known in FORMATS.items():
        assert f"`{name}`" in documented, name
        assert 5 < len(known.about) < 130
