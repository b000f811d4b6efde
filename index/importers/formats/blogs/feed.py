"""RSS and Atom feeds of all versions, parsed with feedparser. Each entry becomes an event."""

import io
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import feedparser

from index.errors import ImportSourceError
from index.importers import dates
from index.importers.ids import event_id, of_address, of_foreign
from index.importers.records import Records
from index.importers.source import Imported, Source
from index.importers.text import markup, plaintext
from index.importers.text.lines import web_address

NAME = "feed"
ABOUT = "RSS or Atom"
_ROOTS = {"rss", "rdf", "feed", "channel", "entry", "item"}
_ITEM = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ITEM_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>|<(?:\w+:)?(?:item|entry)(?:\s[^<>]*)?/>", re.IGNORECASE)
_END = re.compile(r"</(?:\w+:)?(?:rss|feed|rdf|channel)\s*>\s*(?:<!--.*)?\Z", re.IGNORECASE | re.DOTALL)
_WORLDWIDE = re.compile(r"(?:https?://|tag:|urn:|doi:|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-)", re.IGNORECASE)
_DATES = ("published", "created", "updated", "expired")


def fits(source: Source) -> bool:
    """Whether the root element is that of an RSS or Atom feed."""
    if source.folder is not None or source.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"<":
        return False
    return markup.root(source.text(declared=True)[0]) in _ROOTS


def read(source: Source) -> Imported:
    """Import every entry that feedparser finds. Guesses, repairs and skipped entries are reported.

    Raises:
        ImportSourceError: If the source is not a feed or is too large.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the feeds one by one")
    source.whole()
    text, odd = source.text(declared=True)
    records = Records(NAME, warnings=list(odd))
    text = markup.harmless(text, lambda message: records.warn(source.name, "", message))
    text = markup.shallow(text, lambda message: records.warn(source.name, "", message))
    parsed = _parsed(text, source)
    entries = list(parsed.entries)
    if not entries and not parsed.version and markup.root(text) not in _ROOTS - {"entry", "item"}:
        raise ImportSourceError(
            f"{source.name} is no RSS or Atom: its root is <{markup.root(text) or '?'}>",
            hint="name the address of the feed itself, or another format with --format",
        )
    _report_damage(parsed, source, records)
    if _cut_off(text) and entries:
        records.leave_out(_place(source, len(entries)), "", "the feed ends in the middle of this entry")
        entries.pop()
    # Plain dictionaries: feedparser's own silently substitute one field for another and emit warnings.
    feed = _Feed(dict(parsed.feed), source)
    for number, entry in enumerate(entries, start=1):
        feed.add(records, _place(source, number), dict(entry))
    return records.imported(whole=False, world_wide=True, home=feed.home)


def _place(source: Source, number: int) -> str:
    return f"{source.name}:entry {number}"


def _parsed(text: str, source: Source) -> Any:
    headers = {"content-type": "application/xml; charset=utf-8"}
    if source.url:
        headers["content-location"] = source.url
    try:
        # feedparser's sanitizer takes `Option<T>` for a tag; ours runs later and knows the HTML elements.
        raw = io.BytesIO(text.encode("utf-8", errors="replace"))
        return feedparser.parse(raw, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError) as error:
        # feedparser crashes on some malformed markup; such a feed cannot be read at all.
        raise ImportSourceError(
            f"{source.name} cannot be read as a feed: {type(error).__name__}: {error}",
            hint="open it in a feed reader or a validator to see what is wrong with it",
        ) from error


def _report_damage(parsed: Any, source: Source, records: Records) -> None:
    error = dict(parsed).get("bozo_exception")
    if not parsed.bozo or error is None or isinstance(error, feedparser.CharacterEncodingOverride):
        return
    line = getattr(error, "getLineNumber", lambda: None)()
    message = getattr(error, "getMessage", lambda: str(error))()
    place = f"{source.name}:{line}" if line else source.name
    records.warn(place, "", f"the XML is not well formed ({message}), so it was read as far as possible")


def _cut_off(text: str) -> bool:
    """Whether the text ends before its last entry is closed."""
    if _END.search(text[-2_000:]):
        return False
    return len(_ITEM.findall(text)) > len(_ITEM_END.findall(text))


class _Feed:
    """The feed's own title, link and id scope, which all its entries share."""

    def __init__(self, feed: Mapping[str, Any], source: Source) -> None:
        self._title = _text(feed, "title")
        link = str(feed.get("link") or "")
        self.home = link if web_address(link) else ""
        self._base = source.url or link
        host = urlsplit(link).hostname if web_address(link) else urlsplit(source.url or "").hostname
        self._scope = (host or "").removeprefix("www.") or event_id(self._title or "feed")

    def add(self, records: Records, place: str, entry: Mapping[str, Any]) -> None:
        """Add an entry as an event. An entry without title and text is kept under a substitute title and reported."""
        if records.leave_out_hidden(place, _visibility(entry)):
            return
        summary, contents = _text(entry, "summary"), entry.get("content") or ()
        for content in contents:
            summary = plaintext.both(summary, _of(content))
        link = self._link(entry)
        foreign = str(entry.get("id") or "").strip()
        title = " ".join(_text(entry, "title").split()) or (records.title_from(summary) if summary else "")
        bare = not title and not link and not foreign
        if not title:
            title = link or foreign or f"Untitled entry of {self._title or 'a feed'}"
            records.warn(place, "title", f"the entry has neither title nor text, and is called {title!r}")
        record = {
            "kind": "event",
            "title": title,
            "date": _date(records, place, entry),
            "summary": summary,
            "url": link,
            "source": _text(entry.get("source") or {}, "title") or self._title,
            "topics": _topics(entry),
            "authors": [name for author in entry.get("authors") or () if (name := plaintext.one_line(_name(author)))],
        }
        # Without title, link and id, only a hash of all fields distinguishes this entry from others.
        own = event_id(f"{title} {sorted(entry.items())}", crowded=True) if bare else self._id(foreign, record)
        records.add(place, record | {"id": own}, versions=bool(foreign))

    def _link(self, entry: Mapping[str, Any]) -> str | None:
        links = [
            str(link.get("href") or "")
            for link in entry.get("links") or ()
            if link.get("rel", "alternate") == "alternate"
        ]
        enclosed = [str(link.get("href") or "") for link in entry.get("links") or () if link.get("rel") == "enclosure"]
        candidates = (str(entry.get("link") or ""), *links, str(entry.get("id") or "").strip(), *enclosed)
        for number, address in enumerate(candidates):
            # Links may be relative to the feed; an enclosure or an id counts only if it is a complete URL.
            base = self._base if number <= len(links) else ""
            if address and (url := web_address(address, base)):
                return url
        return None

    def _id(self, foreign: str, record: Mapping[str, Any]) -> str:
        if re.match(r"https?://", foreign, re.IGNORECASE):
            return of_address(foreign)
        if foreign:
            # Many feeds use ids such as "1", so the feed's host is added.
            return of_foreign(foreign if _WORLDWIDE.match(foreign) else f"{self._scope}:{foreign}")
        return of_address(record["url"]) if record["url"] else event_id(record["title"])


def _visibility(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that say who may see an entry: `app:draft`, an expiry date, Blogger's kind and status."""
    # feedparser renames `app:draft` to `app_draft` and stores the expiry date as `expired`.
    fields = {
        name.replace("_", ":", 1): value
        for name, value in entry.items()
        if isinstance(value, str) and name not in {"expired", "published", "created", "updated"}
    }
    kinds = [str(tag.get("term")).rpartition("#")[2] for tag in entry.get("tags") or () if _is_kind(tag)]
    kinds.append(str(entry.get("blogger_type") or "").lower())
    other = next((kind for kind in kinds if kind and kind not in {"post", "page"}), None)
    return fields | {"expires": entry.get("expired", ""), "post_type": other or ""}


def _is_kind(tag: Mapping[str, Any]) -> bool:
    """Whether a category is Blogger's marker for the kind of an entry (post, page, comment)."""
    return str(tag.get("scheme") or "").endswith("schemas.google.com/g/2005#kind")


def _date(records: Records, place: str, entry: Mapping[str, Any]) -> str | None:
    """Return the entry's date in the feed's own time zone.

    feedparser's reading is the fallback. It is used only if the text contains the year that feedparser found.
    """
    for name in _DATES:
        raw = str(entry.get(name) or "").strip()
        if raw:
            day = dates.parse(raw)
            parsed = entry.get(f"{name}_parsed")
            if day is None and parsed is not None and str(parsed.tm_year) in raw:
                day = f"{parsed.tm_year:04}-{parsed.tm_mon:02}-{parsed.tm_mday:02}"
            if day is not None:
                return day
            records.warn(place, "date", f"{raw[:60]!r} is not a clear date and was left out")
    return None


def _topics(entry: Mapping[str, Any]) -> list[str]:
    names = (
        plaintext.one_line(str(tag.get("label") or tag.get("term") or ""))
        for tag in entry.get("tags") or ()
        if not _is_kind(tag)
    )
    return list(dict.fromkeys(name for name in names if name))


def _name(person: Any) -> str:
    return str(person.get("name") or person.get("email") or "")


def _text(holder: Mapping[str, Any], name: str) -> str:
    """Return a text field of the feed as plain text; its declared type decides whether it is parsed as HTML."""
    detail = holder.get(f"{name}_detail")
    return _of(detail) if detail else plaintext.of_html(str(holder.get(name) or ""))


def _of(detail: Mapping[str, Any]) -> str:
    value = str(detail.get("value") or "")
    return plaintext.of_plain(value) if detail.get("type") == "text/plain" else plaintext.of_html(value)
