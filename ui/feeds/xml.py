"""XML that every parser takes: written by the standard library, without the characters that XML 1.0 cannot hold."""

import re
from xml.etree import ElementTree as ET

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """The text with a replacement character for each that XML has no way to write, not even escaped."""
    return _ILLEGAL.sub("\ufffd", text)


def child(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    """Add an element; what comes in is cleaned here and escaped when it is written."""
    made = ET.SubElement(parent, name, {key: clean(value) for key, value in attributes.items()})
    if text is not None:
        made.text = clean(text)
    return made


def document(root: ET.Element) -> bytes:
    """The document."""
    made: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return made
