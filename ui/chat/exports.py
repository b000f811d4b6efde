"""Buttons below a summary: its references in four formats, and its receipt."""

from collections.abc import Sequence
from datetime import date

from assistant.answer import Answer, Turn
from assistant.export import bibliography, receipt
from assistant.export.bibliography import Form
from index.catalogue import Catalogue
from ui.html import attributes, text

from .conversation import Exchange

FORMS: tuple[tuple[Form, str, str, str], ...] = (
    ("bibtex", "BibTeX", "references.bib", "application/x-bibtex"),
    ("ris", "RIS", "references.ris", "application/x-research-info-systems"),
    ("csl-json", "CSL-JSON", "references.json", "application/vnd.citationstyles.csl+json"),
    ("markdown", "Markdown", "references.md", "text/markdown"),
)


def menu(exchange: Exchange, catalogue: Catalogue, before: Sequence[Turn], today: date) -> str:
    """The buttons below a complete summary; empty for other answers.

    Args:
        exchange: The question and its answer.
        catalogue: The catalogue in use.
        before: The turns before the question.
        today: The day of access in the references.
    """
    answer = exchange.answer
    if answer is None or answer.brief is None or exchange.pending or exchange.stopped:
        return ""
    entries = [entry for name in answer.cited if (entry := catalogue.find(name)) is not None]
    rows = "".join(
        _row(label, file, kind, bibliography.render(entries, form, accessed=today)) for form, label, file, kind in FORMS
    )
    return (
        '<details class="keep"><summary class="tool">References</summary>'
        f'<ul class="forms">{rows}</ul></details>{_receipt(answer, catalogue, before, today)}'
    )


def _row(label: str, file: str, kind: str, words: str) -> str:
    copied = attributes(type="button", class_="tool", data_copy=words, aria_label=f"Copy as {label}")
    return f"<li><span>{text(label)}</span><button{copied}>Copy</button>{_save(file, kind, words, label)}</li>"


def _save(file: str, kind: str, words: str, label: str) -> str:
    named = attributes(
        type="button", class_="tool", data_save=file, data_type=kind, data_words=words, aria_label=f"Download {label}"
    )
    return f"<button{named}>Download</button>"


def _receipt(answer: Answer, catalogue: Catalogue, before: Sequence[Turn], today: date) -> str:
    if catalogue.hash != answer.catalogue.hash:
        return ""  # the catalogue has changed since the answer was made
    words = receipt.in_json(receipt.make(answer, catalogue, before, made_on=today))
    named = attributes(
        type="button",
        class_="tool",
        data_save="answer.receipt.json",
        data_type="application/json",
        data_words=words,
        title="Check it later with the command almanac replay",
    )
    return f"<button{named}>Receipt</button>"
