"""Markdown with front matter: a file, or a folder of a site made with Hugo, Jekyll or the like.

A file becomes a guide where its front matter says so (`kind: guide`, or a `level`), where it has no date, or where
its text has at least two headings, which become the guide's sections. Any other dated post is an event, whose
summary is its text; its sections are kept beside it. `kind: event` makes an event of any file. A guide without a level is for
intermediate readers.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from markdown_it import MarkdownIt

from index.errors import ImportSourceError

from . import frontmatter, plaintext
from .ids import event_id, of_foreign
from .lines import web_address
from .mapping import dated, split
from .plaintext import Block
from .records import Records
from .source import LARGEST_DOCUMENT, Imported, Source

NAME = "markdown"
ABOUT = "Markdown with front matter (YAML, TOML or JSON): a file, or a folder as Hugo and Jekyll have it"
MOST_FILES = 20_000
_ENDINGS = (".md", ".markdown", ".mdown", ".mkd")
_PASSED_FOLDERS = {"node_modules", "themes", "_site", "_drafts", "_layouts", "_includes", "archetypes", "vendor"}
_NO_POSTS = {"readme", "license", "licence", "contributing", "changelog", "code_of_conduct", "_index", "404"}
_DATED = re.compile(r"(?P<date>\d{4}-\d{1,2}-\d{1,2})-(?P<slug>.+)", re.DOTALL)
# None reaches over the beginning of another: a page of nothing but beginnings is read once, not once from each.
_SHORTCODE = re.compile(
    r"\{\{[<%](?:(?!\{\{).){0,2000}?[%>]\}\}|\{%(?:(?!\{%).){0,2000}?%\}|\{\{(?:(?!\{\{).){0,500}?\}\}|\{:[^{}\n]{0,200}\}",
    re.DOTALL,
)
_MORE = re.compile(r"<!--\s*more\s*-->|<!--\s*excerpt\s*-->", re.IGNORECASE)
_KNOWN = set(
    "id slug title date publishdate published summary description excerpt lead url link canonical canonicalurl"
    " canonical_url external_url source publisher tags categories category keywords topics organisations organizations"
    " companies kind type level tldr importance draft key_takeaways takeaways terms related_events related_guides"
    " sections headless layout aliases permalink".split()
)
_FEWEST_HEADINGS = 2
_LEVEL = "intermediate"
_LEVELS = {"beginner", "intermediate", "advanced"}
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")


def fits(source: Source) -> bool:
    """Whether it is a folder with Markdown files, or a file with front matter or such a name."""
    if source.folder is not None:
        return next(_files(source.folder), None) is not None
    head = source.data[:4_096].decode("utf-8", errors="replace").removeprefix("\ufeff").lstrip()
    front = re.match(r"(?:---|\+\+\+)[ \t]*\r?\n", head) is not None
    return front or source.file_name.endswith(_ENDINGS) or (source.media_type or "").startswith("text/markdown")


def read(source: Source) -> Imported:
    """Every file that is no draft and has a title or a text; the others are reported.

    Raises:
        ImportSourceError: the folder holds no Markdown, or far too much.
    """
    records = Records(NAME)
    if source.folder is None:
        source.whole()
        record = _record(records, source, PurePosixPath(source.file_name if source.url else source.name))
        if record is not None:
            records.add(source.name, record | {"id": record["id"] or event_id(record["title"])})
        return records.imported(whole=False)
    found: list[tuple[PurePosixPath, dict[str, Any]]] = []
    for path in _files(source.folder):
        relative = PurePosixPath(path.relative_to(source.folder).as_posix())
        if relative.stem.lower() in _NO_POSTS:
            records.leave_out(str(relative), "", "no post, by its name")
            continue
        try:
            opened = Source.file(path)
            if len(opened.data) > LARGEST_DOCUMENT:
                opened.whole()
            record = _record(records, Source(str(relative), opened.data), relative)
        except ImportSourceError as error:
            records.leave_out(str(relative), "", str(error))
            continue
        if record is not None:
            found.append((relative, record))
    if not found and not records.problems:
        raise ImportSourceError(f"{source.name} holds no Markdown file", hint="name the folder of the posts")
    # Two posts of the same name in different folders are told apart by their folders.
    names = Counter(record["id"] for _, record in found)
    for relative, record in found:
        crowded = names[record["id"]] > 1
        own = of_foreign("-".join(relative.with_suffix("").parts)) if crowded else record["id"]
        records.add(str(relative), record | {"id": own or event_id(record["title"])})
    return records.imported(whole=False)


def _files(folder: Path) -> Iterator[Path]:
    count = 0
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _PASSED_FOLDERS)
        for name in sorted(names):
            if name.lower().endswith(_ENDINGS) and not name.startswith("."):
                count += 1
                if count > MOST_FILES:
                    raise ImportSourceError(f"{folder} holds more than {MOST_FILES:,} Markdown files")
                yield Path(root) / name


def _record(records: Records, source: Source, path: PurePosixPath) -> dict[str, Any] | None:
    text, odd = source.text()
    records.warnings += odd
    front, body, wrong = frontmatter.cut(text)
    if wrong:
        records.warn(source.name, "", wrong)
    front = {name.lower(): value for name, value in front.items()}
    if _true(front.get("draft")) or str(front.get("published", "")).strip().lower() in {"false", "no"}:
        records.leave_out(source.name, "draft", "it is a draft")
        return None
    stem = path.parent.name if path.stem.lower() in {"index", ""} else path.stem
    named = _DATED.fullmatch(stem)
    blocks, intro = _blocks(body)
    title, blocks = _title(front, blocks, named["slug"] if named else stem)
    if not title or not (blocks or _said(front, "summary", "description", "excerpt", "tldr") or "title" in front):
        records.leave_out(source.name, "title", "neither a title nor a text is there")
        return None
    day = next((front[name] for name in ("date", "publishdate", "published") if _told(front.get(name))), None)
    date = dated(records, source.name, day) if day is not None else None
    date = date or (dated(records, source.name, named["date"]) if named else None)
    slug = str(front.get("id") or front.get("slug") or (named["slug"] if named else "" if stem == "-" else stem))
    common = {
        "id": of_foreign(slug.strip()) if slug.strip() else "",
        "title": title,
        "date": date,
        "url": _address(front),
        "source": _said(front, "source", "publisher"),
        "importance": int(front["importance"]) if str(front.get("importance", "")).isdigit() else None,
        "organisations": _list(front, "organisations", "organizations", "companies"),
        "topics": _list(front, "topics", "tags", "categories", "category", "keywords"),
        "related_events": _list(front, "related_events"),
        "related_guides": _list(front, "related_guides"),
    }
    rest = {name: value for name, value in front.items() if name not in _KNOWN and value not in (None, "", [], {})}
    said = _said(front, "summary", "description", "excerpt", "lead")
    kind = _kind(front, dated_post=date is not None, headings=sum(1 for block in blocks if block.heading))
    made = _guide(front, blocks, said or intro) if kind == "guide" else _event(blocks, said)
    return rest | common | made


def _kind(front: Mapping[str, Any], *, dated_post: bool, headings: int) -> str:
    told = str(front.get("kind") or front.get("type") or "").strip().lower()
    if told in {"event", "guide"}:
        return told
    level = str(front.get("level", "")).strip().lower() in _LEVELS
    return "guide" if level or not dated_post or headings >= _FEWEST_HEADINGS else "event"


def _event(blocks: list[Block], said: str) -> dict[str, Any]:
    text = "\n\n".join(block.text for block in blocks if block.text)
    sections = [{"heading": block.heading, "text": block.text} for block in blocks if block.heading and block.text]
    return {"kind": "event", "summary": plaintext.both(said, text), "sections": sections}


def _guide(front: Mapping[str, Any], blocks: list[Block], said: str) -> dict[str, Any]:
    level = str(front.get("level", "")).strip().lower()
    if level not in _LEVELS:
        level = _LEVEL
    first = blocks[0].text if blocks and not blocks[0].heading else ""
    tldr = (
        _said(front, "tldr")
        or said
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
    """The text cut at its headings, and what stands before the mark for "read more"."""
    body = _SHORTCODE.sub("", body)
    marked = _MORE.split(body, maxsplit=1)
    intro = plaintext.of_html(_html(marked[0])) if len(marked) > 1 and "\n#" not in marked[0] else ""
    return plaintext.blocks(_html(_MORE.sub("", body))), intro


def _html(text: str) -> str:
    return str(_MARKDOWN.render(text))


def _title(front: Mapping[str, Any], blocks: list[Block], stem: str) -> tuple[str, list[Block]]:
    """The title, and the text without the heading that repeats it."""
    told = _said(front, "title")
    first = next((number for number, block in enumerate(blocks) if block.heading), None)
    heading = blocks[first].heading if first is not None else ""
    if first == 0 and (not told or heading.casefold() == told.casefold()):
        return told or heading, [Block("", blocks[0].text), *blocks[1:]] if blocks[0].text else blocks[1:]
    return told or heading or stem.replace("-", " ").replace("_", " ").strip().capitalize(), blocks


def _true(value: Any) -> bool:
    return str(value).strip().lower() in {"true", "yes", "1", "on"}


def _told(value: Any) -> bool:
    return (
        isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip().lower() not in {"", "true"}
    )


def _said(front: Mapping[str, Any], *names: str) -> str:
    values = (front[name] for name in names if isinstance(front.get(name), str | int | float))
    return next((text for value in values if (text := plaintext.of_html(_html(str(value))))), "")


def _list(front: Mapping[str, Any], *names: str) -> list[str]:
    return list(dict.fromkeys(part for name in names if front.get(name) for part in split(front[name])))


def _address(front: Mapping[str, Any]) -> str | None:
    names = ("canonicalurl", "canonical_url", "canonical", "external_url", "url", "link")
    told = (str(front[name]) for name in names if isinstance(front.get(name), str))
    return next((found for address in told if (found := web_address(address))), None)
