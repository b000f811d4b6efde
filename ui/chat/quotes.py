"""What an answer quotes, in its place: the field's text with the quoted characters marked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from assistant.answer import Citation
from index.catalogue import Catalogue
from ui.html import text

CONTEXT = 160
"""Characters shown on each side of a quote."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one field with the citations that lie in it, in order of place."""

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
    """The whole text a citation quotes from; None where the live catalogue no longer bears the quote out."""
    entry = catalogue.by_id.get(citation.entry_id)
    content = entry.texts().get(citation.field) if entry else None
    if content is None or content[citation.start : citation.end] != citation.quote:
        return None
    return content


def passages(citations: Sequence[Citation], catalogue: Catalogue) -> Iterator[Passage]:
    """The quotes of one entry with their surroundings; those that lie close together share a passage."""
    by_field: dict[str, list[Citation]] = {}
    for citation in citations:
        by_field.setdefault(citation.field, []).append(citation)
    for field, quoted in by_field.items():
        content = field_text(quoted[0], catalogue)
        if content is None or any(content[one.start : one.end] != one.quote for one in quoted):
            for one in quoted:
                alone = replace(one, start=0, end=len(one.quote))
                yield Passage(field, one.quote, 0, len(one.quote), (alone,))
            continue
        yield from _merged(field, content, sorted(quoted, key=lambda one: (one.start, one.end)))


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
    start = _word_start(content, min(one.start for one in group))
    end = _word_end(content, max(one.end for one in group))
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


def marked(passage: Passage, prefix: str) -> str:
    """The passage as HTML: quoted characters in `<mark id="PREFIX-NUMBER">`, an ellipsis where text was cut.

    Quotes may overlap; each stretch between two edges is written once, and the first stretch of a quote bears its id.
    """
    edges = {passage.start, passage.end}
    for citation in passage.citations:
        edges |= {citation.start, citation.end}
    places = sorted(edges)
    pieces = ["… " if passage.start > 0 else ""]
    named: set[int] = set()
    for start, end in pairwise(places):
        piece = text(passage.content[start:end])
        covering = [one for one in passage.citations if one.start <= start and end <= one.end]
        if not covering:
            pieces.append(piece)
            continue
        fresh = [one.number for one in covering if one.number not in named]
        named.update(fresh)
        pieces.append(_mark(piece, covering, fresh, prefix))
    pieces.append(" …" if passage.end < len(passage.content) else "")
    return "".join(pieces)


def _mark(piece: str, covering: Sequence[Citation], fresh: Sequence[int], prefix: str) -> str:
    numbers = " ".join(str(one.number) for one in covering)
    # Several quotes may begin at one place; every one of them must have its anchor.
    anchors = "".join(f'<span id="{prefix}-{number}"></span>' for number in fresh[1:])
    own = f' id="{prefix}-{fresh[0]}"' if fresh else ""
    return f'<mark{own} data-numbers="{numbers}">{anchors}{piece}</mark>'
