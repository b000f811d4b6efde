"""A sitemap: each page becomes an event, from the page itself if it can be fetched, or else from the sitemap's data."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from index.errors import AlmanacError, ImportSourceError
from index.importers.cells import split
from index.importers.ids import of_address
from index.importers.mapping import dated
from index.importers.records import Records
from index.importers.source import Imported, Source
from index.importers.text import markup, plaintext
from index.importers.text.lines import web_address

from . import web_page

NAME = "sitemap"
ABOUT = "a sitemap or an index of sitemaps: its pages' JSON-LD or metadata"
MOST_PAGES = 500
"""Maximum number of pages fetched for one sitemap. Further pages are reported."""
MOST_MAPS = 50
"""Maximum number of sitemaps fetched for one index."""
_ROOTS = {"urlset", "sitemapindex"}
_ITEMS = {"url": "page", "sitemap": "map"}


@dataclass(slots=True)
class _Place:
    """One page or one nested sitemap, with the fields that the sitemap gives for it."""

    what: str
    line: int
    fields: dict[str, str] = field(default_factory=dict)


def fits(source: Source) -> bool:
    """Whether the root element is that of a sitemap or a sitemap index."""
    if source.folder is not None or source.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"<":
        return False
    return markup.root(source.text(declared=True)[0]) in _ROOTS


def read(source: Source) -> Imported:
    """Import every page that has a title. Others are skipped and reported by URL.

    Raises:
        ImportSourceError: If the source is not a sitemap or is too large.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the sitemaps one by one")
    records = Records(NAME)
    pages = list(_pages(source, records, {source.url}))
    for number, (place, page) in enumerate(pages):
        address = web_address(page.fields.get("loc", ""), source.url or "")
        if address is None:
            records.leave_out(place, "loc", f"{page.fields.get('loc', '')[:80]!r} is not the address of a page")
        elif number >= MOST_PAGES and source.follow is not None:
            records.leave_out(
                place, "loc", f"{address} is beyond the {MOST_PAGES} pages that are fetched for a sitemap"
            )
        elif source.follow is None or not _fetched(source, records, place, address):
            _told(records, place, page, address, fetched=source.follow is not None)
    return records.imported(whole=False)


def _fetched(source: Source, records: Records, place: str, address: str) -> bool:
    """Fetch a page and keep its entries, or report why it failed. Always returns True."""
    assert source.follow is not None  # the caller has checked it
    try:
        imported = web_page.read(source.follow(address))
    except AlmanacError as error:
        records.leave_out(place, "", f"{address}: {error}")
        return True
    records.problems += imported.problems
    records.warnings += imported.warnings
    for entry in imported.entries:
        known = records.entries.get(entry.id)
        if known is not None and known.title == entry.title:
            records.leave_out(place, "id", f"{entry.id!r} was already imported from another page of the sitemap")
        else:
            records.keep(place, entry)
    return True


def _told(records: Records, place: str, page: _Place, address: str, *, fetched: bool) -> None:
    """Add an event from the sitemap's own data. News sitemaps contain titles and dates."""
    title = plaintext.one_line(page.fields.get("news:title", "") or page.fields.get("video:title", ""))
    if not title:
        why = (
            "the page told nothing" if fetched else "the sitemap gives no title, and the page would have to be fetched"
        )
        records.leave_out(place, "", f"{address}: {why}")
        return
    if records.leave_out_hidden(place, page.fields):
        return
    day = page.fields.get("news:publication_date") or page.fields.get("video:publication_date")
    records.add(
        place,
        {
            "id": of_address(address),
            "kind": "event",
            "title": title,
            "date": dated(records, place, day) if day else None,
            "summary": plaintext.of_html(page.fields.get("video:description", "")),
            "url": address,
            "source": plaintext.one_line(page.fields.get("news:name", "")),
            "topics": split(page.fields.get("news:keywords", "")),
        },
    )


def _pages(source: Source, records: Records, seen: set[str | None]) -> Iterator[tuple[str, _Place]]:
    """Yield the pages of a sitemap, or of all sitemaps that an index lists. No sitemap is read twice."""
    for item in _parse(source, records):
        place = f"{source.name}:{item.line}"
        if item.what == "page":
            yield place, item
            continue
        address = web_address(item.fields.get("loc", ""), source.url or "")
        if address is None:
            records.leave_out(place, "loc", f"{item.fields.get('loc', '')[:80]!r} is not the address of a sitemap")
        elif source.follow is None:
            records.leave_out(place, "", f"{address}: this further sitemap would have to be fetched")
        elif address in seen or len(seen) > MOST_MAPS:
            records.leave_out(
                place, "", f"{address}: already read, or beyond the limit of {MOST_MAPS} sitemaps in an index"
            )
        else:
            seen.add(address)
            try:
                yield from _pages(source.follow(address), records, seen)
            except AlmanacError as error:
                records.leave_out(place, "", f"{address}: {error}")


def _parse(source: Source, records: Records) -> list[_Place]:
    """Return the pages and sitemaps that a sitemap lists, up to the first XML error."""
    source.whole()
    text, odd = source.text(declared=True)
    records.warnings += odd
    text = markup.harmless(text, lambda message: records.warn(source.name, "", message))
    if markup.root(text) not in _ROOTS:
        raise ImportSourceError(
            f"{source.name} is not a sitemap: its root is <{markup.root(text) or '?'}>", hint="name another format"
        )
    parser = expat.ParserCreate(encoding="utf-8", namespace_separator=None)
    places: list[_Place] = []
    path: list[str] = []
    words: list[str] = []

    def start(name: str, _attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2].lower()
        if len(path) == 1 and local in _ITEMS:
            places.append(_Place(_ITEMS[local], parser.CurrentLineNumber))
        path.append(name.lower())
        words.clear()

    def end(name: str) -> None:
        path.pop()
        if places and len(path) >= 2:
            local = name.rpartition(":")[2].lower()
            known = local if len(path) == 2 and local in {"loc", "lastmod"} else name.lower()
            places[-1].fields.setdefault(known, " ".join("".join(words).split()))
        words.clear()

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = words.append
    try:
        parser.Parse(text.encode("utf-8", errors="replace"), True)  # noqa: FBT003 -- expat takes no keyword arguments
    except expat.ExpatError as error:
        records.warn(
            f"{source.name}:{error.lineno}", "", f"the XML is not well formed ({error}); what was before it was read"
        )
        if len(path) > 1 and places:
            cut = places.pop()
            records.leave_out(f"{source.name}:{cut.line}", "", "the sitemap ends in the middle of this page")
    return places
