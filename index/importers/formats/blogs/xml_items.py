"""The items of an XML export one after the other, read with defusedxml; a damaged file gives those before the damage."""

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
    """The name of the first element in small letters, empty where the source is no XML."""
    if source.folder is not None or source.binary or source.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"<":
        return ""
    return markup.root(source.text(declared=True)[0])


def items(source: Source, records: Records, names: Collection[str]) -> Iterator[Element]:
    """Each element with one of these local names, whole; it is emptied once the next one is asked for.

    Args:
        source: The XML file.
        records: Where damage is reported.
        names: Local names, as they are written.

    Raises:
        ImportSourceError: it is too large, or declares entities.
    """
    source.whole()
    text, odd = source.text(declared=True)
    records.warnings += odd
    text = markup.harmless(text, lambda said: records.warn(source.name, "", said))
    text = markup.shallow(text, lambda said: records.warn(source.name, "", said))
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
    """The XML with `&` escaped where it stands alone, and HTML's names of characters as numbers; CDATA as it is."""
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
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def said(element: Element | None, *path: str) -> str:
    """The text of the first descendant under these local names, with all that stands in it; empty where there is none."""
    for name in path:
        if element is None:
            return ""
        element = next((child for child in element if local(child) == name), None)
    return "".join(element.itertext()).strip() if element is not None else ""


def all_said(element: Element, *path: str) -> list[str]:
    """The texts of all descendants under these local names that hold any."""
    found = [element]
    for name in path:
        found = [child for one in found for child in one if local(child) == name]
    return [text for one in found if (text := "".join(one.itertext()).strip())]
