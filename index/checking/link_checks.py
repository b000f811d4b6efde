"""Checks of how entries hang together: duplicates, links, and names that are spelled in several ways."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from index.catalogue import Catalogue
from index.editing.edits import LINKS
from index.importers.duplicates import near_duplicates

from .finding import Finding

if TYPE_CHECKING:
    from index.models import AnyEntry

_SAME_TITLE = 88.0
"""rapidfuzz's `ratio` or `token_sort_ratio` from which two titles of one month are probably the same."""
_MIN_WORDS = 4
"""Shorter titles are alike too often."""
_SAME_NAME = 83.0
"""rapidfuzz's `ratio` from which two words of a name are probably one word spelled in two ways."""
_MIN_FUZZY = 6
"""Shorter words are compared exactly: "Meta" and "Mega" differ in one letter."""
_COMPANY = re.compile(r"\b(?:inc|ltd|llc|corp|corporation|company|co|gmbh|plc)\b")


def duplicates(catalogue: Catalogue) -> Iterator[Finding]:
    """Entries of one kind with the same address, the same title and date, or nearly the same title in one month."""
    found: set[frozenset[str]] = set()
    for problem in near_duplicates(catalogue.entries, catalogue.by_id):
        other = problem.message.split("'")[1]
        found.add(frozenset((problem.place, other)))
        yield Finding("duplicate", "problem", problem.place, problem.field, problem.message, (other,))
    groups: defaultdict[tuple[str, str], list[AnyEntry]] = defaultdict(list)
    for entry in catalogue.entries:
        groups[entry.kind, (entry.date or "")[:7]].append(entry)
    for group in groups.values():
        for place, entry in enumerate(group):
            for other_entry in group[:place]:
                pair = frozenset((entry.id, other_entry.id))
                if pair not in found and _alike(entry.title, other_entry.title):
                    message = (
                        f"nearly the same title as {other_entry.id!r} in the same month: {other_entry.title[:60]!r}"
                    )
                    yield Finding("duplicate", "hint", entry.id, "title", message, (other_entry.id,))


def _alike(first: str, second: str) -> bool:
    if re.findall(r"\d+", first) != re.findall(r"\d+", second):
        return False
    if min(len(first.split()), len(second.split())) < _MIN_WORDS:
        return False
    titles = first.casefold(), second.casefold()
    return max(fuzz.ratio(*titles), fuzz.token_sort_ratio(*titles)) >= _SAME_TITLE


def links(catalogue: Catalogue) -> Iterator[Finding]:
    """Links to ids that no entry has, links by a former id, and links that are not returned."""
    for entry in catalogue.entries:
        for field in LINKS:
            names = getattr(entry, field) if field in type(entry).model_fields else ()
            for name in names:
                other = catalogue.find(name)
                if other is None:
                    yield Finding("link", "problem", entry.id, field, f"no entry has the id {name!r}")
                elif other.id != name:
                    yield Finding("link", "hint", entry.id, field, f"{name!r} is a former id of {other.id!r}")
                elif field != "steps" and entry.id not in map(catalogue.present_id, other.links):
                    yield Finding("link", "hint", entry.id, field, f"{name!r} does not link back", (name,))


def names(catalogue: Catalogue) -> Iterator[Finding]:
    """Organisations and topics that are spelled in several ways, and topics that only one entry has."""
    for field in ("organisations", "topics"):
        holders: dict[str, list[str]] = defaultdict(list)
        for entry in catalogue.entries:
            for name in getattr(entry, field):
                holders[name].append(entry.id)
        for name, other in _variants(holders):
            rarer, usual = sorted((name, other), key=lambda one: len(holders[one]))
            message = f"{rarer!r} ({len(holders[rarer])}) may be {usual!r} ({len(holders[usual])})"
            yield Finding("name", "problem", "", field, message, tuple(holders[rarer]))
        for name, entries in holders.items():
            if field == "topics" and len(entries) == 1:
                yield Finding("name", "hint", entries[0], field, f"no other entry has the topic {name!r}")


def _variants(names_of: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of names that are probably one."""
    by_key: dict[str, list[str]] = defaultdict(list)
    for name in names_of:
        by_key["".join(_words(name)).removesuffix("s")].append(name)
    for same in by_key.values():
        yield from ((same[0], other) for other in same[1:])
    # Only names with the same first letter and as many words are compared, so that thousands of names take seconds.
    groups: dict[tuple[str, int], list[str]] = defaultdict(list)
    for key, same in by_key.items():
        if len(key) >= _MIN_FUZZY:
            groups[key[0], len(_words(same[0]))].append(same[0])
    for group in groups.values():
        for place, name in enumerate(group):
            yield from ((name, other) for other in group[:place] if _misspelled(_words(name), _words(other)))


def _misspelled(first: list[str], second: list[str]) -> bool:
    """Whether one word of a name differs from the other name's, by a letter or two, and not in a number."""
    differing = [(one, other) for one, other in zip(first, second, strict=True) if one != other]
    return len(differing) == 1 and all(
        min(len(one), len(other)) >= _MIN_FUZZY
        and not any(character.isdecimal() for character in one + other)
        and fuzz.ratio(one, other) >= _SAME_NAME
        for one, other in differing
    )


def _words(name: str) -> list[str]:
    """The words of a name without case, accents, punctuation and the legal form of a company."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.findall(r"\w+", _COMPANY.sub(" ", plain.replace(".", ""))) or [plain]
