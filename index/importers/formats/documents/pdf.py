"""PDF files, read with pypdf. Each becomes an event with its text; scans without text are rejected."""

import io
import logging
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from index import bibliography
from index.errors import ImportSourceError
from index.importers.files import file_types, zip_archive
from index.importers.formats.bibliography import papers
from index.importers.ids import event_id, of_address
from index.importers.records import Records
from index.importers.source import LARGEST_DOCUMENT, Imported, Source
from index.importers.text import plaintext

if TYPE_CHECKING:
    from pypdf import PdfReader

NAME = "pdf"
ABOUT = "a PDF with text in it: its title, author, day and text"
MOST_PAGES = 500
"""Maximum number of pages that are read. Further pages are reported."""
MOST_OBJECTS = 200_000
"""Maximum number of objects in a PDF. Finding them in a damaged file takes quadratic time."""
MOST_CHARACTERS = plaintext.LARGEST
"""Maximum number of characters that are read."""
_FEWEST_LETTERS = 20
# Titles that programs fill in automatically.
_NO_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel) ?-.*|untitled.*|document\d*|presentation\d*|slide \d+|\(anonymous\)|title|arxiv:.*"
    r"|.*\.(?:docx?|pptx?|xlsx?|tex|dvi|pdf|indd|qxd|ps|rtf|odt|html?))",
    re.IGNORECASE,
)
_HYPHENATED = re.compile(r"(?<=[a-zà-ÿ])-\n(?=[a-zà-ÿ])")
_ENDED = re.compile(r"[.!?…:]['\"\u201d\u2019»)\]]*$")
_DOI = re.compile(r"\b(?:doi\.org/|doi:\s?)(10\.\d{4,9}/[^\s\"<>]+)", re.IGNORECASE)


def fits(source: Source) -> bool:
    """Whether the bytes are those of a PDF."""
    return source.binary == file_types.PDF


def read(source: Source) -> Imported:
    """Import the document as one event.

    Raises:
        ImportSourceError: If the source is not a PDF, is damaged, encrypted, or has no text.
    """
    if source.binary != file_types.PDF:
        raise ImportSourceError(f"{source.name} is no PDF", hint="leave out --format")
    objects = source.data.count(b" obj")
    if len(source.data) > 2 * LARGEST_DOCUMENT or objects > MOST_OBJECTS:
        raise ImportSourceError(
            f"{source.name} has {len(source.data):,} bytes and {objects:,} objects, more than a PDF may have here",
            hint="save it without its pictures, or import its text as Markdown",
        )
    from pypdf import PdfReader  # noqa: PLC0415 -- it takes a while to load, and few imports need it
    from pypdf.errors import DependencyError, PyPdfError  # noqa: PLC0415

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # pypdf logs every irregularity of a file
    records = Records(NAME)
    try:
        reader = PdfReader(io.BytesIO(source.data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ImportSourceError(
                f"{source.name} is a PDF with a password", hint="save it without the password, and import that"
            )
        pages = _pages(reader, source.name, records, (PyPdfError, *zip_archive.BROKEN))
        about = reader.metadata
    except DependencyError as error:
        raise ImportSourceError(
            f"{source.name} is an encrypted PDF",
            hint="save it without encryption (print it into a PDF), and import that",
        ) from error
    except (PyPdfError, *zip_archive.BROKEN) as error:
        raise ImportSourceError(
            f"{source.name} is a PDF, but damaged: {_first_line(error)}", hint="open it in a viewer and save it again"
        ) from error
    text = _joined(pages)
    if len(re.findall(r"\w", text)) < _FEWEST_LETTERS:
        raise ImportSourceError(
            f"{source.name} is a PDF without text, such as a scan",
            hint="run text recognition on it (`ocrmypdf IN OUT`), and import the result",
        )
    records.add(source.name, _record(source, about, text))
    return records.imported(whole=False)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _joined(pages: list[str]) -> str:
    """Join the pages. A sentence that continues on the next page is not split into two paragraphs."""
    text = ""
    for page in filter(None, pages):
        text += page if not text else f"\n\n{page}" if _ENDED.search(text[-20:]) else f" {page}"
    return text


def _pages(reader: "PdfReader", name: str, records: Records, broken: tuple[type[Exception], ...]) -> list[str]:
    """Return the text of each page. Unreadable pages, and a cut at the limits, are reported."""
    pages: list[str] = []
    characters = 0
    for number, page in enumerate(reader.pages, start=1):
        if number > MOST_PAGES or characters > MOST_CHARACTERS:
            records.warn(f"{name}:page {number}", "", "the document is longer than the limit; it was cut here")
            break
        try:
            text = _HYPHENATED.sub("", page.extract_text())
        except broken as error:
            records.warn(f"{name}:page {number}", "", f"the page cannot be read: {_first_line(error)}")
            continue
        pages.append(plaintext.tidy(text))
        characters += len(text)
    return pages


def _record(source: Source, about: Any, text: str) -> dict[str, Any]:
    metadata = _metadata(about)
    title = metadata["title"] if metadata["title"] and not _NO_TITLE.fullmatch(metadata["title"]) else ""
    stem = re.sub(r"\.pdf$", "", source.name.rpartition("/")[2], flags=re.IGNORECASE)
    title = title or _of_name(stem) or plaintext.first_words(text)
    doi = bibliography.first_doi(match[1]) if (match := _DOI.search(text[:5_000])) else ""
    return {
        "id": of_address(source.url) if source.url else event_id(title),
        "kind": "event",
        "title": title,
        "date": metadata["date"],
        "summary": text,
        "url": source.url,
        "doi": doi,
        "topics": papers.keywords([metadata["keywords"].replace(",", ";")]),
        **bibliography.authorship(
            {"literal": name} for name in re.split(r";|\band\b|,", metadata["author"]) if name.strip()
        ),
    }


def _of_name(stem: str) -> str:
    """Return the file name as a title; empty if it has fewer than two words of at least three letters."""
    words = re.sub(r"[\s_-]+", " ", stem).strip()
    return words[:1].upper() + words[1:] if len(re.findall(r"[^\W\d_]{3,}", words)) > 1 else ""


def _metadata(about: Any) -> dict[str, Any]:
    """Return title, author, keywords and creation date, as far as they are readable."""

    def text(name: str) -> str:
        try:
            value = getattr(about, name, None)
        except zip_archive.BROKEN:
            return ""
        return plaintext.one_line(value) if isinstance(value, str) else ""

    try:
        made = getattr(about, "creation_date", None)
    except zip_archive.BROKEN:
        made = None
    day = made.date().isoformat() if isinstance(made, datetime) else None
    author = text("author")
    return {
        "title": text("title"),
        "author": ""
        if re.fullmatch(r"(?:user|admin\w*|owner|unknown|author|anonymous)", author, re.IGNORECASE)
        else author,
        "keywords": text("keywords"),
        "date": day,
    }
