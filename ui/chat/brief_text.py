"""Texts around a summary: what it was selected from, later entries and open questions. Also for the terminal."""

from typing import Literal

from assistant.answer import Answer, Brief, Later, Sentence
from index import dates
from ui.export.numbering import labels
from ui.html import ask_button, date, plural, question_about, text

SAYS: dict[Literal["changed", "figures", "later"], str] = {
    "changed": "a later entry reports a change",
    "figures": "a later entry gives another figure",
    "later": "a later entry that is linked with this one",
}


def counts(answer: Answer, brief: Brief) -> str:
    """How many sentences from how many entries, such as `13 sentences from 9 of the 40 entries searched, by theme.`."""
    sentences = plural(len(answer.sentences), "sentence")
    entries = "the entry" if brief.considered == 1 else f"{brief.used:,} of the {brief.considered:,} entries"
    return f"{sentences} from {entries} searched, by {brief.order}."


def dated(entry: Later) -> str:
    """Date and title of an entry, such as `June 2026, “Title”`."""
    return f"{dates.in_words(entry.date)}, “{entry.title}”"


def heading_before(brief: Brief | None, sentence: Sentence) -> str | None:
    """The heading above a sentence, or None."""
    parts = brief.parts if brief else ()
    return next((part.heading for part in parts if part.heading and part.first in sentence.citations), None)


def framed(answer: Answer) -> str:
    """HTML below a summary: what it was selected from, later entries and open questions. Empty for other answers."""
    brief = answer.brief
    if brief is None:
        return ""
    shown = labels(answer.citations)
    later = "".join(_later(entry, shown.get(entry.number, str(entry.number))) for entry in brief.later)
    open_ = "".join(
        f'<li dir="auto"><strong>{text(point.about)}</strong>: {text(point.why)}</li>' for point in brief.open_points
    )
    return (
        f'<div class="brief"><p class="counts">{text(counts(answer, brief))}</p>'
        + (
            f'<h3 class="small-title">Later entries on the same subject</h3><ul class="later">{later}</ul>'
            if later
            else ""
        )
        + (f'<h3 class="small-title">Open questions</h3><ul class="open">{open_}</ul>' if open_ else "")
        + "</div>"
    )


def _later(entry: Later, label: str) -> str:
    title = ask_button(question_about(entry.title), text(entry.title), class_="later-title")
    return (
        f'<li dir="auto"><span class="why">[{label}] {SAYS[entry.says]}:</span> {title} {date(entry.date)}'
        f'<blockquote class="quote">{text(entry.quote)}</blockquote></li>'
    )
