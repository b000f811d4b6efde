"""Medium's export: a folder or ZIP archive with `posts/*.html`, or a single post. Each public post becomes an event."""

import re
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup
from bs4.element import Tag
from bs4.exceptions import ParserRejectedMarkup

from index.errors import ImportSourceError
from index.importers.records import Records
from index.importers.source import Imported, Source
from index.importers.text import markup

from . import posts
from .posts import Post

NAME = "medium"
ABOUT = "Medium's export: the ZIP archive or folder with posts/*.html"
LARGEST = 4 * 2**20
"""Maximum size of one post, in bytes."""
_POST = re.compile(rb"<article\b[^<>]*\bh-entry\b")
_MADE_BY = (b"p-canonical", b"medium.com", b'data-field="body"')
_NAMED = re.compile(r"(?:draft|\d{4}-\d{2}-\d{2})_.*\.html?", re.IGNORECASE)
_END_OF_NAME = re.compile(r"-+([0-9a-f]{8,16})$")


def fits(source: Source) -> bool:
    """Whether the source is a Medium post, or a folder whose first file is one."""
    if source.folder is None:
        return not source.binary and _is_post(source.data)
    files = [path for path in _files(source.folder) if _NAMED.fullmatch(path.name)]
    if not files:
        return False
    with files[0].open("rb") as stream:
        return _is_post(stream.read(LARGEST))


def _is_post(data: bytes) -> bool:
    return _POST.search(data[:200_000]) is not None and any(sign in data for sign in _MADE_BY)


def _files(folder: Path) -> Iterator[Path]:
    """Yield the HTML files in `posts`, or in the folder itself if it has no `posts`.

    The other folders of an export contain private data of the account.
    """
    inside = folder / "posts"
    yield from sorted((inside if inside.is_dir() else folder).glob("*.htm*"))


def read(source: Source) -> Imported:
    """Import every published post. Drafts and responses to other posts are reported.

    Raises:
        ImportSourceError: If the source is not a Medium export.
    """
    records = Records(NAME)
    parts = [source] if source.folder is None else []
    if source.folder is not None:
        for path in _files(source.folder):
            place = path.relative_to(source.folder).as_posix()
            if path.name.lower().startswith("draft"):
                records.leave_out(place, "", "it is a draft")
                continue
            try:
                opened = Source.file(path)
            except ImportSourceError as error:
                records.leave_out(place, "", str(error))
                continue
            parts.append(Source(place, opened.data, odd=opened.odd))
    for part in parts:
        records.warnings += part.odd
        _add(records, part)
    if not parts and not records.problems:
        raise ImportSourceError(
            f"{source.name} contains no Medium post",
            hint="in Medium: Settings, Security and apps, Download your information; import the ZIP archive as it is",
        )
    return records.imported(whole=False)


def _add(records: Records, source: Source) -> None:
    if len(source.data) > LARGEST:
        records.leave_out(source.name, "", f"it has more than {LARGEST:,} bytes")
        return
    if not _is_post(source.data):
        records.leave_out(source.name, "", "it is not a Medium post")
        return
    text, odd = source.text(declared=True)
    records.warnings += odd
    try:
        soup = BeautifulSoup(markup.tame(text), "html.parser")
    except (ParserRejectedMarkup, RecursionError, AssertionError) as error:
        records.leave_out(source.name, "", f"the HTML cannot be read: {error}")
        return
    stamp = soup.select_one(".dt-published")
    body = soup.select_one(".e-content, section[data-field=body]")
    if stamp is None or source.name.rpartition("/")[2].lower().startswith("draft"):
        records.leave_out(source.name, "", "it is a draft: it has no day of publication")
        return
    title = _text(soup, ".p-name") or _text(soup, "title")
    heading = body.select_one(".graf--title") if body is not None else None
    if heading is None and _is_response(soup, body, title):
        records.leave_out(source.name, "", "it is a response to a post, not a post")
        return
    if heading is not None and " ".join(heading.get_text(" ").split()) == title:
        heading.extract()
    address = _address(soup)
    match = _END_OF_NAME.search(address or re.sub(r"\.html?$", "", source.name))
    author = _text(soup, ".p-author")
    post = Post(
        own=f"medium:{match[1]}" if match else f"medium:{address or source.name}",
        title=title,
        day=str(stamp.get("datetime") or stamp.get_text()),
        html=body.decode_contents() if body is not None else "",
        excerpt="" if body is not None and body.get_text().strip() else _text(soup, ".p-summary"),
        url=address,
        source="Medium",
        topics=[tag.get_text(" ") for tag in soup.select(".p-tags a, .p-category, a[rel=tag], .p-tags li")],
        authors=[author] if author else [],
    )
    posts.add(records, source.name, post)


def _is_response(soup: BeautifulSoup, body: Tag | None, title: str) -> bool:
    """Whether a post is a response: it has no heading and no subtitle, and its title repeats its first words."""
    if body is None or soup.select_one(".p-summary") is not None:
        return False
    text = " ".join(body.get_text(" ").split())
    words = title.rstrip("…. ")
    return bool(words) and text.startswith(words)


def _text(soup: BeautifulSoup, selector: str) -> str:
    tag = soup.select_one(selector)
    return " ".join(tag.get_text(" ").split()) if tag is not None else ""


def _address(soup: BeautifulSoup) -> str:
    canonical = soup.select_one("a.p-canonical[href], link[rel=canonical][href]")
    return str(canonical.get("href") or "") if canonical is not None else ""
