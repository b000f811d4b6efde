"""`/answers/{id}`: a shared answer as it was given, and which of its sources have changed since."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.answer import Answer, Citation, Sentence
from assistant.export.changes_since import AnswerChanges
from index.catalogue import Catalogue
from index.models import AnyEntry, heading_of
from ui import urls
from ui.chat.brief_text import SAYS, counts, heading_before
from ui.chat.layout import Block, after, blocks, runs
from ui.html import plural
from ui.storage.storage import SharedAnswer
from ui.templating import shorten

from .layout import PageMeta, SiteLinks, page
from .rerun import ChangeNote, change_note

SourceState = Literal["current", "changed", "removed"]
PER_PAGE = 150
"""Paragraphs, or items of a list, on one page."""
_LONG_LIST = 12
"""If a list has more citations than this and all of them are titles, its titles become links and the column of sources is left out."""
_MAX_CHANGES = 20
"""New or removed entries that the page names; the others are counted."""
_STATE_LABELS: dict[SourceState, str] = {"changed": "Changed since", "removed": "No longer in the catalogue"}
_CSS_CLASSES: dict[SourceState, str] = {"current": "stands", "changed": "changed", "removed": "gone"}
_FIELD_NAMES = {"title": "Title", "tldr": "In short", "key_takeaways": "Key takeaways", "terms": "Glossary"}


@dataclass(frozen=True, slots=True)
class _Quotation:
    """One citation as the page shows it."""

    number: int
    text: str
    field_name: str
    address: str
    """The quotation on the page of its entry; empty if the entry no longer contains it."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A cited entry, its citations and whether it still says what is quoted."""

    citations: tuple[Citation, ...]
    entry: AnyEntry | None
    """The entry as the catalogue has it now; None if it was removed."""
    state: SourceState
    quotations: tuple[_Quotation, ...]

    @property
    def css_class(self) -> str:
        """The class of its card."""
        return _CSS_CLASSES[self.state]


@dataclass(frozen=True, slots=True)
class _SentencePieces:
    """A sentence. In a long list it is split around the title, which becomes a link; elsewhere all text is in `before`."""

    before: str
    markers: tuple[tuple[int, _Source], ...]
    title: str = ""
    entry_id: str = ""
    """The entry that the title links to; empty if it was removed."""
    after: str = ""
    listed: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """A paragraph or a list, with the text above it."""

    heading: str
    aside: str
    is_list: bool
    blocks: tuple[tuple[_SentencePieces, ...], ...]


def source_state(citation: Citation, catalogue: Catalogue) -> SourceState:
    """Whether the cited field still contains the quotation, at any position."""
    entry = catalogue.find(citation.entry_id)
    if entry is None:
        return "removed"
    return "current" if citation.quote in entry.texts().get(citation.field, "") else "changed"


def answer_page(
    shared: SharedAnswer, catalogue: Catalogue, links: SiteLinks, number: int = 1, changes: AnswerChanges | None = None
) -> str | None:
    """Render one page of a shared answer. Most answers have one page; long lists have several.

    Args:
        shared: The answer and the day when it was shared.
        catalogue: The catalogue in use.
        links: Makes the links of the page.
        number: The page number, from 1.
        changes: The changes found by asking the question again; None if it was not asked again.

    Returns:
        The HTML, or None if there is no page with this number.
    """
    answer = shared.answer
    all_blocks = blocks(answer, len(answer.sentences))
    last_page = max(1, -(-len(all_blocks) // PER_PAGE))
    if not 1 <= number <= last_page:
        return None
    sources = _sources(answer, catalogue, links)
    listing = _is_listing(answer)
    page_blocks = all_blocks[(number - 1) * PER_PAGE : number * PER_PAGE]
    return page(
        "answer.html",
        title=shorten(answer.question, 120),
        links=links,
        meta=PageMeta(
            description=" ".join(sentence.text for sentence in answer.sentences[:20]) or answer.reason or answer.text,
            path=f"answers/{shared.id}",
            og_type="article",
            published=shared.on,
            noindex=True,
        ),
        catalogue=catalogue,
        shared=shared,
        answer=answer,
        searched_for=answer.rephrased,
        note=_note(answer, sources, catalogue, changes),
        listing=listing,
        parts=_parts(answer, page_blocks, sources, listing=listing),
        closing=after(answer) if all_blocks and number == last_page else "",
        entry_ids={*catalogue.by_id, *catalogue.moved},
        page=number,
        last_page=last_page,
        brief_counts=counts(answer, answer.brief) if answer.brief else "",
        sources=_cited_in(page_blocks, sources),
        LATER_REASONS=SAYS,
        MAX_CHANGES=_MAX_CHANGES,
        STATE_LABELS=_STATE_LABELS,
    )


def _is_listing(answer: Answer) -> bool:
    """Whether the answer is a long list of titles. Its quotations would only repeat the titles."""
    return len(answer.citations) > _LONG_LIST and all(
        citation.field == "title" and citation.quote == citation.title for citation in answer.citations
    )


def _cited_in(page_blocks: Sequence[Block], sources: Sequence[_Source]) -> list[_Source]:
    """The sources that one page cites."""
    numbers = {number for block in page_blocks for sentence in block.sentences for number in sentence.citations}
    return [source for source in sources if any(citation.number in numbers for citation in source.citations)]


def _sources(answer: Answer, catalogue: Catalogue, links: SiteLinks) -> list[_Source]:
    """The cited entries, in order of first use."""
    by_entry: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        by_entry.setdefault(citation.entry_id, []).append(citation)
    sources = []
    for entry_id, citations in by_entry.items():
        states = {source_state(citation, catalogue) for citation in citations}
        worst: SourceState = "removed" if "removed" in states else "changed" if "changed" in states else "current"
        entry = catalogue.find(entry_id)
        quotations = tuple(_quotation(citation, entry, links) for citation in citations)
        sources.append(_Source(tuple(citations), entry, worst, quotations))
    return sources


def _quotation(citation: Citation, entry: AnyEntry | None, links: SiteLinks) -> _Quotation:
    field_name = _FIELD_NAMES.get(citation.field.partition(".")[0], "")
    if entry is None or citation.quote not in entry.texts().get(citation.field, ""):
        return _Quotation(citation.number, citation.quote, field_name, "")
    field_name = heading_of(entry, citation.field) or field_name
    address = links.path(urls.quotation(entry.id, citation.field, citation.quote))
    return _Quotation(citation.number, citation.quote, field_name, address)


def _note(
    answer: Answer, sources: Sequence[_Source], catalogue: Catalogue, changes: AnswerChanges | None
) -> ChangeNote | None:
    """What has changed since the answer was given; None if the catalogue is the same."""
    changed = sum(source.state == "changed" for source in sources)
    removed = sum(source.state == "removed" for source in sources)
    clauses = []
    if changed:
        clauses.append(f"{changed:,} {'has' if changed == 1 else 'have'} changed in the quoted text")
    if removed:
        clauses.append(f"{removed:,} {'is' if removed == 1 else 'are'} no longer in the catalogue")
    if answer.catalogue.hash == catalogue.hash and not clauses:
        return None
    total = plural(len(sources), "entry", "entries")
    quotations = f"It quotes {total}: {' and '.join(clauses)}." if clauses else ""
    return change_note(answer, changes, quotations)


def _parts(answer: Answer, page_blocks: Sequence[Block], sources: Sequence[_Source], *, listing: bool) -> list[_Part]:
    by_number = {citation.number: source for source in sources for citation in source.citations}

    def pieces(block: Block) -> tuple[_SentencePieces, ...]:
        return tuple(_sentence_pieces(sentence, by_number, listing=listing) for sentence in block.sentences)

    def parts() -> Iterator[_Part]:
        for run in runs(page_blocks):
            heading = heading_before(answer.brief, run[0].sentences[0]) or ""
            aside = run[0].before if answer.brief is None else ""
            yield _Part(heading, aside, run[0].item, tuple(map(pieces, run)))

    return list(parts())


def _sentence_pieces(sentence: Sentence, by_number: dict[int, _Source], *, listing: bool) -> _SentencePieces:
    markers = tuple((number, by_number[number]) for number in sentence.citations if number in by_number)
    if not listing or len(markers) != 1:
        return _SentencePieces(sentence.text, markers)
    source = markers[0][1]
    before, title, rest = sentence.text.partition(source.citations[0].title)
    entry_id = source.entry.id if source.entry is not None else ""
    return _SentencePieces(before, markers, title, entry_id, rest, listed=True)
