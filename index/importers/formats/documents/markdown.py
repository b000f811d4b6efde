"""Markdown with front matter: a file, or the folder of a site made with Hugo, Jekyll or a similar generator.

`kind` in the file's front matter decides whether it becomes an event or a guide, then the `kind` of the whole source.
Without either, a file with a date and without a `level` becomes an event, and any other file a guide. The date may
come from the front matter, the file name, the URL or the folders. An event's summary is the text of the file; its
sections are also stored separately. The default level of a guide is "intermediate".
"""

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from index.errors import ImportSourceError
from index.importers.cells import split
from index.importers.ids import event_id, of_foreign
from index.importers.mapping import dated
from index.importers.records import Records
from index.importers.source import LARGEST_DOCUMENT, Imported, Source
from index.importers.text import front_matter, markdown_text, plaintext
from index.importers.text.lines import web_address
from index.importers.text.plaintext import Block
from index.importers.visibility import hidden_folder

from . import front_matter_bibliography, post_path

NAME = "markdown"
ABOUT = "Markdown with front matter (YAML, TOML or JSON): a file, or a folder as Hugo and Jekyll have it"
MOST_FILES = 20_000
_ENDINGS = (".md", ".markdown", ".mdown", ".mkd")
_PASSED_FOLDERS = {"node_modules", "themes", "_site", "_layouts", "_includes", "vendor", ".git", ".hg", ".svn", ".venv"}
_NO_POSTS = {"readme", "license", "licence", "contributing", "changelog", "code_of_conduct", "_index", "404"}
_KNOWN = set(
    "id slug title date publishdate published url link canonical canonicalurl"
    " canonical_url external_url tags categories category keywords topics organisations organizations"
    " companies kind type level importance draft key_takeaways takeaways terms related_events related_guides"
    " sections headless layout aliases permalink path taxonomies created".split()
)
_DATES = (
    "date",
    "publishdate",
    "published",
    "pubdate",
    "published_at",
    "publishedat",
    "date_published",
    "datepublished",
)
_LATER_DATES = ("created", "created_at", "createdat", "date created", "date-created", "date_created", "creation date")
"""Dates of the file rather than of the post. They are used only if there is no other date."""
_TAXONOMIES = ("tags", "categories", "topics", "keywords")
_LEVEL = "intermediate"
_LEVELS = {"beginner", "intermediate", "advanced"}


def fits(source: Source) -> bool:
    """Whether the source is a folder with Markdown files, a file with front matter, or a file named like Markdown."""
    if source.folder is not None:
        return next(_files(source.folder), None) is not None
    head = source.data[:4_096].decode("utf-8", errors="replace").removeprefix("\ufeff").lstrip()
    front = re.match(r"(?:---|\+\+\+)[ \t]*\r?\n", head) is not None
    return front or source.file_name.endswith(_ENDINGS) or (source.media_type or "").startswith("text/markdown")


def read(source: Source) -> Imported:
    """Import every file that is not a draft and has a title or a text. Others are skipped and reported.

    Raises:
        ImportSourceError: If the folder has no Markdown files or too many.
    """
    records = Records(NAME)
    if source.folder is None:
        source.whole()
        whole = PurePosixPath(source.origin)
        # A single file's folder is only meaningful if it is Jekyll's `_posts`; otherwise it is just a local path.
        path = (
            whole if whole.parent.name == "_posts" else PurePosixPath(source.file_name if source.url else source.name)
        )
        record = _record(records, source, path, source)
        if record is not None:
            _add(records, source.name, record, record["id"])
    else:
        _read_folder(records, source, source.folder)
    return records.imported(whole=False)


def _read_folder(records: Records, source: Source, folder: Path) -> None:
    posts: list[tuple[PurePosixPath, dict[str, Any]]] = []
    _report_hidden(records, folder)
    for path in _files(folder):
        relative = PurePosixPath(path.relative_to(folder).as_posix())
        if relative.stem.lower() in _NO_POSTS:
            records.leave_out(str(relative), "", "its name shows that it is not a post")
            continue
        try:
            opened = Source.file(path)
            if len(opened.data) > LARGEST_DOCUMENT:
                opened.whole()
            whole = PurePosixPath("_posts", relative) if folder.resolve().name == "_posts" else relative
            record = _record(records, Source(str(relative), opened.data), whole, source)
        except ImportSourceError as error:
            records.leave_out(str(relative), "", str(error))
            continue
        if record is not None:
            posts.append((relative, record))
    if not posts and not records.problems:
        raise ImportSourceError(f"{source.name} contains no Markdown file", hint="name the folder of the posts")
    # Two posts with the same file name are distinguished by their folders.
    names = Counter(record["id"] for _, record in posts)
    for relative, record in posts:
        crowded = names[record["id"]] > 1
        own = of_foreign("-".join(relative.with_suffix("").parts)) if crowded else record["id"]
        added = _add(records, str(relative), record, own)
        if added in records.entries:
            records.files.setdefault(added, str(relative))


def _add(records: Records, place: str, record: dict[str, Any], own: str) -> str:
    """Add a record under its own id, or under an id made from its title. Return that id."""
    stated = record.pop("stated")
    name = own or event_id(record["title"])
    if stated:
        records.stated.add(name)
    records.add(place, record | {"id": name})
    return name


def _files(folder: Path, *, hidden: bool = False) -> Iterator[Path]:
    """Yield the Markdown files that may be posts. With `hidden`, yield hidden files and those in draft folders."""
    count = 0
    for root, folders, names in os.walk(folder):
        inside = Path(root).relative_to(folder).parts
        private = hidden_folder(inside) is not None
        folders[:] = sorted(
            name for name in folders if name not in _PASSED_FOLDERS and (hidden or not hidden_folder((name,)))
        )
        for name in sorted(names):
            if name.lower().endswith(_ENDINGS) and (private or name.startswith(".")) == hidden:
                count += 1
                if count > MOST_FILES:
                    raise ImportSourceError(f"{folder} holds more than {MOST_FILES:,} Markdown files")
                yield Path(root) / name


def _report_hidden(records: Records, folder: Path) -> None:
    for path in _files(folder, hidden=True):
        relative = path.relative_to(folder)
        reason = hidden_folder(relative.parts[:-1]) or "it is a hidden file"
        records.leave_out(relative.as_posix(), "", reason)


def _record(records: Records, source: Source, path: PurePosixPath, site: Source) -> dict[str, Any] | None:
    """Return the record of a post, or None if it is skipped. `site` gives the default kind and the base URL."""
    text, odd = source.text()
    records.warnings += odd
    front, body, wrong = front_matter.cut(text)
    if wrong:
        records.warn(source.name, "", wrong)
    front = {name.lower(): value for name, value in front.items()}
    stated_kind = _stated_kind(front)
    # An almanac's own entry may have a future date; a blog post with one is not published yet.
    if records.leave_out_hidden(source.name, front, posts=stated_kind is None):
        return None
    named = post_path.name_of(path)
    blocks, intro = _blocks(body)
    title, blocks = _title(front, blocks, named.slug)
    if not title or not (blocks or any(front_matter_bibliography.text_names(front)) or "title" in front):
        records.leave_out(source.name, "title", "it has neither a title nor a text")
        return None
    date = _date(records, source.name, front, path, named)
    slug = str(front.get("id") or front.get("slug") or ("" if named.slug == "-" else named.slug))
    common = {
        "id": of_foreign(slug.strip()) if slug.strip() else "",
        "title": title,
        "date": date,
        "url": _address(front) or post_path.address_of(front, path, site.base, date),
        **front_matter_bibliography.publication(front, _field_text),
        "importance": int(front["importance"]) if str(front.get("importance", "")).isdigit() else None,
        "organisations": _list(front, "organisations", "organizations", "companies"),
        "topics": _topics(front),
        "stated": stated_kind is not None,
        "related_events": _list(front, "related_events"),
        "related_guides": _list(front, "related_guides"),
    }
    short, abstract = front_matter_bibliography.text_names(front)
    unused = (front_matter_bibliography.KNOWN & set(front_matter_bibliography.TEXTS)) - {short}
    known = (_KNOWN | front_matter_bibliography.KNOWN) - unused
    rest = {name: value for name, value in front.items() if name not in known and value not in (None, "", [], {})}
    summary = plaintext.both(_field_text(front, short), _field_text(front, abstract))
    kind = stated_kind or site.kind or ("event" if date and not _has_level(front) else "guide")
    if kind == "guide":
        rest.pop("tldr", None)
    made = _guide(front, blocks, summary or intro) if kind == "guide" else _event(blocks, summary)
    return rest | common | made


def _date(
    records: Records, place: str, front: Mapping[str, Any], path: PurePosixPath, named: post_path.Name
) -> str | None:
    """Return the post's date from its front matter, file name, URL or folders, or else the file's date of creation."""
    first = next((front[name] for name in _DATES if _told(front.get(name))), None)
    date = dated(records, place, first) if first is not None else None
    if date := date or named.date or post_path.date_in(front, path):
        return dated(records, place, date)
    last = next((front[name] for name in _LATER_DATES if _told(front.get(name))), None)
    return dated(records, place, last) if last is not None else None


def _topics(front: Mapping[str, Any]) -> list[str]:
    """Return tags, categories and similar fields. Zola stores them in `[taxonomies]`."""
    inside = front.get("taxonomies")
    named = {str(name).lower(): value for name, value in inside.items()} if isinstance(inside, Mapping) else {}
    own = _list(front, "topics", "tags", "categories", "category", "keywords")
    # Obsidian allows tags with and without a hash.
    return list(dict.fromkeys(tag.lstrip("#") for tag in (*own, *_list(named, *_TAXONOMIES)) if tag.strip("# ")))


def _stated_kind(front: Mapping[str, Any]) -> str | None:
    kind = str(front.get("kind") or front.get("type") or "").strip().lower()
    return kind if kind in {"event", "guide"} else None


def _has_level(front: Mapping[str, Any]) -> bool:
    return str(front.get("level", "")).strip().lower() in _LEVELS


def _event(blocks: list[Block], stated: str) -> dict[str, Any]:
    text = "\n\n".join(block.text for block in blocks if block.text)
    sections = [{"heading": block.heading, "text": block.text} for block in blocks if block.heading and block.text]
    return {"kind": "event", "summary": plaintext.both(stated, text), "sections": sections}


def _guide(front: Mapping[str, Any], blocks: list[Block], summary: str) -> dict[str, Any]:
    level = str(front.get("level", "")).strip().lower()
    if level not in _LEVELS:
        level = _LEVEL
    first = blocks[0].text if blocks and not blocks[0].heading else ""
    tldr = (
        _field_text(front, "tldr")
        or summary
        or (first or next((block.text for block in blocks if block.text), "")).split("\n\n")[0]
    )
    opening = first.removeprefix(tldr).strip()
    sections = [{"heading": "Introduction", "text": opening}] if opening else []
    sections += [{"heading": block.heading, "text": block.text} for block in blocks if block.heading and block.text]
    return {
        "kind": "guide",
        "level": level,
        "tldr": tldr,
        "sections": sections,
        "key_takeaways": _list(front, "key_takeaways", "takeaways"),
        "terms": front.get("terms"),
    }


def _blocks(body: str) -> tuple[list[Block], str]:
    """Return the text split at its headings, and the introduction before a "read more" marker (may be empty)."""
    marked = markdown_text.MORE.split(body, maxsplit=1)
    intro = plaintext.of_html(markdown_text.to_html(marked[0])) if len(marked) > 1 and "\n#" not in marked[0] else ""
    return plaintext.blocks(markdown_text.to_html(markdown_text.MORE.sub("", body))), intro


def _title(front: Mapping[str, Any], blocks: list[Block], stem: str) -> tuple[str, list[Block]]:
    """Return the title and the blocks of text, without a heading that repeats the title."""
    stated = _field_text(front, "title")
    first = next((number for number, block in enumerate(blocks) if block.heading), None)
    heading = blocks[first].heading if first is not None else ""
    if first == 0 and (not stated or heading.casefold() == stated.casefold()):
        return stated or heading, [Block("", blocks[0].text), *blocks[1:]] if blocks[0].text else blocks[1:]
    return stated or heading or stem.replace("-", " ").replace("_", " ").strip().capitalize(), blocks


def _told(value: Any) -> bool:
    return (
        isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip().lower() not in {"", "true"}
    )


def _field_text(front: Mapping[str, Any], *names: str) -> str:
    values = (front[name] for name in names if isinstance(front.get(name), str | int | float))
    return next((text for value in values if (text := _plain(str(value)))), "")


def _plain(value: str) -> str:
    """Return a front matter value, which may be Markdown, as plain text."""
    html = markdown_text.to_html(value) if "\n" in value.strip() else markdown_text.line_to_html(value.strip())
    return plaintext.of_html(html)


def _list(front: Mapping[str, Any], *names: str) -> list[str]:
    return list(dict.fromkeys(part for name in names if front.get(name) for part in split(front[name])))


def _address(front: Mapping[str, Any]) -> str | None:
    names = ("canonicalurl", "canonical_url", "canonical", "external_url", "url", "link")
    candidates = (str(front[name]) for name in names if isinstance(front.get(name), str))
    return next((url for address in candidates if (url := web_address(address))), None)
