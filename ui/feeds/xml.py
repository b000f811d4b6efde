"""Writes XML with the standard library, without characters that XML 1.0 does not allow."""

import re
from xml.etree import ElementTree as ET

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Replace characters that XML cannot contain, not even escaped, by U+FFFD."""
    return _ILLEGAL.sub("\ufffd", text)


def child(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    """Add a child element. Text and attributes are cleaned here and escaped when the document is written."""
    element = ET.SubElement(parent, name, {key: clean(value) for key, value in attributes.items()})
    if text is not None:
        element.text = clean(text)
    return element


def to_bytes(root: ET.Element) -> bytes:
    """The document in UTF-8, with an XML declaration."""
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document
