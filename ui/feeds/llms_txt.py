"""The catalogue as Markdown for language models: an overview (`llms.txt`, llmstxt.org) and all text (`llms-full.txt`)."""

from collections.abc import Iterator, Sequence

from assistant.answering.composition import escape
from index import dates
from index.catalogue import Catalogue, newest_first
from index.models import AnyEntry, Guide, Path
from ui.html import KIND_NAMES, safe_url

from .feed import on_one_line, page_address, summary
from .texts import ABOUT, NAME

MAX_EVENTS = 50
"""Events in `llms.txt`."""
MAX_GUIDES = 200
"""Guides, and reading paths, in `llms.txt`."""
MAX_NOTE_LENGTH = 200
"""Characters about each entry in `llms.txt`."""
PER_PAGE = 500
"""Entries on one page of `llms-full.txt`: about 1 MB if they are like those of the starter catalogue."""


def overview(catalogue: Catalogue, base: str) -> bytes:
    """`llms.txt`: a heading, a description, then sections of links."""
    entries = newest_first(catalogue.entries)
    guides = [entry for entry in entries if entry.kind == "guide"]
    paths = [entry for entry in entries if entry.kind == "path"]
    events = [entry for entry in entries if entry.kind == "event"]
    as_of = f" Its latest date is {dates.in_words(catalogue.as_of)}." if catalogue.as_of else ""
    counts = f"{len(events):,} events, {len(guides):,} guides and {len(paths):,} reading paths"
    parts = [
        f"# {NAME}",
        f"> {ABOUT}",
        f"The catalogue has {counts}.{as_of} Each entry has a page. The same address with `.json` at the end returns its fields.",
        *_section("Guides", guides, MAX_GUIDES, base),
        *_section("Reading paths", paths, MAX_GUIDES, base),
        *_section("Latest events", events, MAX_EVENTS, base),
        "## API",
        "\n".join(
            [
                f"- [OpenAPI document]({base}/openapi.json): every route and its parameters",
                f"- [Atom feed]({base}/feed): the entries, the newest first; `?q=` and a question lists the entries that match it",
                f"- [JSON Feed]({base}/feed.json): the same as JSON",
            ]
        ),
        "## Optional",
        "\n".join(
            [
                f"- [All entries in full]({base}/llms-full.txt): the whole catalogue as Markdown",
                f"- [Sitemap]({base}/sitemap.xml): the address of every page",
            ]
        ),
    ]
    return ("\n\n".join(parts) + "\n").encode("utf-8")


def _section(name: str, entries: Sequence[AnyEntry], limit: int, base: str) -> list[str]:
    if not entries:
        return []
    lines = [f"- [{_label(entry)}]({page_address(base, entry)}): {_note(entry)}" for entry in entries[:limit]]
    if len(entries) > limit:
        kind = entries[0].kind
        lines.append(f"- [All {len(entries):,}]({base}/browse?kind={kind}): this list has the first {limit}")
    return [f"## {name}", "\n".join(lines)]


def _label(entry: AnyEntry) -> str:
    return escape(entry.title) or entry.id


def _note(entry: AnyEntry) -> str:
    date = f"{dates.in_words(entry.date)}. " if entry.date else ""
    words = on_one_line(summary(entry))
    if len(words) > MAX_NOTE_LENGTH:
        words = words[:MAX_NOTE_LENGTH].rpartition(" ")[0] + " …"
    return (date + escape(words)).strip() or KIND_NAMES[entry.kind]


def page_count(catalogue: Catalogue) -> int:
    """How many pages `llms-full.txt` has."""
    return max(1, -(-len(catalogue.entries) // PER_PAGE))


def full_text(catalogue: Catalogue, base: str, number: int) -> Iterator[bytes]:
    """One page of `llms-full.txt`, entry by entry: guides first, then reading paths, then events, the newest first."""
    ordered = sorted(newest_first(catalogue.entries), key=lambda entry: ("guide", "path", "event").index(entry.kind))
    first, count, last = (number - 1) * PER_PAGE, len(ordered), page_count(catalogue)
    page_label = f", page {number} of {last}" if last > 1 else ""
    yield f"# {NAME}: all entries{page_label}\n\n> {ABOUT}\n".encode()
    for entry in ordered[first : first + PER_PAGE]:
        yield f"\n{_full_entry(entry, base)}".encode()
    end = min(first + PER_PAGE, count)
    if number < last:
        yield (
            f"\n---\n\nEnd of page {number} of {last}: entries {first + 1:,} to {end:,} of {count:,}. "
            f"Next page: {base}/llms-full.txt?page={number + 1}\n"
        ).encode()
    else:
        yield f"\n---\n\nEnd of the catalogue: {count:,} entries.\n".encode()


def _full_entry(entry: AnyEntry, base: str) -> str:
    facts = [("Kind", KIND_NAMES[entry.kind]), ("Date", dates.in_words(entry.date) if entry.date else "")]
    facts += [("Level", getattr(entry, "level", None) or "")]
    facts += [("Organisations", ", ".join(entry.organisations)), ("Topics", ", ".join(entry.topics))]
    facts += [("Publication", entry.source or "")]
    facts += [("Facts last checked", dates.in_words(entry.checked) if entry.checked else "")]
    lines = [f"- {name}: {escape(value)}" for name, value in facts if value]
    source = safe_url(entry.url)
    lines += [f"- Source: <{source}>"] if source else []
    lines.append(f"- Page: <{page_address(base, entry)}>")
    parts = [f"## {escape(entry.title)}", "\n".join(lines), *_paragraphs(summary(entry))]
    if isinstance(entry, Guide):
        if entry.key_takeaways:
            parts += ["### Key takeaways", "\n".join(f"- {escape(takeaway)}" for takeaway in entry.key_takeaways)]
        for section in entry.sections:
            parts += [f"### {escape(section.heading)}"] if section.heading.strip() else []
            parts += _paragraphs(section.text)
        if entry.terms:
            terms = (f"- {escape(term.term)}: {escape(term.definition)}" for term in entry.terms)
            parts += ["### Glossary", "\n".join(terms)]
    if isinstance(entry, Path) and entry.steps:
        steps = (f"{number}. <{base}/entries/{step}>" for number, step in enumerate(entry.steps, start=1))
        parts += ["### Steps", "\n".join(steps)]
    return "\n\n".join(parts) + "\n"


def _paragraphs(text: str) -> list[str]:
    return [escape(part) for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
