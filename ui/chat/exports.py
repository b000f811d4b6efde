"""The menu below an answer with which it is taken away: references, the whole answer, its entries, its receipt.

The files are made by `POST /api/export` from the answer that the page holds; `export.js` asks for them.
"""

from pydantic import TypeAdapter

from assistant.answer import Answer
from assistant.export.bibliography import Form
from ui.export.files import FILES, REFERENCE_FORMS, ExportForm, file_name
from ui.html import attributes, text

from .conversation import Exchange

FORMS: tuple[tuple[Form, str, str, str], ...] = tuple(
    (form, FILES[name].label, f"references{FILES[name].ending.removeprefix('-references')}", FILES[name].media_type)
    for name, form in REFERENCE_FORMS.items()
)
"""Form, label, name of the file and media type of references to entries."""
_ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)
_WHOLE: tuple[ExportForm, ...] = ("docx", "markdown", "html")


def menu(exchange: Exchange) -> str:
    """The menu below a complete answer with sources; empty for other answers."""
    answer = exchange.answer
    if answer is None or not answer.citations:
        return ""
    references = "".join(_reference_row(answer, form) for form in REFERENCE_FORMS)
    whole = "".join(f"<li>{_download(answer, form)}</li>" for form in _WHOLE)
    printing = attributes(type="button", class_="tool", data_print="")
    return (
        '<details class="keep"><summary class="tool">Export</summary><div class="forms">'
        f'<h3>References</h3><ul class="references">{references}</ul>'
        f"<h3>Whole answer</h3><ul>{whole}<li><button{printing}>Print</button></li></ul>"
        f"<h3>Entries</h3><ul><li>{_download(answer, 'csv')}</li></ul>"
        f"<p>A table of the entries: the cited ones{_considered(answer)}.</p>"
        f"<h3>Check later</h3><ul><li>{_download(answer, 'receipt')}</li></ul>"
        "<p>A receipt holds the question and the place of each quotation. <code>almanac replay FILE</code> says later "
        "which of them have changed, and which entries are new.</p></div></details>"
    )


def kept(answer: Answer) -> str:
    """The answer as JSON in an inert element, for the page's scripts."""
    return f'<template class="answer-data">{text(_ANSWER.dump_json(answer).decode())}</template>'


def _considered(answer: Answer) -> str:
    return ", and those that were considered and not used" if set(answer.found) - set(answer.cited) else ""


def _reference_row(answer: Answer, form: ExportForm) -> str:
    label = FILES[form].label
    copied = attributes(
        type="button", class_="tool", data_export=form, data_copied="", aria_label=f"Copy references as {label}"
    )
    saved = attributes(
        type="button",
        class_="tool",
        data_export=form,
        data_file=file_name(answer.question, form),
        aria_label=f"Download references as {label}",
    )
    return f"<li><span>{text(label)}</span><button{copied}>Copy</button><button{saved}>Download</button></li>"


def _download(answer: Answer, form: ExportForm) -> str:
    named = attributes(
        type="button", class_="tool", data_export=form, data_file=file_name(answer.question, form), title="Download"
    )
    return f"<button{named}>{text(FILES[form].label)}</button>"
