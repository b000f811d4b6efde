"""Writes the document of an answer as a Word file. This is the only module that uses python-docx."""

import io
import re
from datetime import date, datetime, time
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from markdown_it import MarkdownIt

from .document import Document, Paragraph, Reference, Section

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINK_COLOUR = RGBColor(0x0B, 0x6E, 0x4F)
_INLINE = MarkdownIt("commonmark", {"html": False})


def as_docx(document: Document, today: date) -> bytes:
    """The whole answer as a Word file: headings, paragraphs with numbers, sources with links.

    Args:
        document: The answer.
        today: The day that the file names as the day of its creation.
    """
    file = docx.Document()
    properties = file.core_properties
    properties.title, properties.author, properties.comments = _xml(document.title)[:250], "", _xml(document.origin)
    properties.created = properties.modified = datetime.combine(today, time())
    file.add_heading(_xml(document.title), level=1)
    if document.searched_for:
        file.add_paragraph().add_run(_xml(f"Searched for: {document.searched_for}")).italic = True
    for section in document.sections:
        _add_section(file, section)
    if document.after:
        file.add_paragraph(_xml(document.after))
    for note in document.notes:
        file.add_heading(note.title, level=2)
        for line in note.lines:
            file.add_paragraph(_xml(line), style="List Bullet")
    if document.references:
        file.add_heading("Sources", level=2)
        for reference in document.references:
            _add_reference(file, reference)
    small = file.add_paragraph().add_run(_xml(document.origin))
    small.italic, small.font.size = True, Pt(9)
    written = io.BytesIO()
    file.save(written)
    return written.getvalue()


def _add_section(file: Any, section: Section) -> None:
    if section.heading:
        file.add_heading(_xml(section.heading), level=2)
    if section.before:
        file.add_paragraph(_xml(section.before))
    for paragraph in section.paragraphs:
        _add_paragraph(file, paragraph)


def _add_paragraph(file: Any, paragraph: Paragraph) -> None:
    added = file.add_paragraph(style="List Bullet" if paragraph.is_item else None)
    for position, sentence in enumerate(paragraph.sentences):
        added.add_run(("" if position == 0 else " ") + _xml(" ".join(sentence.text.split())))
        for number in sentence.numbers:
            # A space that does not break keeps the number on the line of the last word.
            marker = added.add_run(f"\u00a0[{number}]")
            marker.font.color.rgb = _LINK_COLOUR


def _add_reference(file: Any, reference: Reference) -> None:
    added = file.add_paragraph(f"{reference.number}. ")
    address = None
    for token in _INLINE.parseInline(reference.markdown)[0].children or ():
        if token.type == "link_open":
            address = str(token.attrs.get("href", ""))
        elif token.type == "link_close":
            address = None
        elif token.content and address:
            _add_link(added, _xml(token.content), _xml(address))
        elif token.content:
            added.add_run(_xml(token.content))


def _add_link(paragraph: Any, words: str, address: str) -> None:
    """python-docx reads links but cannot add them, so this writes the elements of one."""
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    run = paragraph.add_run(words)
    run.font.color.rgb, run.font.underline = _LINK_COLOUR, True
    link.append(run._r)  # noqa: SLF001 -- the element of a run has no public name
    paragraph._p.append(link)  # noqa: SLF001


def _xml(words: str) -> str:
    """The text without characters that XML cannot contain."""
    return _NOT_IN_XML.sub("", words)
