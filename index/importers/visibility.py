"""Find records that are not public: drafts, private, trashed, protected, scheduled, expired and hidden ones.

The field names and values are those of WordPress, Blogger, Ghost, Substack, Medium, Hugo, Jekyll, Zola, Eleventy,
Docusaurus and Obsidian, and of common content management systems and spreadsheets.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import chain

from . import dates

_DRAFT = "it is a draft"
_PRIVATE = "it is private"
_BIN = "it is in the bin"
_PASSWORD = "it is protected by a password"  # noqa: S105 -- a reason, not a password
_HIDDEN = "it is hidden"
_UNPUBLISHED = "it is not published"
_PENDING = "it is waiting for review"
_SCHEDULED = "it is scheduled"
_EXPIRED = "it has expired"
_MEMBERS = "it is for members only"
_UNLISTED = "it is unlisted"
_EMAIL = "it was sent by email only"
_REVISION = "it is a part or an old version of another post"


def _table(*lines: tuple[str, str]) -> dict[str, str]:
    return {word: reason for reason, words in lines for word in words.split()}


_STATUSES = _table(
    (_DRAFT, "draft drafts autodraft indraft wip workinprogress unfinished entwurf brouillon borrador bozza rascunho"),
    (_PRIVATE, "private privat prive privado internal confidential secret personal onlyme me nobody noone"),
    (_BIN, "trash trashed softtrashed deleted bin binned removed spam papierkorb softdeleted"),
    (_PASSWORD, "password passwordprotected protected postpassword encrypted"),
    (_HIDDEN, "hidden invisible notvisible skip disabled"),
    (_UNPUBLISHED, "unpublished notpublished notpublic nonpublic neverpublished"),
    (_PENDING, "pending pendingreview needsreview inreview awaitingreview awaitingapproval pendingapproval submitted"),
    (_SCHEDULED, "scheduled future queued planned embargoed geplant"),
    (_EXPIRED, "expired"),
    (_UNLISTED, "unlisted notlisted"),
    (_EMAIL, "sent emailonly"),
    (_REVISION, "inherit revision"),
)
_AUDIENCES = _table(
    (
        _MEMBERS,
        (
            "members membersonly onlymembers member paid paidonly onlypaid paidmembers paidmembersonly payingmembers tiers"
            " subscribers subscribersonly onlysubscribers onlyfree founding onlyfounding premium patrons followers friends"
            " contacts loggedin registered"
        ),
    )
)
_AMBIGUOUS_STATUSES = {
    "submitted",
    "planned",
    "me",
    "personal",
    "protected",
    "removed",
    "disabled",
    "encrypted",
    "sent",
}
"""Words that may describe the subject (a bill, a model): ignored in status fields, but not in visibility fields."""
_GHOST_ONLY = {"sent"}
_STATUS_FIELDS = set(
    "status state creativeworkstatus publishstatus publicationstatus publishingstatus publishedstatus workflowstate".split()
)
_VISIBILITY_FIELDS = set("visibility privacy audience visibleto visiblefor access accesslevel sharing".split())
_HIDING = _table(
    (_DRAFT, "draft wip"),
    (_PRIVATE, "private confidential internal"),
    (_BIN, "trashed trash deleted intrash"),
    (_PASSWORD, "passwordprotected protected protectedbypassword encrypted requirespassword"),
    (_HIDDEN, "hidden headless eleventyexcludefromcollections hide"),
    (_UNLISTED, "unlisted"),
    (_UNPUBLISHED, "unpublished notpublished"),
    (_SCHEDULED, "scheduled future"),
    (_EXPIRED, "expired"),
    (_MEMBERS, "membersonly subscribersonly paywalled paidonly"),
)
"""Fields that hide a record if their value means yes."""
_SHOWING = _table(
    (_UNPUBLISHED, "published publish dgpublish live"),
    (_PRIVATE, "public"),
    (_HIDDEN, "visible render permalink"),
    (_UNLISTED, "listed"),
)
"""Fields that hide a record if their value means no."""
_PASSWORDS = {"password", "passcode", "passphrase"}
_BIN_DATES = {"deletedat", "deletedon", "trashedat", "trashedon", "datedeleted", "deletiondate"}
_STARTS = set("scheduledfor scheduledat scheduledon scheduledate scheduleddate scheduled publishat publishon".split()) | {
    "embargo", "embargoeduntil", "embargountil", "embargodate", "golive", "golivedate", "goliveat"
}  # fmt: skip
_POST_STARTS = ("publishdate", "publishat", "availableat", "availablefrom", "publishedat", "datepublished", "date")
"""Fields with the publication date of a blog post; the first one present is used, as in Hugo."""
_ENDS = set(
    "expirydate expiry expires expireson expiresat expirationdate expiration expire expiredate expiredat unavailableat"
    " unpublishdate unpublishat unpublishon unpublishedat validuntil visibleuntil expirationtime".split()
)
_POST_TYPES = _table(
    ("it is an attachment, not a post", "attachment wpattachment media"),
    ("it belongs to a menu and is not a post", "navmenuitem wpnavigation"),
    (_REVISION, "revision"),
    ("it is a comment, not a post", "comment"),
    (
        "it belongs to the site's settings and is not a post",
        (
            "customcss customizechangeset oembedcache userrequest wpblock wptemplate wptemplatepart wpglobalstyles"
            " wpfontfamily wpfontface acffield acffieldgroup settings setting template"
        ),
    ),
)
_YES = set("true yes y t 1 on x ja oui si wahr checked ✓ ✔ ☑ ✅".split())
_NO = set("false no n f 0 off never nein non falsch unchecked ✗ ✘ ☐ ❌".split())
_NOTHING = _NO | {"none", "null", "nil", "nan", "na", ""}
_INSIDE = {"build", "control", "publishing", "publication", "publish"}
_ABOUT_A_POST = re.compile(r"(?:post|page|entry|article|item|content|record|blogpost|wp|is|has)+")

_HIDDEN_FOLDERS = _table(
    ("it is in a folder of drafts", "drafts draft entwürfe brouillons"),
    ("it is in a private folder", "private privat confidential"),
    ("it is in a folder of unpublished posts", "unpublished"),
    ("it is in the bin", "trash papierkorb recycle recyclebin"),
    ("it is a template, not a post", "templates template archetypes"),
)


def hidden_reason(fields: Mapping[str, object], *, now: date | None = None, posts: bool = False) -> str | None:
    """Return the reason why a record is not public; None if it is public.

    Args:
        fields: The record's own fields. Case, spaces, punctuation and a namespace (`wp:status`) in names are ignored.
            Values may be text, numbers, booleans, lists and nested mappings (`build: {render: never}`).
        now: The current day; today in UTC if None.
        posts: Whether the records are blog posts. A post with a date in the future is not published yet, whereas a row
            of a table may have such a date.
    """
    today = now or datetime.now(UTC).date()
    known = dict(_named(fields))
    reasons = chain(
        _by_type(known),
        _by_flag(known),
        _by_status(known),
        _by_password(known),
        _by_end(known, today),
        _by_start(known, today, posts=posts),
    )
    reason = next(reasons, None)
    if reason == _SCHEDULED and (day := _day(known, (*_STARTS, *_POST_STARTS))):
        return f"{_SCHEDULED} for {day}"
    return reason


def hidden_folder(parts: Iterable[str]) -> str | None:
    """Return the reason why files in a folder with this path are not public; None if the folder names do not say so.

    Args:
        parts: The names of the folders, from the outermost to the innermost, without the file name.
    """
    for part in parts:
        if part.startswith(".") and part.strip("."):
            return _BIN if _word(part) in {"trash", "trashes"} else "it is in a hidden folder"
        if reason := _HIDDEN_FOLDERS.get(_word(part)):
            return reason
    return None


def _named(fields: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield the fields with normalised names; a field `render` in the mapping `build` is named `build.render`."""
    for name, value in fields.items():
        plain = _name(name)
        if isinstance(value, Mapping):
            prefix = f"{plain}." if plain == "build" else ""
            if plain in _INSIDE:
                yield from ((f"{prefix}{_name(inner)}", inner_value) for inner, inner_value in value.items())
            elif any(_name(inner) == "protected" and _yes(inner_value) for inner, inner_value in value.items()):
                yield "protected", True
            continue
        yield plain, value
        short = _ABOUT_A_POST.sub("", plain, count=1) if _ABOUT_A_POST.match(plain) else ""
        if short and plain != "posttype":
            yield short, value


def _name(name: object) -> str:
    """Normalise a field name and remove its namespace."""
    return _word(str(name).rpartition(":")[2])


def _word(value: object) -> str:
    """Normalise a word: ignore case, spaces and punctuation."""
    word = unicodedata.normalize("NFKC", str(value)).strip().casefold()
    word = re.sub(r"\.0+$", "", word)
    return re.sub(r"[\W_]+", "", word) or word


def _words(value: object) -> Iterator[str]:
    for item in value if isinstance(value, list | tuple) else [value]:
        if not isinstance(item, Mapping):
            yield _word(item)


def _yes(value: object) -> bool:
    return any(word in _YES for word in _words(value))


def _by_type(known: Mapping[str, object]) -> Iterator[str]:
    for word in _words(known.get("posttype", "")):
        if word in _POST_TYPES:
            yield _POST_TYPES[word]


def _by_flag(known: Mapping[str, object]) -> Iterator[str]:
    for name, value in known.items():
        if name in _HIDING:
            if _yes(value):
                yield _HIDING[name]
            yield from (
                _STATUSES[word] for word in _words(value) if word in _STATUSES and word not in _AMBIGUOUS_STATUSES
            )
        elif name in _SHOWING:
            words = set(_words(value))
            if words & _NO:
                yield _SHOWING[name]
            yield from (_STATUSES[word] for word in words if word in _STATUSES and word not in _AMBIGUOUS_STATUSES)
    if set(_words(known.get("build.render", ""))) & (_NO | {"link"}):
        yield _HIDDEN
    if set(_words(known.get("build.list", ""))) & _NO:
        yield _UNLISTED


def _by_status(known: Mapping[str, object]) -> Iterator[str]:
    for name, value in known.items():
        if name in _STATUS_FIELDS:
            own = _AMBIGUOUS_STATUSES - _GHOST_ONLY
            yield from (_STATUSES[word] for word in _words(value) if word in _STATUSES and word not in own)
        elif name in _VISIBILITY_FIELDS:
            yield from (reason for word in _words(value) if (reason := _AUDIENCES.get(word) or _STATUSES.get(word)))


def _by_password(known: Mapping[str, object]) -> Iterator[str]:
    for name in _PASSWORDS & known.keys():
        if not set(_words(known[name])) <= _NOTHING:
            yield _PASSWORD
    for name in _BIN_DATES & known.keys():
        if not set(_words(known[name])) <= _NOTHING:
            yield _BIN


def _by_end(known: Mapping[str, object], today: date) -> Iterator[str]:
    for name in _ENDS & known.keys():
        day = dates.parse(known[name])
        if day is not None and _last(day) <= today:
            yield f"it expired on {day}" if len(day) == 10 else f"it expired in {day}"


def _by_start(known: Mapping[str, object], today: date, *, posts: bool) -> Iterator[str]:
    for name in _STARTS & known.keys():
        day = dates.parse(known[name])
        if day is not None and _first(day) > today:
            yield f"{_SCHEDULED} for {day}"
    if posts and (day := _day(known, _POST_STARTS)) and _first(day) > today:
        yield f"{_SCHEDULED} for {day}"


def _day(known: Mapping[str, object], names: Iterable[str]) -> str | None:
    """Return the date in the first of these fields that has a valid date; None if none has."""
    return next((day for name in names if name in known and (day := dates.parse(known[name]))), None)


def _first(day: str) -> date:
    year, month, number = (*map(int, day.split("-")), 1, 1)[:3]
    return date(year, month, number)


def _last(day: str) -> date:
    year, month, number = (*map(int, day.split("-")), 0, 0)[:3]
    month = month or 12
    return date(year, month, number or monthrange(year, month)[1])
