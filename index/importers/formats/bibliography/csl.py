"""CSL-JSON, as exported by reference managers. Each item becomes an event."""

from typing import Any

from index import bibliography
from index.errors import ImportSourceError
from index.importers import dates
from index.importers.ids import event_id, of_address, of_foreign
from index.importers.mapping import dated
from index.importers.records import Records
from index.importers.source import Imported, Source
from index.importers.text import json_text, plaintext
from index.importers.text.lines import web_address

NAME = "csl-json"
ABOUT = "CSL-JSON, as reference managers export it"
_TYPES = set(
    "article article-journal article-magazine article-newspaper bill book broadcast chapter classic collection dataset"
    " document entry entry-dictionary entry-encyclopedia event figure graphic hearing interview legal_case legislation"
    " manuscript map motion_picture musical_score pamphlet paper-conference patent performance periodical"
    " personal_communication post post-weblog regulation report review review-book software song speech standard"
    " thesis treaty webpage".split()
)


def fits(source: Source) -> bool:
    """Whether the first object has a CSL type, and an `id` or an `issued` date."""
    if source.folder is not None or source.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in {b"[", b"{"}:
        return False
    if b'"type"' not in source.data[:65_536] or b'"kind"' in source.data[:2_000]:
        return False
    try:
        items = _items(json_text.load(source, lambda _message: None))
    except ImportSourceError:
        return False
    first = items[0] if items else None
    return isinstance(first, dict) and first.get("type") in _TYPES and ("id" in first or "issued" in first)


def read(source: Source) -> Imported:
    """Import every item that has a title. Others are skipped and reported by number.

    Raises:
        ImportSourceError: If the source is not JSON or not a list.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the files one by one")
    records = Records(NAME)
    items = _items(json_text.load(source, lambda message: records.warn(source.name, "", message)))
    if items is None:
        raise ImportSourceError(f"{source.name} is no CSL-JSON: it has no list of items", hint="export it as CSL-JSON")
    for number, item in enumerate(items, start=1):
        place = f"{source.name}:item {number}"
        if not isinstance(item, dict):
            records.leave_out(place, "", "an item must be a JSON object")
        elif records.leave_out_hidden(place, item):
            continue
        elif not _text(item, "title"):
            records.leave_out(place, "title", "the item has no title")
        else:
            records.add(place, _record(records, place, item))
    return records.imported(whole=False)


def _items(value: Any) -> list[Any] | None:
    if isinstance(value, dict) and value.get("type") in _TYPES:
        return [value]
    return json_text.first_list(value)


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return plaintext.of_html(value) if isinstance(value, str) else ""


def _record(records: Records, place: str, item: dict[str, Any]) -> dict[str, Any]:
    bare = bibliography.bare_doi(_text(item, "DOI"))
    url = (
        web_address(_text(item, "URL"))
        if _text(item, "URL")
        else web_address(f"https://doi.org/{bare}")
        if bare
        else None
    )
    title = " ".join(_text(item, "title").split())
    source = _text(item, "container-title") or _text(item, "event-title") or _text(item, "publisher")
    publisher = _text(item, "publisher")
    own = item.get("id", item.get("citation-key"))
    stated = isinstance(own, str | int) and not isinstance(own, bool) and str(own).strip() != ""
    return {
        "id": of_foreign(str(own).strip()) if stated else of_address(url) if url else event_id(title),
        "kind": "event",
        "title": title,
        "date": _date(records, place, item),
        "summary": _text(item, "abstract"),
        "source": source,
        "url": url,
        "topics": [part for word in _text(item, "keyword").replace(";", ",").split(",") if (part := word.strip())],
        "doi": bare,
        "publication_type": item.get("type"),
        "publisher": publisher if publisher != source else None,
        "volume": item.get("volume"),
        "issue": item.get("issue"),
        "pages": bibliography.plain_pages(_text(item, "page")),
        "genre": _text(item, "genre"),
        "isbn": _text(item, "ISBN"),
        "issn": _text(item, "ISSN"),
    } | bibliography.authorship(_name(name) for name in _list(item.get("author")) or _list(item.get("editor")))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _name(person: Any) -> dict[str, str]:
    if not isinstance(person, dict):
        return {}
    parts = {name: _text(person, name) for name in ("given", "family", "suffix", "literal")}
    particles = (_text(person, f"{kind}-particle") for kind in ("dropping", "non-dropping"))
    family = " ".join(part for part in (*particles, parts["family"]) if part)
    if not parts["given"]:
        return bibliography.person(literal=family or parts["literal"])
    return bibliography.person(given=parts["given"], family=family, suffix=parts["suffix"])


def _date(records: Records, place: str, item: dict[str, Any]) -> str | None:
    """Return the date of publication, usually from `issued`.

    A range of two dates is reduced to the part that they share. A date marked `circa` is skipped and reported.
    """
    value = next(
        (item[name] for name in ("issued", "available-date", "event-date", "submitted") if item.get(name)), None
    )
    if not isinstance(value, dict):
        return dated(records, place, value) if isinstance(value, str | int) else None
    if value.get("circa") not in (None, False, 0, "", "false"):
        records.warn(place, "date", "it is only approximate (circa) and was left out")
        return None
    spans = [date for parts in _list(value.get("date-parts")) if (date := _parts(parts))]
    if spans:
        return dates.span_of(spans[0], spans[1] if len(spans) > 1 else None)
    words = next((value[name] for name in ("raw", "literal", "edtf") if value.get(name)), None)
    return dated(records, place, words) if words else None


def _parts(parts: Any) -> str | None:
    numbers = [str(part).strip() for part in _list(parts) if str(part).strip().lstrip("-").isdigit()][:3]
    if not numbers or len(numbers[0]) != 4:
        return None
    # Some exports encode a season as a month from 13 to 24.
    month = int(numbers[1]) if len(numbers) > 1 else 0
    return dates.parse("-".join(numbers) if 1 <= month <= 12 else numbers[0])
