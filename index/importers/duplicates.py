"""Find probable duplicates: entries with different ids but the same address, or the same title and date."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator

from index.catalogue import Problem
from index.models import AnyEntry

from .identity import address_key, source_of, title_key
from .ids import of_address


def near_duplicates(entries: Iterable[AnyEntry], new: Collection[str]) -> Iterator[Problem]:
    """Yield a warning for each new entry that resembles another entry of the same kind; the warning names both ids.

    Entries of one source that share an address are not reported if their ids are derived from the address and their
    titles differ.
    """
    fresh = set(new)
    seen: dict[tuple[str, str, str], AnyEntry] = {}
    ordered = sorted(
        entries, key=lambda entry: entry.id in fresh
    )  # existing entries first, otherwise in their given order
    for entry in ordered:
        for field, key, what in _keys(entry):
            other = seen.setdefault((entry.kind, field, key), entry)
            if other.id == entry.id or entry.id not in fresh or (field == "url" and _are_distinct(other, entry)):
                continue
            yield Problem(entry.id, field, f"{what} {other.id!r}: may be the same")
            break


def _are_distinct(first: AnyEntry, second: AnyEntry) -> bool:
    by_address = all(entry.id.startswith(of_address(entry.url or "")) for entry in (first, second))
    same_source = source_of(first) == source_of(second) is not None
    return by_address and same_source and title_key(first.title) != title_key(second.title)


def _keys(entry: AnyEntry) -> Iterator[tuple[str, str, str]]:
    if entry.url:
        yield "url", address_key(entry.url), "the same address as"
    title = " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", entry.title).casefold()))
    if title:
        yield "title", f"{title}|{entry.date}", "the same title and date as"
