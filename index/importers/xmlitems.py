"""The items of an XML export one after the other, read with defusedxml; a damaged file gives those before the damage."""

import io
from collections.abc import Collection, Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from index.errors import ImportSourceError

from . import markup
from .records import Records
from .source import Source


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
    stream = io.BytesIO(text.encode("utf-8", errors="replace"))
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
