"""Split table cells that hold several values: lists, and names of people."""

import json
import re
from typing import Any

from index import bibliography
from index.importers.text import plaintext

_OF_A_NAME = re.compile(r"(?:inc|ltd|llc|llp|plc|corp|co|gmbh|ag|s\.?a|b\.?v)\.?", re.IGNORECASE)
_MAX_BRACKETS = 5
"""Maximum number of nested brackets around a list that are removed."""


def people(value: object, *, inverted: bool = False) -> list[dict[str, str]]:
    """Parse the names of people in a cell, separated by semicolons, bars, "and" or commas.

    Args:
        value: The cell.
        inverted: Whether each name is written as `Doe, Jane`.
    """
    if isinstance(value, list | tuple):
        return [name for item in value for name in (_person(item),) if name]
    text = plaintext.one_line(str(value))
    if ";" in text or "|" in text or inverted:
        parts = re.split(r"\s*[;|]\s*", text)
    elif re.search(r"\s(?:and|&)\s", text):
        # "Doe, Jane and Roe, Rick" are two names, and "Jane Doe, Rick Roe and Ann Poe" are three.
        parts = re.split(r",?\s+(?:and|&)\s+", text)
        whole = [part for part in parts if part.count(",") == 1 and " " not in part.split(",")[0].strip()]
        parts = parts if len(whole) == len(parts) else [single for part in parts for single in part.split(",")]
    elif re.fullmatch(r"[\w'’-]+,\s*(?:[A-Z]\.?[\s-]*){1,3}", text):
        parts = [text]  # Doe, J. A.
    else:
        parts = split(text)
    return [bibliography.from_inverted(part) for part in parts if part.strip()]


def _person(item: object) -> dict[str, str]:
    if not isinstance(item, dict):
        return bibliography.from_inverted(plaintext.one_line(str(item))) if isinstance(item, str) else {}
    fields = {str(name).lower(): str(part) for name, part in item.items() if isinstance(part, str) and part}
    given = fields.get("given") or fields.get("firstname") or fields.get("first_name") or ""
    family = fields.get("family") or fields.get("lastname") or fields.get("last_name") or ""
    if given and family:
        return bibliography.person(given=given, family=family, suffix=fields.get("suffix", ""))
    return bibliography.person(literal=str(named(item) or fields.get("literal") or family))


def split(value: object) -> list[str]:
    """Split a cell into a list of texts.

    The cell may be a JSON list, or text separated by semicolons, bars or line breaks. Text without any of these is
    separated by commas.
    """
    if isinstance(value, list | tuple):
        return [part for item in value for part in ([plaintext.one_line(str(named(item)))] if item else []) if part]
    if isinstance(value, dict):
        return split([named(value)])
    text = str(value).strip()
    for _ in range(_MAX_BRACKETS):
        if text[:1] != "[" or text[-1:] != "]":
            break
        parsed = parse_json(text)
        if not isinstance(parsed, list):
            # Python writes lists with single quotes.
            parsed = parse_json(re.sub(r"(?<=[\[,\s])'|'(?=\s*+[,\]])", '"', text))
        if isinstance(parsed, list):
            return split(parsed)
        text = text[1:-1].strip()
    mark = next((mark for mark in (";", "|", "\n") if mark in text), ",")
    parts: list[str] = []
    for part in (plaintext.one_line(part) for part in text.split(mark)):
        if mark == "," and parts and _OF_A_NAME.fullmatch(part):
            parts[-1] += f", {part}"
        elif part:
            parts.append(part)
    return parts


def named(item: object) -> object:
    """Return the name inside an object, such as "OpenAI" for `{"name": "OpenAI"}`; return other values unchanged."""
    if not isinstance(item, dict):
        return item
    return next((item[name] for name in ("name", "title", "label", "term", "value") if item.get(name)), "")


def parse_json(text: str) -> Any:
    """Parse a JSON text; return the text itself if it is not valid JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
