"""Match imported records to existing entries of the catalogue, and choose ids for records that are new entries.

Ids from a source (a number, a key, a slug) are not globally unique: another source may use the same id for something
else. Each imported entry therefore stores the name of its source in the field `imported_from`. A record updates the
entry with the same id if both come from the same source, or if their titles, dates and addresses agree.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from enum import Enum
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from index.models import ENTRY, AnyEntry

from .ids import event_id, of_address, of_foreign, slug_of
from .source import Imported, Source

FIELD = "imported_from"
"""The field of an entry that stores the name of its source."""
_WEB = "https://"
"""Prefix of the name of every web source, so that `http` and `https` addresses name the same source."""
UNNAMED = "-"
"""The name used for standard input, which has no name of its own."""
_LINKS = ("related_events", "related_guides", "steps")
_LONGEST_BASE = 100
_COUNTED = re.compile(r"(?:^|&)(?:utm_\w+|fbclid|gclid|ref|source|cmpid)=[^&]*")
_SITE_NAME = re.compile(r"\s*(?:[|·•»]|\s[-–—:])\s.*$", re.DOTALL)


class _Agreement(Enum):
    YES = 1
    NO = 2
    UNKNOWN = 3


def key_of(source: Source) -> str:
    """Return a name for a source that is the same at each import and contains no full path and no secret.

    A file is named by its last folders and its file name. The query of an address is replaced by a hash, as it may
    contain a token.
    """
    if source.url:
        parts = urlsplit(source.url)
        query = f"?{hashlib.sha256(parts.query.encode()).hexdigest()[:8]}" if parts.query else ""
        port = f":{parts.port}" if parts.port else ""
        return f"{_WEB}{parts.hostname or ''}{port}{parts.path}{query}"
    return source.origin or source.name or UNNAMED


def key_of_address(url: str) -> str:
    """Return the name of a source that states its own address, such as a feed; empty if the address is invalid."""
    parts = urlsplit(url)
    return f"{_WEB}{parts.hostname.removeprefix('www.')}{parts.path.rstrip('/')}" if parts.hostname else ""


def stamped(imported: Imported, source: Source) -> Imported:
    """Return the entries with the name of their source set, except for entries with an id from an editor."""
    entries = []
    key = key_of_address(imported.home) or key_of(source)
    for entry in imported.entries:
        if entry.id in imported.edited:
            entries.append(entry)
            continue
        own = imported.files.get(entry.id)
        entries.append(entry.model_copy(update={FIELD: f"{key}/{own}" if own else key}))
    return replace(imported, entries=tuple(entries), key=key)


def source_of(entry: AnyEntry) -> str | None:
    """Return the name of the source of an entry; None if the entry does not store one."""
    name = (entry.model_extra or {}).get(FIELD)
    return name if isinstance(name, str) and name else None


class Resolver:
    """Finds the id under which each imported record is stored in the catalogue."""

    def __init__(self, entries: Mapping[str, AnyEntry], imported: Imported) -> None:
        self._entries, self._imported = entries, imported
        self._taken: set[str] = set()
        self._titles: dict[str, set[str]] = {}
        self._files: dict[str, list[str]] = {}
        wanted = set(imported.files)
        keys = {source_of(entry) for entry in imported.entries if entry.id in wanted}
        for entry in entries.values():
            if entry.url:
                self._titles.setdefault(address_key(entry.url), set()).add(title_key(entry.title))
            if (key := source_of(entry)) in keys and key is not None:
                self._files.setdefault(key, []).append(entry.id)

    def resolve(self, entry: AnyEntry) -> str:
        """Return the id of the entry that this record updates, or an unused id. Each id is returned only once."""
        entry_id = self._known(entry) or self._free(entry)
        self._taken.add(entry_id)
        return entry_id

    def _known(self, entry: AnyEntry) -> str | None:
        if entry.id in self._imported.files:
            known = [name for name in self._files.get(source_of(entry) or "", ()) if name not in self._taken]
            if len(known) == 1 and self._same(known[0], entry):
                return known[0]
        own = self._imported.own_ids.get(entry.id)
        candidates = [own, *self._candidates(entry)] if own else self._candidates(entry)
        return next((name for name in candidates if self._same(name, entry)), None)

    def _free(self, entry: AnyEntry) -> str:
        plain = self._imported.plain.get(entry.id, entry.id)
        shared = self._address_shared(entry, plain) and plain == of_address(entry.url or "")
        for name in self._candidates(entry):
            if name == plain and (entry.id != plain or shared):
                continue
            if name not in self._entries and name not in self._taken:
                return name
        content = content_of(entry)
        return apart(plain, content, content)

    def _address_shared(self, entry: AnyEntry, plain: str) -> bool:
        """Whether the id is derived from an address that the catalogue already has with another title."""
        if not entry.url or plain != of_address(entry.url):
            return False
        return bool(self._titles.get(address_key(entry.url), set()) - {title_key(entry.title)})

    def _candidates(self, entry: AnyEntry) -> Iterator[str]:
        plain = self._imported.plain.get(entry.id, entry.id)
        yield plain
        if entry.id != plain:
            yield entry.id
        if not (entry.url and plain == of_address(entry.url)) and not self._imported.world_wide:
            yield from _with_source(plain, source_of(entry) or UNNAMED)
        yield from apart_ids(plain, entry)

    def _same(self, name: str, entry: AnyEntry) -> bool:
        held = self._entries.get(name)
        if held is None or name in self._taken:
            return False
        plain = self._imported.plain.get(entry.id, entry.id)
        return same_thing(held, entry, shared_address=plain in self._imported.weak)


def apart_ids(plain: str, entry: AnyEntry) -> Iterator[str]:
    """Yield candidate ids for a record whose own id is already used, extended by its title, date and text."""
    text = _text(entry)
    yield apart(plain, entry.title, title_key(entry.title))
    yield apart(plain, f"{entry.title} {entry.date}", f"{title_key(entry.title)} {entry.date}")
    yield apart(plain, f"{entry.title} {entry.date}", f"{title_key(entry.title)} {entry.date} {text}")
    # The form of an earlier version, which existing catalogues may contain for feed items.
    yield of_foreign(f"{plain[:_LONGEST_BASE]}:{event_id(f'{entry.title} {entry.date} {text}', crowded=True)}")


def apart(plain: str, readable: str, telling: str) -> str:
    """Create an id from an id that is already used: append readable words and a hash.

    Args:
        plain: The id that is already used.
        readable: The text whose words are appended.
        telling: The text that distinguishes the record; it is hashed.
    """
    digest = hashlib.sha256(telling.encode("utf-8", errors="replace")).hexdigest()[:8]
    words = slug_of(readable)[:48].strip("-")
    return of_foreign(f"{plain[:_LONGEST_BASE]}:{words}-{digest}" if words else f"{plain[:_LONGEST_BASE]}:{digest}")


def _with_source(plain: str, key: str) -> Iterator[str]:
    path = PurePosixPath(key)
    host = urlsplit(key).hostname if key.startswith(_WEB) else None
    # Name a web source by its host, and a file by its name, or by its folder if the id equals the file name.
    stem = slug_of(host or path.stem) or "source"
    if stem == slug_of(plain):
        stem = slug_of(path.parent.name) or stem
    digest = hashlib.sha256(key.encode("utf-8", errors="replace")).hexdigest()[:6]
    yield of_foreign(f"{stem[:60]}:{plain[:_LONGEST_BASE]}")
    yield of_foreign(f"{stem[:60]}-{digest}:{plain[:_LONGEST_BASE]}")


def same_thing(old: AnyEntry, new: AnyEntry, *, shared_address: bool = False) -> bool:
    """Whether an imported record and an entry with the same id describe the same thing.

    Args:
        old: The entry of the catalogue.
        new: The imported record, with the name of its source set.
        shared_address: Whether the id is derived from an address alone, which several items of a feed may share.
    """
    title, day, address, text = _titles(old, new), _dates(old, new), _addresses(old, new), _texts(old, new)
    yes, no = _Agreement.YES, _Agreement.NO
    known, source = source_of(old), source_of(new)
    if known is not None and known == source and known != UNNAMED:
        needed = 2 if shared_address else 1
        both_undated = not old.date and not new.date
        agreeing = [title is yes, day is yes or (shared_address and both_undated), text is yes]
        return sum(agreeing) >= needed
    if old.kind != new.kind:
        return title is yes and address is not no and (day is yes or (day is not no and text is yes))
    if title is yes and address is not no:
        if day is no and known is not None:
            return address is yes and text is not no  # the same page, for which two sources give different dates
        if day is no:
            return address is yes or text is yes
        alone = day is not yes and address is not yes
        # If neither date nor address confirms the match, an equal title is not enough: the texts must not differ.
        return not (alone and known is not None and text is no)
    return text is yes and day is yes and address is not no


def repeats(first: AnyEntry, second: AnyEntry, *, versions: bool) -> bool:
    """Whether two records of a source with the same id are the same entry.

    If `versions` is set, the ids of the source are permanent, and an equal title is enough.
    """
    if title_key(first.title) != title_key(second.title):
        return False
    if versions:
        return True
    return _dates(first, second) is not _Agreement.NO and _addresses(first, second) is not _Agreement.NO


def _titles(old: AnyEntry, new: AnyEntry) -> _Agreement:
    first, second = title_key(old.title), title_key(new.title)
    if first == second:
        return _Agreement.YES
    if _addresses(old, new) is _Agreement.YES:
        # "Title" and "Title | Name of the site" are the same page.
        bare = {title_key(_SITE_NAME.sub("", entry.title)) for entry in (old, new)}
        if len(bare) == 1 and bare & {first, second}:
            return _Agreement.YES
    return _Agreement.NO


def _dates(old: AnyEntry, new: AnyEntry) -> _Agreement:
    if not old.date or not new.date:
        return _Agreement.UNKNOWN
    short, long = sorted((old.date, new.date), key=len)
    return _Agreement.YES if long == short or long.startswith(f"{short}-") else _Agreement.NO


def _addresses(old: AnyEntry, new: AnyEntry) -> _Agreement:
    if not old.url or not new.url:
        return _Agreement.UNKNOWN
    return _Agreement.YES if address_key(old.url) == address_key(new.url) else _Agreement.NO


def _texts(old: AnyEntry, new: AnyEntry) -> _Agreement:
    first, second = (" ".join(_text(entry).split()) for entry in (old, new))
    if not first or not second:
        return _Agreement.UNKNOWN
    return _Agreement.YES if first in second or second in first else _Agreement.NO


def _text(entry: AnyEntry) -> str:
    value: Any = next(
        (getattr(entry, name, "") for name in ("summary", "tldr", "description") if hasattr(entry, name)), ""
    )
    return str(value or "")


def title_key(title: str) -> str:
    """Normalise a title for comparison: ignore case, white space and punctuation, but keep version numbers distinct."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    return " ".join(re.findall(r"\w[\w.+#]*", folded)) or folded


def address_key(url: str) -> str:
    """Normalise an address for comparison: ignore scheme, `www.`, last slash, fragment and tracking parameters."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    query = _COUNTED.sub("", parts.query).strip("&")
    return f"{host}{parts.path.rstrip('/')}?{query}"


def content_of(entry: AnyEntry) -> str:
    """Return the fields of an entry as JSON, without those that say nothing about what it describes."""
    return entry.model_dump_json(exclude={"checked", "questions"})


def renamed(entry: AnyEntry, names: Mapping[str, str], known: Collection[str]) -> AnyEntry:
    """Return the entry with its new id, and with its links to entries of the same import updated.

    Args:
        entry: The entry as imported.
        names: For each id of this import, the id under which the entry is stored in the catalogue.
        known: The ids of this import; links to other entries are left unchanged.
    """
    changed: dict[str, Any] = {"id": names.get(entry.id, entry.id)}
    for field in _LINKS:
        links = getattr(entry, field, ())
        if any(name in known and names.get(name, name) != name for name in links):
            changed[field] = [names.get(name, name) for name in links]
    if changed == {"id": entry.id}:
        return entry
    return ENTRY.validate_python(entry.model_dump(exclude_defaults=True) | {"kind": entry.kind} | changed)
