"""The forms in which an answer can be taken away, their file names, and their bytes."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from assistant.answer import Answer, Turn
from assistant.export import bibliography, receipt
from index.catalogue import Catalogue
from index.errors import QuestionError

from . import document
from .as_csv import as_csv
from .as_docx import as_docx
from .as_text import as_html, as_markdown

ExportForm = Literal["bibtex", "ris", "csl-json", "references", "markdown", "html", "docx", "csv", "receipt"]

_MAX_NAME_LENGTH = 60
_NOT_IN_NAME = re.compile(r"[^\w]+")
_MAX_SENTENCES, _MAX_CITATIONS, _MAX_TEXT = 3_000, 5_000, 400_000
"""Larger answers than the assistant gives are refused, because finding their paragraphs would take long."""


@dataclass(frozen=True, slots=True)
class FileType:
    """How one form is named and sent."""

    label: str
    ending: str
    """What follows the question in the file's name."""
    media_type: str


FILES: dict[ExportForm, FileType] = {
    "bibtex": FileType("BibTeX", "-references.bib", "application/x-bibtex"),
    "ris": FileType("RIS", "-references.ris", "application/x-research-info-systems"),
    "csl-json": FileType("CSL-JSON", "-references.json", "application/vnd.citationstyles.csl+json"),
    "references": FileType("Markdown", "-references.md", "text/markdown"),
    "markdown": FileType("Markdown", ".md", "text/markdown"),
    "html": FileType("HTML", ".html", "text/html"),
    "docx": FileType("Word", ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "csv": FileType("CSV", "-entries.csv", "text/csv"),
    "receipt": FileType("Receipt", ".receipt.json", "application/json"),
}
REFERENCE_FORMS: dict[ExportForm, bibliography.Form] = {
    "bibtex": "bibtex",
    "ris": "ris",
    "csl-json": "csl-json",
    "references": "markdown",
}


def file_name(question: str, form: ExportForm) -> str:
    """The name of a file, from the question: `what-is-rlhf-references.bib`."""
    words = _NOT_IN_NAME.sub("-", unicodedata.normalize("NFC", question).casefold()).strip("-_")
    short = words[:_MAX_NAME_LENGTH]
    if len(words) > _MAX_NAME_LENGTH and "-" in short:
        short = short.rpartition("-")[0]
    return f"{short.strip('-_') or 'answer'}{FILES[form].ending}"


def export(
    answer: Answer, form: ExportForm, catalogue: Catalogue, history: Sequence[Turn], today: date, site: str = ""
) -> bytes:
    """The bytes of one file.

    Args:
        answer: The answer, as the assistant gave it. It may be from an earlier state of the catalogue.
        form: The form.
        catalogue: The catalogue in use.
        history: The conversation before the question, for a receipt.
        today: The day of access in references.
        site: The public address of the server, for references to entries that have no address of their own.

    Raises:
        QuestionError: the answer is too large or not one of the assistant's; or a receipt is asked for, and the catalogue
            has changed.
    """
    if (
        len(answer.sentences) > _MAX_SENTENCES
        or max(len(answer.citations), len(answer.found)) > _MAX_CITATIONS
        or len(answer.text) > _MAX_TEXT
    ):
        raise QuestionError("this answer is too large for a file", hint="ask for a part of it")
    try:
        return _made(answer, form, catalogue, history, today, site)
    except (ValueError, IndexError) as error:
        hint = "send the answer exactly as `POST /api/ask` returned it"
        raise QuestionError(
            "this is not an answer of the assistant: a citation or a date in it is invalid", hint=hint
        ) from error


def _made(
    answer: Answer, form: ExportForm, catalogue: Catalogue, history: Sequence[Turn], today: date, site: str
) -> bytes:
    if form == "receipt":
        return _receipt(answer, catalogue, history, today).encode("utf-8")
    cited = document.cited_entries(answer, catalogue, site)
    if form in REFERENCE_FORMS:
        return bibliography.render(cited, REFERENCE_FORMS[form], accessed=today).encode("utf-8", "replace")
    if form == "csv":
        return as_csv(answer, cited, catalogue).encode("utf-8", "replace")
    made = document.make(answer, cited, today)
    if form == "docx":
        return as_docx(made, today)
    return (as_html(made) if form == "html" else as_markdown(made)).encode("utf-8", "replace")


def _receipt(answer: Answer, catalogue: Catalogue, history: Sequence[Turn], today: date) -> str:
    if catalogue.hash != answer.catalogue.hash or any(name not in catalogue.by_id for name in answer.cited):
        raise QuestionError(
            "the catalogue has changed since this answer was given, so it can have no receipt now",
            hint="ask the question again",
        )
    return receipt.in_json(receipt.make(answer, catalogue, history, made_on=today))
