"""Cut entries into passages, the units that are embedded and searched, each with its field and character offsets."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from llama_index.core.node_parser import SentenceSplitter

from . import dates, sentences
from .models import AnyEntry, heading_of

PASSAGE_TOKENS = 200
"""The default embedder reads 256 tokens; the title and heading in front of a passage need the rest."""

BY_LINE = frozenset({"key_takeaways"})
"""Fields that are lists joined with newlines; each line of them is a sentence."""
_NO_BODY = {"title", "authors"}


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one field: `text` is exactly `field[start:end]`."""

    id: str  # "ENTRY#N": the entry's id, then the number of the passage in the entry, from 0
    entry_id: str
    field: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: `start` and `end` are offsets in the field, `passage` is the position of its passage in the index."""

    passage: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class EntryQuestion:
    """A question from an entry's `questions`; `sentence` is the position of the nearest sentence, -1 if unknown."""

    entry_id: str
    text: str
    sentence: int


class Chunker:
    """Cuts entries into passages of at most `passage_tokens` tokens; `tokenize` gives the token ids of a text."""

    def __init__(self, tokenize: Callable[[str], list[int]], *, passage_tokens: int = PASSAGE_TOKENS) -> None:
        if passage_tokens < 16:
            raise ValueError(f"passage_tokens must be at least 16, got {passage_tokens}")
        self._splitter = SentenceSplitter(
            chunk_size=passage_tokens,
            chunk_overlap=0,
            tokenizer=tokenize,
            paragraph_separator="\n\n",
            chunking_tokenizer_fn=_with_gaps,
        )
        self._passage_tokens = passage_tokens
        self._tokenize = tokenize

    def passages(self, entry: AnyEntry) -> Iterator[Passage]:
        """The passages of an entry in reading order; an entry without a body has its title as its only passage."""
        texts = entry.texts()
        body = {name: text for name, text in texts.items() if name not in _NO_BODY} or {"title": texts["title"]}
        number = 0
        for name, text in body.items():
            for start, end in self._pieces(text):
                yield Passage(f"{entry.id}#{number}", entry.id, name, start, end, text[start:end])
                number += 1

    def _pieces(self, text: str) -> Iterator[tuple[int, int]]:
        previous_start = previous_end = 0
        for piece in self._splitter.split_text(text):
            # Even without overlap, the splitter repeats characters that have no tokens (zero-width signs) at the start
            # of the next piece. Such a piece begins before the end of the previous one, and is trimmed here.
            start = text.find(piece, previous_end)
            end = (start if start >= 0 else text.index(piece, previous_start)) + len(piece)
            start = max(start, previous_end)
            if start < end:
                yield start, end
            previous_start, previous_end = start, end


def _with_gaps(text: str) -> list[str]:
    """The sentences of a text, each with the white space after it, so that joining them restores the text."""
    starts = [start for start, _ in sentences.split(text)]
    bounds = [0, *starts[1:], len(text)] if starts else [0, len(text)]
    return [text[begin:end] for begin, end in pairwise(bounds)]


def sentences_of(passages: Iterable[Passage]) -> Iterator[Sentence]:
    """Every sentence of every passage, in order; passages that are titles have none."""
    for place, passage in enumerate(passages):
        if passage.field == "title":
            continue
        for start, end in sentences.split(passage.text, by_line=passage.field in BY_LINE):
            yield Sentence(place, passage.start + start, passage.start + end)


def for_embedding(entry: AnyEntry, passage: Passage) -> str:
    """The text to embed for a passage: the title of its entry and its heading, then the passage."""
    heading = heading_of(entry, passage.field)
    head = entry.title if heading is None else f"{entry.title}: {heading}"
    return passage.text if passage.field == "title" else f"{_with_full_stop(head)} {passage.text}"


def for_words(entry: AnyEntry, passage: Passage) -> str:
    """The text that word search indexes for a passage: `for_embedding` plus organisations, topics, date, authors, source."""
    parts = [for_embedding(entry, passage), *entry.organisations, *(topic.replace("-", " ") for topic in entry.topics)]
    if entry.date:
        parts.append(dates.in_words(entry.date))
    parts += getattr(entry, "authors", ())
    source = getattr(entry, "source", None)
    if source:
        parts.append(source)
    return "\n".join(parts)


def _with_full_stop(head: str) -> str:
    return head if head.endswith((".", "?", "!", ":")) else f"{head}."
