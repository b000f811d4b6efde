"""The catalogue for language models: what is here (`llms.txt`, by llmstxt.org), and all of it (`llms-full.txt`)."""

from collections.abc import Iterator, Sequence

from assistant.answering.composition import escape
from index import dates
from index.catalogue import Catalogue, newest_first
from index.models import AnyEntry, Guide, Path
from ui.html import KIND_NAMES, safe_url

from .feed import one_line, page_address, summary
from .texts import ABOUT, NAME

LATEST = 50
"""Events that `llms.txt` lists."""
MOST = 200
"""Guides, or paths, that it lists."""
NOTE = 200
"""Characters that it says of each."""
PAGE = 500
"""Entries of one page of `llms-full.txt`: of the starter catalogue's size each, about 1 MB."""


def overview(catalogue: Catalogue, base: str) -> bytes:
    """`llms.txt`: a heading, a quotation, then sections of links."""
    entries = newest_first(catalogue.entries)
    guides = [entry for entry in entries if entry.kind == "guide"]
    paths = [entry for entry in entries if entry.kind == "path"]
    events = [entry for entry in entries if entry.kind == "event"]
    as_of = f" It reaches to {dates.in_words(catalogue.as_of)}." if catalogue.as_of else ""
    counts = f"{len(events):,} events, {len(guides):,} guides and {len(paths):,} reading paths"
    parts = [
        f"# {NAME}",
        f"> {ABOUT}",
        f"The catalogue has {counts}.{as_of} Each has a page; the same address with `.json` at its end gives its fields.",
        *_section("Guides", guides, MOST, base),
        *_section("Reading paths", paths, MOST, base),
        *_section("Latest events", events, LATEST, base),
        "## API",
        "\n".join(
            [
                f"- [OpenAPI document]({base}/openapi.json): every route and its parameters",
                f"- [Atom feed]({base}/feed): the entries, the latest first; `?q=` and a question lists what matches it",
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


def _section(name: str, entries: Sequence[AnyEntry], most: int, base: str) -> list[str]:
    if not entries:
        return []
    lines = [f"- [{_label(entry)}]({page_address(base, entry)}): {_note(entry)}" for entry in entries[:most]]
    if len(entries) > most:
        kind = entries[0].kind
        lines.append(f"- [All {len(entries):,}]({base}/browse?kind={kind}): this list has the first {most}")
    return [f"## {name}", "\n".join(lines)]


def _label(entry: AnyEntry) -> str:
    return escape(entry.title) or entry.id


def _note(entry: AnyEntry) -> str:
    when = f"{dates.in_words(entry.date)}. " if entry.date else ""
    words = one_line(summary(entry))
    if len(words) > NOTE:
        words = words[:NOTE].rpartition(" ")[0] + " …"
    return (when + escape(words)).strip() or KIND_NAMES[entry.kind]


def pages(catalogue: Catalogue) -> int:
    """How many pages `llms-full.txt` has."""
    return max(1, -(-len(catalogue.entries) // PAGE))


def entries(catalogue: Catalogue, base: str, number: int) -> Iterator[bytes]:
    """One page of `llms-full.txt`, an entry at a time: guides and paths first, then events, the latest first."""
    ordered = sorted(newest_first(catalogue.entries), key=lambda entry: ("guide", "path", "event").index(entry.kind))
    first, count, last = (number - 1) * PAGE, len(ordered), pages(catalogue)
    of = f", page {number} of {last}" if last > 1 else ""
    yield f"# {NAME}: all entries{of}\n\n> {ABOUT}\n".encode()
    for entry in ordered[first : first + PAGE]:
        yield f"\n{_whole(entry, base)}".encode()
    end = min(first + PAGE, count)
    if number < last:
        yield (
            f"\n---\n\nHere ends page {number} of {last}: entries {first + 1:,} to {end:,} of {count:,}. "
            f"The next page: {base}/llms-full.txt?page={number + 1}\n"
        ).encode()
    else:
        yield f"\n---\n\nHere ends the catalogue of {count:,} entries.\n".encode()


def _whole(entry: AnyEntry, base: str) -> str:
    facts = [("Kind", KIND_NAMES[entry.kind]), ("Date", dates.in_words(entry.date) if entry.date else "")]
    facts += [("Level", getattr(entry, "level", None) or "")]
    facts += [("Organisations", ", ".join(entry.organisations)), ("Topics", ", ".join(entry.topics))]
    facts += [("Publication", entry.source or "")]
    lines = [f"- {name}: {escape(value)}" for name, value in facts if value]
    source = safe_url(entry.url)
    lines += [f"- Source: <{source}>"] if source else []
    lines.append(f"- Page: <{page_address(base, entry)}>")
    parts = [f"## {escape(entry.title)}", "\n".join(lines), *_paragraphs(summary(entry))]
    if isinstance(entry, Guide):
        if entry.key_takeaways:
            parts += ["### Key takeaways", "\n".join(f"- {escape(one)}" for one in entry.key_takeaways)]
        for section in entry.sections:
            parts += [f"### {escape(section.heading)}"] if section.heading.strip() else []
            parts += _paragraphs(section.text)
        if entry.terms:
            said = (f"- {escape(one.term)}: {escape(one.definition)}" for one in entry.terms)
            parts += ["### Glossary", "\n".join(said)]
    if isinstance(entry, Path) and entry.steps:
        steps = (f"{place}. <{base}/entries/{name}>" for place, name in enumerate(entry.steps, start=1))
        parts += ["### Steps", "\n".join(steps)]
    return "\n\n".join(parts) + "\n"


def _paragraphs(text: str) -> list[str]:
    return [escape(part) for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
