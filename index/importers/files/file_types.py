"""Detect the type of a file from its bytes: supported binary formats, and unsupported types with advice to the user."""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass

from index.importers.text import markup

PDF, XLSX, DOCX, ZIP = "pdf", "xlsx", "docx", "zip"
"""The supported binary formats."""

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WRITTEN = "save it as .docx, PDF, HTML or Markdown, and import that"
_SHEET = "save it as .xlsx or as CSV (UTF-8), and import that"
_SLIDES = "save it as PDF, and import that"
_NO_TEXT = "write what it shows into a Markdown file (first line `# Title`), and import that"
_ARCHIVE = "unpack it, and import the folder, or pack it as a .zip file"
_DATA = "export the table as CSV, and import that"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An unsupported file type, with advice on how its content can be imported instead."""

    what: str
    hint: str


_MAGIC: tuple[tuple[int, bytes, Refusal], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", Refusal("a PNG picture", _NO_TEXT)),
    (0, b"\xff\xd8\xff", Refusal("a JPEG picture", _NO_TEXT)),
    (0, b"GIF87a", Refusal("a GIF picture", _NO_TEXT)),
    (0, b"GIF89a", Refusal("a GIF picture", _NO_TEXT)),
    (0, b"II*\0", Refusal("a TIFF picture", _NO_TEXT)),
    (0, b"MM\0*", Refusal("a TIFF picture", _NO_TEXT)),
    (4, b"ftypheic", Refusal("a HEIC picture", _NO_TEXT)),
    (4, b"ftypavif", Refusal("an AVIF picture", _NO_TEXT)),
    (4, b"ftypM4A", Refusal("a sound recording (M4A)", _NO_TEXT)),
    (4, b"ftyp", Refusal("a video (MP4 or QuickTime)", _NO_TEXT)),
    (0, b"\x1aE\xdf\xa3", Refusal("a video (WebM or Matroska)", _NO_TEXT)),
    (0, b"ID3\x03", Refusal("a sound recording (MP3)", _NO_TEXT)),
    (0, b"ID3\x04", Refusal("a sound recording (MP3)", _NO_TEXT)),
    (0, b"\xff\xfb", Refusal("a sound recording (MP3)", _NO_TEXT)),
    (0, b"OggS\0", Refusal("a sound recording (Ogg)", _NO_TEXT)),
    (0, b"fLaC\0", Refusal("a sound recording (FLAC)", _NO_TEXT)),
    (0, b"SQLite format 3\0", Refusal("an SQLite database", _DATA)),
    (4, b"\0\1\0\0Standard Jet DB", Refusal("an Access database", _DATA)),
    (4, b"Standard ACE DB", Refusal("an Access database", _DATA)),
    (0, b"PAR1", Refusal("a Parquet table", _DATA)),
    (0, b"\x89HDF\r\n\x1a\n", Refusal("an HDF5 file", _DATA)),
    (0, b"7z\xbc\xaf\x27\x1c", Refusal("a 7z archive", _ARCHIVE)),
    (0, b"Rar!\x1a\x07", Refusal("a RAR archive", _ARCHIVE)),
    (257, b"ustar", Refusal("a tar archive", _ARCHIVE)),
    (0, b"\xfd7zXZ\0", Refusal("an xz archive", _ARCHIVE)),
    (4, b"1AY&SY", Refusal("a bzip2 archive", _ARCHIVE)),
    (0, b"\x28\xb5\x2f\xfd", Refusal("a Zstandard archive", _ARCHIVE)),
    (60, b"BOOKMOBI", Refusal("a Kindle book", _WRITTEN)),
    (0, b"\x7fELF", Refusal("a program", "import the documents or tables that belong to it instead")),
)
_RIFF = {
    b"WEBP": Refusal("a WebP picture", _NO_TEXT),
    b"AVI ": Refusal("a video (AVI)", _NO_TEXT),
    b"WAVE": Refusal("a sound recording (WAV)", _NO_TEXT),
}
_OLE_STREAMS: tuple[tuple[str, Refusal], ...] = (
    (
        "EncryptedPackage",
        Refusal("an Office file with a password", "open it, save it without the password, import that"),
    ),
    ("WordDocument", Refusal("an old Word file (.doc)", _WRITTEN)),
    ("PowerPoint Document", Refusal("an old PowerPoint file (.ppt)", _SLIDES)),
    ("Workbook", Refusal("an old Excel file (.xls)", _SHEET)),
    ("Book", Refusal("an old Excel file (.xls)", _SHEET)),
    ("__substg1.0_", Refusal("an Outlook message (.msg)", "save it as text or HTML, and import that")),
)
_ZIPPED: tuple[tuple[str, Refusal], ...] = (
    ("ppt/presentation.xml", Refusal("a PowerPoint file (.pptx)", _SLIDES)),
    ("xl/workbook.bin", Refusal("a binary Excel file (.xlsb)", _SHEET)),
    ("visio/document.xml", Refusal("a Visio drawing", _SLIDES)),
    (
        "Index/Document.iwa",
        Refusal("a Pages, Numbers or Keynote file", "export it as .docx, CSV or PDF, and import that"),
    ),
    ("Index.zip", Refusal("a Pages, Numbers or Keynote file", "export it as .docx, CSV or PDF, and import that")),
    ("META-INF/MANIFEST.MF", Refusal("a Java program", "import the documents or tables that belong to it instead")),
)
_MIMETYPES: tuple[tuple[bytes, Refusal], ...] = (
    (b"application/epub+zip", Refusal("an EPUB book", _WRITTEN)),
    (b"application/vnd.oasis.opendocument.text", Refusal("an OpenDocument text (.odt)", _WRITTEN)),
    (b"application/vnd.oasis.opendocument.spreadsheet", Refusal("an OpenDocument table (.ods)", _SHEET)),
    (b"application/vnd.oasis.opendocument.presentation", Refusal("OpenDocument slides (.odp)", _SLIDES)),
    (b"application/vnd.oasis.opendocument", Refusal("an OpenDocument file", _WRITTEN)),
)
_MARKED = "copy its text into a Markdown file (first line `# Title`), and import that"
_TEXTS: tuple[tuple[re.Pattern[str], str, Refusal], ...] = (
    (re.compile(r"\{\\rtf"), ".rtf", Refusal("an RTF text", _WRITTEN)),
    (
        re.compile(r"(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE[^>]*>\s*)?<en-export\b"),
        ".enex",
        Refusal("an Evernote export", "export the notes as HTML from Evernote, and import that folder"),
    ),
    (
        re.compile(r"From \S+ .{10,60}\r?\n[\w-]+:"),
        ".mbox",
        Refusal("a mailbox (MBOX)", "save its public parts as Markdown or CSV, and import that"),
    ),
    (
        re.compile(r"(?:Received|Return-Path|Delivered-To|MIME-Version|Message-ID|DKIM-Signature):.*+\n"),
        ".eml",
        Refusal("an e-mail", "save its public parts as Markdown or CSV, and import that"),
    ),
    (
        re.compile(r"BEGIN:VCALENDAR"),
        ".ics",
        Refusal(
            "a calendar (iCalendar)", "export its events as CSV with the columns title, date, summary, and import that"
        ),
    ),
    (
        re.compile(r"BEGIN:VCARD"),
        ".vcf",
        Refusal("an address book (vCard)", "a catalogue has events and guides, not contacts"),
    ),
    (
        re.compile(r"\\documentclass|\\begin\{document\}"),
        ".tex",
        Refusal("a LaTeX text", "turn it into Markdown or PDF, and import that"),
    ),
    (re.compile(r"%!PS"), ".ps", Refusal("a PostScript file", "turn it into PDF, and import that")),
    (
        re.compile(r"(?:<\?xml[^>]*>\s*)?<svg\b"),
        ".svg",
        Refusal("an SVG picture", _NO_TEXT),
    ),
    (
        re.compile(r"(?:-- .*\n|\s)*(?:CREATE TABLE|INSERT INTO|PRAGMA|BEGIN TRANSACTION|SET )", re.IGNORECASE),
        ".sql",
        Refusal("an SQL dump", _DATA),
    ),
    (
        re.compile(r"(?:#.*\n|\s)*(?:\[\[?[\w.\"' -]+\]\]?|[\w-]+ *= *(?:\"|'|\[|\{|\d|true|false))"),
        ".toml",
        Refusal("a TOML file", "write its entries as JSON or YAML: a list of objects with title, date and summary"),
    ),
)
_RECOGNISED_BY_CONTENT = {".rtf", ".enex", ".mbox", ".ics", ".vcf", ".ps"}
_ENDINGS: dict[str, Refusal] = {
    ".org": Refusal("an Org file", "export it from Emacs as Markdown or HTML, and import that"),
    ".rst": Refusal("a reStructuredText file", "turn it into Markdown or HTML, and import that"),
    ".adoc": Refusal("an AsciiDoc file", "turn it into Markdown or HTML, and import that"),
    ".ipynb": Refusal("a notebook", "export it as Markdown, and import that"),
    ".ini": Refusal(
        "a settings file", "write its entries as JSON or YAML: a list of objects with title, date and summary"
    ),
    ".srt": Refusal("subtitles", _MARKED),
    ".vtt": Refusal("subtitles", _MARKED),
    ".webarchive": Refusal("a Safari web archive", "save the page as HTML, and import that"),
    ".mht": Refusal("a web archive (MHTML)", "save the page as HTML, and import that"),
    ".mhtml": Refusal("a web archive (MHTML)", "save the page as HTML, and import that"),
}


def binary_kind(data: bytes) -> str | None:
    """Return `pdf`, `xlsx`, `docx` or `zip` if the data has that format, otherwise None."""
    if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-"):
        return PDF
    if not data.startswith(_ZIP):
        return None
    names = zip_names(data)
    if "xl/workbook.xml" in names:
        return XLSX
    return DOCX if "word/document.xml" in names else ZIP


def zip_names(data: bytes) -> set[str]:
    """Return the file names in a ZIP archive; empty if the archive is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return set()


def _mimetype(data: bytes) -> bytes:
    """Return the media type that an OpenDocument file or an EPUB book contains; empty if it cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("mimetype") as stream:
            return stream.read(200)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError):
        return b""


def refused_binary(data: bytes) -> Refusal | None:
    """Return the refusal for a binary file of a known, unsupported type; None if it is supported or unknown."""
    if data.startswith(_ZIP):
        names = zip_names(data)
        mimetype = _mimetype(data) if "mimetype" in names else b""
        for mime, refusal in _MIMETYPES:
            if mimetype.startswith(mime):
                return refusal
        return next((refusal for name, refusal in _ZIPPED if name in names), None)
    if data.startswith(_OLE):
        for stream, refusal in _OLE_STREAMS:
            if stream.encode("utf-16-le") in data:
                return refusal
        return Refusal("an old Office file", _WRITTEN)
    if data.startswith(b"RIFF") and data[8:12] in _RIFF:
        return _RIFF[data[8:12]]
    for place, magic, refusal in _MAGIC:
        if data[place : place + len(magic)] == magic:
            return refusal
    return None


def refused_by_content(text: str, file_name: str) -> Refusal | None:
    """Return the refusal for a text whose beginning shows an unsupported type; None if it shows none.

    Some types are recognised only together with their file extension.
    """
    head = text[:65_536].lstrip("\ufeff \t\r\n")
    for pattern, ending, refusal in _TEXTS:
        if (ending in _RECOGNISED_BY_CONTENT or file_name.endswith(ending)) and pattern.match(head):
            return refusal
    return None


def refused_text(text: str, file_name: str) -> Refusal:
    """Return the refusal for a text that matches no format, based on its beginning or its file extension."""
    head = text[:65_536].lstrip("\ufeff \t\r\n")
    for pattern, _, refusal in _TEXTS:
        if pattern.match(head):
            return refusal
    ending = "." + file_name.rpartition(".")[2]
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    by_name = next((refusal for _, known, refusal in _TEXTS if known == ending), None)
    if by_name is not None:
        return by_name
    return _by_shape(head)


def _by_shape(head: str) -> Refusal:
    root = markup.root(head) if head.startswith("<") else ""
    if root in {"html", "body", "head", "p", "div", "article", "main", "section"}:
        return Refusal(
            "a web page without a title or metadata",
            "give it a <title>, or copy its text into a Markdown file (first line `# Title`), and import that",
        )
    if root:
        return Refusal(f"XML with the root <{root[:40]}>", "export it as CSV, JSON or RSS, and import that")
    first = head.partition("\n")[0]
    if (
        any(first.count(sign) for sign in ",\t;|")
        and len(head.splitlines()) > 1
        and not first.rstrip().endswith((".", ","))
    ):
        return Refusal(
            "text that may be a table, but none of its columns is recognised as the title",
            "name its columns: --format csv --map title=COLUMN,date=COLUMN",
        )
    if head[:1] in "{[":
        return Refusal("damaged JSON, or JSON without a list of objects", "export it again as a list of objects")
    return Refusal(
        "plain text without a title", "save it as Markdown (.md) with a first line `# Title`, and import that"
    )
