"""An answer as a document: title, paragraphs with numbers of entries, and one reference for each entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.answer import Answer, Citation
from assistant.export import bibliography
from index import dates
from index.catalogue import Catalogue
from index.models import ENTRY, AnyEntry
from ui import urls
from ui.chat.brief_text import SAYS, counts, dated, heading_before
from ui.chat.layout import Block, after, blocks, runs
from ui.html import NAME, plural

from .numbering import entry_numbers


@dataclass(frozen=True, slots=True)
class NumberedSentence:
    """A sentence and the numbers of the entries that it quotes."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, or one item of a list."""

    sentences: tuple[NumberedSentence, ...]
    is_item: bool


@dataclass(frozen=True, slots=True)
class Section:
    """Consecutive paragraphs with the heading and the text above them; both may be empty."""

    heading: str
    before: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """One cited entry. `markdown` is one line."""

    number: int
    markdown: str


@dataclass(frozen=True, slots=True)
class Notes:
    """A title and lines below the answer, such as the open questions of a brief."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """Everything that a file with a whole answer contains."""

    title: str
    searched_for: str
    sections: tuple[Section, ...]
    after: str
    notes: tuple[Notes, ...]
    references: tuple[Reference, ...]
    origin: str
    """Which catalogue the answer is from, and when the file was made."""


def make(answer: Answer, cited: Sequence[AnyEntry], today: date) -> Document:
    """Make the document of an answer. It may have been given by an earlier state of the catalogue.

    Args:
        answer: The answer.
        cited: The cited entries, as `cited_entries` finds them.
        today: The day of access in the references.
    """
    numbers = entry_numbers(answer.citations)
    sections = tuple(_section(answer, run, numbers) for run in runs(blocks(answer, len(answer.sentences))))
    if not sections:
        plain = NumberedSentence(answer.reason or answer.text, ())
        sections = (Section("", "", (Paragraph((plain,), is_item=False),)),)
    return Document(
        title=_line(answer.question) or NAME,
        searched_for=_line(answer.rephrased),
        sections=sections,
        after=after(answer) if answer.brief is None and answer.sentences else "",
        notes=_notes(answer),
        references=references(cited, today),
        origin=_origin(answer, today),
    )


def references(cited: Sequence[AnyEntry], today: date) -> tuple[Reference, ...]:
    """One reference for each entry, numbered in their order."""
    return tuple(
        Reference(number, bibliography.render([entry], "markdown", accessed=today).partition(" ")[2].strip())
        for number, entry in enumerate(cited, start=1)
    )


def cited_entries(answer: Answer, catalogue: Catalogue, site: str = "") -> list[AnyEntry]:
    """The cited entries, in order of first use.

    An entry that is no longer in the catalogue is made from what the citation says about it.

    Args:
        answer: The answer.
        catalogue: The catalogue in use.
        site: The public address of the server. If it is given, an entry without an address gets that of its page.
    """
    first: dict[str, Citation] = {}
    for citation in answer.citations:
        first.setdefault(citation.entry_id, citation)
    return [
        _with_address(entry, site) if (entry := catalogue.find(name)) else _from_citation(citation)
        for name, citation in first.items()
    ]


def _with_address(entry: AnyEntry, site: str) -> AnyEntry:
    if entry.url or not site:
        return entry
    return entry.model_copy(update={"url": f"{site}/{urls.entry(entry.id)}"})


def _from_citation(citation: Citation) -> AnyEntry:
    fields = {"id": citation.entry_id, "title": citation.title, "date": citation.date, "url": citation.url}
    more: dict[str, dict[str, object]] = {
        "event": {"summary": citation.quote, "source": citation.source},
        "guide": {"tldr": citation.quote, "level": "intermediate"},
        "path": {"description": citation.quote, "steps": ()},
    }
    return ENTRY.validate_python({**fields, **more[citation.kind], "kind": citation.kind})


def _section(answer: Answer, run: Sequence[Block], numbers: dict[int, int]) -> Section:
    paragraphs = tuple(
        Paragraph(
            tuple(
                NumberedSentence(
                    sentence.text, tuple(dict.fromkeys(numbers[n] for n in sentence.citations if n in numbers))
                )
                for sentence in block.sentences
            ),
            block.item,
        )
        for block in run
    )
    heading = heading_before(answer.brief, run[0].sentences[0]) or ""
    return Section(heading, run[0].before if answer.brief is None else "", paragraphs)


def _notes(answer: Answer) -> tuple[Notes, ...]:
    brief = answer.brief
    if brief is None:
        return ()
    numbers = entry_numbers(answer.citations)
    later = tuple(
        f"[{numbers.get(entry.number, entry.number)}] {SAYS[entry.says]}: {dated(entry)}: {_line(entry.quote)}"
        for entry in brief.later
    )
    open_points = tuple(f"{point.about}: {point.why}" for point in brief.open_points)
    notes = (
        Notes("How it was selected", (counts(answer, brief),)),
        Notes("Later entries on the same subject", later),
        Notes("Open questions", open_points),
    )
    return tuple(note for note in notes if note.lines)


def _origin(answer: Answer, today: date) -> str:
    stamp = answer.catalogue
    as_of = f", as of {_day(stamp.as_of)}" if stamp.as_of else ""
    return (
        f"Quoted from {NAME}, a catalogue of {plural(stamp.entries, 'entry', 'entries')}{as_of} "
        f"(catalogue {stamp.hash[:12]}). File made on {_day(today.isoformat())}."
    )


def _day(day: str) -> str:
    try:
        return dates.in_words(day)
    except (ValueError, IndexError):
        return day


def _line(words: str) -> str:
    return " ".join(words.split())
