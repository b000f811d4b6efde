"""Quotations in context: the text of a field with the quoted characters marked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from assistant.answer import Citation
from index.catalogue import Catalogue
from ui.html import text

CONTEXT = 160
"""Characters shown on each side of a quote."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a field with the citations in it, in order of position."""

    field: str
    content: str
    start: int
    end: int
    citations: tuple[Citation, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of its citations, in order."""
        return tuple(sorted(citation.number for citation in self.citations))


def field_text(citation: Citation, catalogue: Catalogue) -> str | None:
    """The whole field that a citation quotes; None if the catalogue no longer has the quotation at this position."""
    entry = catalogue.find(citation.entry_id)
    content = entry.texts().get(citation.field) if entry else None
    if content is None or content[citation.start : citation.end] != citation.quote:
        return None
    return content


def passages(citations: Sequence[Citation], catalogue: Catalogue) -> Iterator[Passage]:
    """The quotations of one entry with context. Quotations close to each other share a passage."""
    by_field: dict[str, list[Citation]] = {}
    for citation in citations:
        by_field.setdefault(citation.field, []).append(citation)
    for field, quoted in by_field.items():
        content = field_text(quoted[0], catalogue)
        if content is None or any(content[citation.start : citation.end] != citation.quote for citation in quoted):
            for citation in quoted:
                length = len(citation.quote)
                without_context = replace(citation, start=0, end=length)
                yield Passage(field, citation.quote, 0, length, (without_context,))
            continue
        yield from _merged(field, content, sorted(quoted, key=lambda citation: (citation.start, citation.end)))


def _merged(field: str, content: str, quoted: Sequence[Citation]) -> Iterator[Passage]:
    group: list[Citation] = []
    reach = 0
    for citation in quoted:
        if group and citation.start > reach + 2 * CONTEXT:
            yield _passage(field, content, group)
            group = []
        reach = citation.end if not group else max(reach, citation.end)
        group.append(citation)
    yield _passage(field, content, group)


def _passage(field: str, content: str, group: Sequence[Citation]) -> Passage:
    start = _word_start(content, min(citation.start for citation in group))
    end = _word_end(content, max(citation.end for citation in group))
    return Passage(field, content, start, end, tuple(group))


def _word_start(content: str, quote: int) -> int:
    if quote <= CONTEXT:
        return 0
    space = content.find(" ", quote - CONTEXT, quote)
    return quote - CONTEXT if space < 0 else space + 1


def _word_end(content: str, quote: int) -> int:
    if quote + CONTEXT >= len(content):
        return len(content)
    space = content.rfind(" ", quote, quote + CONTEXT)
    return quote + CONTEXT if space < 0 else space


def marked(passage: Passage, prefix: str, labels: Mapping[int, str]) -> str:
    """The passage as HTML, with quotations in `<mark id="PREFIX-NUMBER">` and an ellipsis where text is left out.

    Quotations may overlap. The text between two edges is written once; the first part of a quotation has its id, and
    shows its label.
    """
    edges = {passage.start, passage.end}
    for citation in passage.citations:
        edges |= {citation.start, citation.end}
    positions = sorted(edges)
    pieces = ["… " if passage.start > 0 else ""]
    named: set[int] = set()
    for start, end in pairwise(positions):
        piece = text(passage.content[start:end])
        covering = [citation for citation in passage.citations if citation.start <= start and end <= citation.end]
        if not covering:
            pieces.append(piece)
            continue
        fresh = [citation.number for citation in covering if citation.number not in named]
        named.update(fresh)
        pieces.append(_mark(piece, covering, fresh, prefix, labels))
    pieces.append(" …" if passage.end < len(passage.content) else "")
    return "".join(pieces)


def _mark(
    piece: str, covering: Sequence[Citation], fresh: Sequence[int], prefix: str, labels: Mapping[int, str]
) -> str:
    numbers = " ".join(str(citation.number) for citation in covering)
    # Several quotations may start at the same position; each needs an anchor.
    anchors = "".join(f'<span id="{prefix}-{number}"></span>' for number in fresh[1:])
    shown = " ".join(labels.get(number, str(number)) for number in fresh)
    own = f' id="{prefix}-{fresh[0]}" data-labels="{shown}"' if fresh else ""
    return f'<mark{own} data-numbers="{numbers}">{anchors}{piece}</mark>'
