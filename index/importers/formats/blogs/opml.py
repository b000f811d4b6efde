"""OPML, a list of feeds. It contains no entries, so its feeds are printed as `[[sources]]` for `almanac.toml`."""

import json
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from index.errors import ImportSourceError
from index.importers.records import Records
from index.importers.source import Imported, Source
from index.importers.text import plaintext
from index.importers.text.lines import web_address

from .xml_items import items, local, root_of

NAME = "opml"
ABOUT = "OPML: its feeds are printed as [[sources]] for almanac.toml"
_DEEPEST = 50


def fits(source: Source) -> bool:
    """Whether the root element is `opml`."""
    return root_of(source) == "opml"


def read(source: Source) -> Imported:
    """Return the feeds as lines for `almanac.toml`, without any entries. Outlines that are not feeds are reported.

    Raises:
        ImportSourceError: If the source is not OPML or lists no feed.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the files one by one")
    records = Records(NAME)
    tables: list[str] = []
    taken: set[str] = set()
    addresses: set[str] = set()
    for body in items(source, records, {"body"}):
        for folder, outline in _outlines(body, (), 0):
            name = plaintext.one_line(outline.get("title") or outline.get("text") or "")
            stated = _attribute(outline, "xmlUrl")
            address = web_address(stated)
            place = f"{source.name}:{name or stated}"[:120]
            if address is None or re.match(r"https?://[^/]*@", address):
                records.leave_out(place, "xmlUrl", f"{stated[:80]!r} is not the public http(s) address of a feed")
            elif address in addresses:
                records.leave_out(place, "xmlUrl", f"{address} is listed twice")
            else:
                addresses.add(address)
                tables.append(_table(name or address, address, folder, taken))
    if not tables:
        raise ImportSourceError(
            f"{source.name} lists no feed", hint="export the subscriptions from your feed reader again"
        )
    return Imported(
        (), tuple(records.problems), NAME, whole=False, warnings=tuple(records.warnings), sources="\n".join(tables)
    )


def _attribute(outline: Element, wanted: str) -> str:
    return next((value for name, value in outline.attrib.items() if name.lower() == wanted.lower()), "").strip()


def _outlines(element: Element, folder: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], Element]]:
    """Yield the outlines that have a feed, each with the names of its enclosing folders."""
    for child in element:
        if local(child).lower() != "outline":
            continue
        if _attribute(child, "xmlUrl"):
            yield folder, child
        elif depth < _DEEPEST:
            name = plaintext.one_line(child.get("title") or child.get("text") or "")
            yield from _outlines(child, (*folder, name) if name else folder, depth + 1)


def _table(name: str, address: str, folder: tuple[str, ...], taken: set[str]) -> str:
    """Return one `[[sources]]` table. A name that another source already uses gets a number."""
    own, number = name, 2
    while own in taken:
        own, number = f"{name} ({number})", number + 1
    taken.add(own)
    where = f"# {' / '.join(folder)}\n" if folder else ""
    return f"{where}[[sources]]\nname = {_quoted(own)}\nurl = {_quoted(address)}\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
