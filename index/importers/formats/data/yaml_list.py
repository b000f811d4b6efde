"""A YAML list of objects: catalogue entries, or other objects whose fields are mapped as in a JSON list."""

import re
from typing import Any

import yaml

from index.errors import ImportSourceError
from index.importers.mapping import Mapped
from index.importers.records import Records
from index.importers.source import Imported, Source
from index.importers.text import json_text
from index.importers.text.front_matter import Loader, plain

from .json_list import read_objects

NAME = "yaml"
ABOUT = "a YAML list of objects; --map title=headline names the fields"
LARGEST = 2 * 2**20
"""Maximum size of one document, in bytes. Parsing YAML is slow."""
_ITEM = re.compile(r"(?:---[^\n]*\n|#[^\n]*\n|\s)*- +(?:[\w\"' -]{1,60}):(?:[ \t\n]|$)")
_LATER_LINES = re.compile(r"(?:- |-$|[ \t]|#|---|\.\.\.|$)")


def fits(source: Source) -> bool:
    """Whether the file name ends in `.yml` or `.yaml`, or every line belongs to a list of objects."""
    if source.folder is not None or source.binary:
        return False
    if source.file_name.endswith((".yml", ".yaml")):
        return True
    head = source.data[:65_536].decode("utf-8", errors="replace").removeprefix("\ufeff").replace("\r\n", "\n")
    if _ITEM.match(head) is None:
        return False
    return (
        all(_LATER_LINES.match(line) for line in head.split("\n"))
        and re.search(r"^ +[\w-]+:", head, re.MULTILINE) is not None
    )


def read(source: Source, mapping: Mapped | None = None) -> Imported:
    """Import every object that is an entry or has a title or a text. Others are skipped and reported by number.

    Raises:
        ImportSourceError: If the source is not YAML, too large, nested too deeply, or not a list of objects.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the files one by one")
    if len(source.data) > LARGEST:
        raise ImportSourceError(
            f"{source.name} has more than the {LARGEST:,} bytes of one YAML document",
            hint="save it as JSON, which is read much faster",
        )
    text, odd = source.text()
    records = Records(NAME, warnings=list(odd))
    value = _loaded(text, source.name)
    items = [value] if isinstance(value, dict) and "kind" in value else json_text.first_list(value)
    if items is None:
        raise ImportSourceError(
            f"{source.name} contains no list of objects", hint="write one as `- title: …` for each entry"
        )
    numbered = ((f"{source.name}:item {number}", item) for number, item in enumerate(items, 1))
    read_objects(numbered, records, mapping)
    return records.imported(whole=True)


def _loaded(text: str, name: str) -> Any:
    try:
        documents = [document for document in yaml.load_all(text, Loader=Loader) if document is not None]
    except RecursionError:
        raise ImportSourceError(
            f"{name} is nested too deeply to be a catalogue", hint="write the entries as one list of objects"
        ) from None
    except (yaml.YAMLError, ValueError, TypeError, AttributeError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        line = f":{mark.line + 1}" if mark else ""
        raise ImportSourceError(
            f"{name}{line} is not YAML that can be read: {reason}",
            hint="check the indentation, and quote texts with `: `",
        ) from error
    value = documents[0] if len(documents) == 1 else documents
    return plain(value)
