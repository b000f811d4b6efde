"""Answers a request to show one entry ("Show the entry “GPT-4”") with its title and its first sentences."""

import re
import time

from assistant.answering.composition import Piece, compose, title_piece
from assistant.answering.definitions import sentence_spans
from assistant.draft import Draft
from index.generation import Index
from index.models import AnyEntry

MAX_SENTENCES = 4
_REQUEST = re.compile(r"^\W*(?:show|open|quote|read)(?: me)? the entry “(?P<title>.+)”\W*$", re.IGNORECASE | re.DOTALL)


def request_for(title: str) -> str:
    """Return the request to show the entry with a title."""
    return f"Show the entry “{' '.join(title.split())}”"


def title_in(request: str) -> str | None:
    """Return the title of the entry that a request asks to show; None for any other question."""
    match = _REQUEST.match(request)
    return " ".join(match["title"].split()) if match else None


def opened(index: Index, request: str) -> Draft | None:
    """Return the title and the first sentences of the entry that a request names; None if there is no such entry."""
    began = time.perf_counter()
    title = title_in(request)
    entry = next((one for one in index.catalogue.entries if title and " ".join(one.title.split()) == title), None)
    if entry is None:
        return None
    text, sentences, citations = compose([title_piece(entry), *_first_sentences(index, entry)])
    return Draft(text, sentences, citations, 1.0, began, found=(entry.id,))


def _first_sentences(index: Index, entry: AnyEntry) -> list[Piece]:
    field = next((name for name in entry.texts() if name in {"summary", "tldr", "description"}), None)
    return [Piece(entry, field, *span) for span in sentence_spans(index, entry, field)[:MAX_SENTENCES]] if field else []
