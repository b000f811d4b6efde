"""Iterate over the items of an XML export with defusedxml. A damaged file yields the items before the damage."""

import io
import re
from collections.abc import Collection, Iterator
from html.entities import html5
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from index.errors import ImportSourceError
from index.importers.records import Records
from index.importers.source import Source
from index.importers.text import markup

_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_AMPERSAND = re.compile(r"&(?:(#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});)?")
_OWN = {"amp", "lt", "gt", "quot", "apos"}


def root_of(source: Source) -> str:
    """Return the lower-case name of the root element; empty if the source is not XML."""
    if source.folder is not None or source.binary or source.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"<":
        return ""
    return markup.root(source.text(declared=True)[0])


def items(source: Source, records: Records, names: Collection[str]) -> Iterator[Element]:
    """Yield each complete element that has one of these local names. It is cleared when the next one is requested.

    Args:
        source: The XML file.
        records: Receives the reports of damage.
        names: Local names, case-sensitive.

    Raises:
        ImportSourceError: If the file is too large or declares entities.
    """
    source.whole()
    text, odd = source.text(declared=True)
    records.warnings += odd
    text = markup.harmless(text, lambda message: records.warn(source.name, "", message))
    text = markup.shallow(text, lambda message: records.warn(source.name, "", message))
    stream = io.BytesIO(_escaped(text).encode("utf-8", errors="replace"))
    inside = 0
    try:
        for event, element in iterparse(stream, events=("start", "end")):
            if local(element) not in names:
                continue
            inside += 1 if event == "start" else -1
            if event == "end" and inside == 0:
                yield element
                element.clear()
    except ParseError as error:
        line = error.position[0]
        records.warn(f"{source.name}:{line}", "", f"the XML is not well formed ({error}); what was before it was read")
        if inside:
            records.leave_out(f"{source.name}:{line}", "", "the item in which the XML breaks off")
    except DefusedXmlException as error:
        raise ImportSourceError(
            f"{source.name} declares entities of its own, which are not expanded", hint="export it again without a DTD"
        ) from error


def _escaped(text: str) -> str:
    """Return the XML with bare `&` escaped and HTML entities as character numbers. CDATA stays unchanged."""
    if "&" not in text:
        return text
    pieces = _CDATA.split(text)
    return "".join(piece if piece.startswith("<![CDATA[") else _AMPERSAND.sub(_reference, piece) for piece in pieces)


def _reference(match: re.Match[str]) -> str:
    name = match[1]
    if name is None:
        return "&amp;"
    if name.startswith("#") or name in _OWN:
        return match[0]
    character = html5.get(f"{name};")
    return "".join(f"&#{ord(sign)};" for sign in character) if character else f"&amp;{name};"


def local(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def element_text(element: Element | None, *path: str) -> str:
    """Return all text of the first descendant on this path of local names; empty if there is none."""
    for name in path:
        if element is None:
            return ""
        element = next((child for child in element if local(child) == name), None)
    return "".join(element.itertext()).strip() if element is not None else ""


def element_texts(element: Element, *path: str) -> list[str]:
    """Return the non-empty texts of all descendants on this path of local names."""
    elements = [element]
    for name in path:
        elements = [child for parent in elements for child in parent if local(child) == name]
    return [text for parent in elements if (text := "".join(parent.itertext()).strip())]
