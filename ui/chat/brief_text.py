"""What frames a summary, in words: shared by the terminal and the page."""

from typing import Literal

from assistant.answer import Answer, Brief, Later, Sentence
from index import dates
from ui.html import ask_button, date, question_about, text

SAYS: dict[Literal["changed", "figures", "later"], str] = {
    "changed": "a later entry tells of a change",
    "figures": "a later entry gives another figure",
    "later": "a later entry, linked with this one",
}


def counts(answer: Answer, brief: Brief) -> str:
    """`13 sentences from 9 of the 40 entries looked into, by theme.`."""
    said = len(answer.sentences)
    looked = "the entry" if brief.considered == 1 else f"{brief.used:,} of the {brief.considered:,} entries"
    return f"{said} sentence{'' if said == 1 else 's'} from {looked} looked into, by {brief.order}."


def dated(one: Later) -> str:
    """`June 2026, “Title”`."""
    return f"{dates.in_words(one.date)}, “{one.title}”"


def heading_before(brief: Brief | None, sentence: Sentence) -> str | None:
    """The heading that stands above a sentence, if one does."""
    parts = brief.parts if brief else ()
    return next((part.heading for part in parts if part.heading and part.first in sentence.citations), None)


def framed(answer: Answer) -> str:
    """What a summary was chosen from, what is later than it says, and what it leaves open, as HTML."""
    brief = answer.brief
    if brief is None:
        return ""
    later = "".join(_later(one) for one in brief.later)
    open_ = "".join(
        f'<li dir="auto"><strong>{text(point.about)}</strong>: {text(point.why)}</li>' for point in brief.open_points
    )
    return (
        f'<div class="brief"><p class="counts">{text(counts(answer, brief))}</p>'
        + (f'<h3 class="small-title">Later on the same</h3><ul class="later">{later}</ul>' if later else "")
        + (f'<h3 class="small-title">Open</h3><ul class="open">{open_}</ul>' if open_ else "")
        + "</div>"
    )


def _later(one: Later) -> str:
    title = ask_button(question_about(one.title), text(one.title), class_="later-title")
    return (
        f'<li dir="auto"><span class="why">[{one.number}] {SAYS[one.says]}:</span> {title} {date(one.date)}'
        f'<blockquote class="quote">{text(one.quote)}</blockquote></li>'
    )
