"""Entries cut into passages: what is embedded and searched, each with its field and character offsets."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from llama_index.core.node_parser import SentenceSplitter

from . import dates, sentences
from .models import AnyEntry, heading_of

PASSAGE_TOKENS = 200
"""The default embedder reads 256 tokens; the title and heading that stand before a passage need the rest."""

BY_LINE = frozenset({"key_takeaways"})
"""Fields that are lists joined with newlines: there a line is a sentence."""
_NO_BODY = {"title", "authors"}


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one field: `text` is exactly `field[start:end]`."""

    id: str  # "ENTRY#N": the entry, then the passage's place in it
    entry_id: str
    field: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: `start` and `end` count in the field, `passage` is the place of its passage in the index."""

    passage: int
    start: int
    end: int


class Chunker:
    """Cuts entries; `count` gives the tokens of a text as the embedder counts them."""

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
        """The passages of an entry in reading order; one with no body has its title as its only passage."""
        texts = entry.texts()
        body = {name: text for name, text in texts.items() if name not in _NO_BODY} or {"title": texts["title"]}
        number = 0
        for name, text in body.items():
            for start, end in self._pieces(text):
                yield Passage(f"{entry.id}#{number}", entry.id, name, start, end, text[start:end])
                number += 1

    def _pieces(self, text: str) -> Iterator[tuple[int, int]]:
        at = begun = 0
        for piece in self._splitter.split_text(text):
            # The splitter repeats what has no tokens (zero-width signs) at the start of the next piece, whatever the overlap.
            start = text.find(piece, at)
            end = (start if start >= 0 else text.index(piece, begun)) + len(piece)
            start = max(start, at)
            if start < end:
                yield start, end
            at, begun = end, start


def _with_gaps(text: str) -> list[str]:
    """The sentences of a text with the white space after each, so that joining them gives the text back."""
    starts = [start for start, _ in sentences.split(text)]
    bounds = [0, *starts[1:], len(text)] if starts else [0, len(text)]
    return [text[begin:end] for begin, end in pairwise(bounds)]


def sentences_of(passages: Iterable[Passage]) -> Iterator[Sentence]:
    """Every sentence of every passage, in order; offsets count in the field."""
    for place, passage in enumerate(passages):
        if passage.field == "title":
            continue
        for start, end in sentences.split(passage.text, by_line=passage.field in BY_LINE):
            yield Sentence(place, passage.start + start, passage.start + end)


def for_embedding(entry: AnyEntry, passage: Passage) -> str:
    """What the embedder reads: the passage with the title and heading that tell what it is about."""
    heading = heading_of(entry, passage.field)
    head = entry.title if heading is None else f"{entry.title}: {heading}"
    return passage.text if passage.field == "title" else f"{_ended(head)} {passage.text}"


def for_words(entry: AnyEntry, passage: Passage) -> str:
    """What word search reads: the same, with the date in words, the organisations, the topics and the source."""
    parts = [for_embedding(entry, passage), *entry.organisations, *(topic.replace("-", " ") for topic in entry.topics)]
    if entry.date:
        parts.append(dates.in_words(entry.date))
    parts += getattr(entry, "authors", ())
    source = getattr(entry, "source", None)
    if source:
        parts.append(source)
    return "\n".join(parts)


def _ended(head: str) -> str:
    return head if head.endswith((".", "?", "!", ":")) else f"{head}."
