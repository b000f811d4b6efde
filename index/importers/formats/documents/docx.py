"""Word documents (`.docx`), read with mammoth. A document becomes one event; headings start its sections."""

import io
import re
import zipfile
from typing import Any
from xml.etree.ElementTree import Element, ParseError, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from index import bibliography
from index.errors import ImportSourceError
from index.importers.files import file_types, zip_archive
from index.importers.formats.bibliography import papers
from index.importers.formats.blogs.xml_items import element_text, local
from index.importers.ids import event_id, of_address
from index.importers.mapping import dated
from index.importers.records import Records
from index.importers.source import LARGEST_DOCUMENT, Imported, Source
from index.importers.text import plaintext

NAME = "docx"
ABOUT = "a Word document (.docx): its title, author, day, headings and text"
_BODY = "word/document.xml"
_CORE = "docProps/core.xml"
_LARGEST_PART = LARGEST_DOCUMENT // 2
_HINT = "open it in Word or LibreOffice and save it again as .docx, or save it as HTML or Markdown"
_STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh"


def fits(source: Source) -> bool:
    """Whether the bytes are those of a Word document."""
    return source.binary == file_types.DOCX


def read(source: Source) -> Imported:
    """Import the document as one event.

    Raises:
        ImportSourceError: If the source is not a Word document, is damaged, too large, or has no text.
    """
    if source.binary != file_types.DOCX:
        raise ImportSourceError(f"{source.name} is not a Word document", hint="leave out --format, or save it as .docx")
    import mammoth  # noqa: PLC0415 -- it takes a while to load, and few imports need it

    records = Records(NAME)
    with zip_archive.check_packed(source.data, source.name, "a Word document", hint=_HINT) as packed:
        _check_parts(packed, source.name)
        try:
            core = _core(packed)
            converted = mammoth.convert_to_html(
                io.BytesIO(_without_hidden_text(packed, source.data)),
                style_map=_STYLES,
                convert_image=mammoth.images.img_element(lambda _image: {}),
                external_file_access=False,
            )
        except zip_archive.BROKEN as error:
            raise ImportSourceError(
                f"{source.name} is a Word document, but damaged: {_first_line(error)}", hint=_HINT
            ) from error
    blocks = plaintext.blocks(converted.value)
    text = "\n\n".join(block.text for block in blocks if block.text)
    if not text:
        raise ImportSourceError(
            f"{source.name} is a Word document without text", hint="add text to the document and import it again"
        )
    records.add(source.name, _record(records, source, core, blocks, text))
    return records.imported(whole=False)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _check_parts(packed: zipfile.ZipFile, name: str) -> None:
    """Reject documents with very large parts or with XML that declares entities; mammoth does not check this."""
    for file in packed.infolist():
        if not file.filename.endswith((".xml", ".rels")):
            continue
        if file.file_size > _LARGEST_PART:
            raise ImportSourceError(
                f"{name} has a part of {file.file_size:,} bytes ({file.filename}), more than {_LARGEST_PART:,}",
                hint="split the document, or save it as HTML or Markdown",
            )
        try:
            part = packed.read(file)
        except zip_archive.BROKEN as error:
            raise ImportSourceError(
                f"{name} is a Word document, but damaged: {_first_line(error)}", hint=_HINT
            ) from error
        # Without null bytes, the search also finds words in UTF-16. Word only writes UTF-8.
        plain = part.replace(b"\0", b"").upper()
        if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
            raise ImportSourceError(f"{name} declares entities of its own, which Word never does", hint=_HINT)


def _without_hidden_text(packed: zipfile.ZipFile, data: bytes) -> bytes:
    """Return the document without the text that Word hides. mammoth itself drops deleted text and comments."""
    body = packed.read(_BODY)
    if b"vanish" not in body:
        return data
    root: Element = fromstring(body)
    for parent in root.iter():
        for run in [child for child in parent if local(child) == "r"]:
            properties = next((child for child in run if local(child) == "rPr"), None)
            marks = [child for child in properties if local(child) == "vanish"] if properties is not None else []
            if marks and not {"0", "false", "off"} & set(marks[0].attrib.values()):
                parent.remove(run)
    rewritten = io.BytesIO()
    with zipfile.ZipFile(rewritten, "w", zipfile.ZIP_DEFLATED) as target:
        for file in packed.infolist():
            target.writestr(file.filename, tostring(root) if file.filename == _BODY else packed.read(file))
    return rewritten.getvalue()


def _core(packed: zipfile.ZipFile) -> Element:
    """Return the document's properties, such as title, author and dates; an empty element if they are unreadable."""
    if _CORE not in packed.namelist():
        return Element("core")
    try:
        core: Element = fromstring(packed.read(_CORE))
    except (ParseError, DefusedXmlException):
        return Element("core")
    return core


def _record(
    records: Records, source: Source, core: Element, blocks: list[plaintext.Block], text: str
) -> dict[str, Any]:
    first = next((block.heading for block in blocks[:2] if block.heading), "")
    named = " ".join(element_text(core, "title").split())
    stem = re.sub(r"\.docx$|\.docm$", "", source.name.rpartition("/")[2], flags=re.IGNORECASE)
    title = named or first or re.sub(r"[\s_-]+", " ", stem).strip() or plaintext.first_words(text)
    day = element_text(core, "created") or element_text(core, "modified")
    names = [name.strip() for name in re.split(r"[;]", element_text(core, "creator")) if name.strip()]
    return {
        "id": of_address(source.url) if source.url else event_id(title),
        "kind": "event",
        "title": title,
        "date": dated(records, source.name, day) if day else None,
        "summary": text.removeprefix(f"{title}\n\n"),
        "sections": [
            {"heading": block.heading, "text": block.text} for block in blocks if block.heading and block.text
        ],
        "url": source.url,
        "topics": papers.keywords([element_text(core, "keywords").replace(",", ";")]),
        **bibliography.authorship({"literal": name} for name in names),
    }
