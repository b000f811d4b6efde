"""Finds how the catalogue's guides define a thing: a glossary definition, or the summary of a guide about it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.generation import Index
from index.models import AnyEntry, Guide

_BRACKETS = re.compile(r"\(.*?\)")
_IN_BRACKETS = re.compile(r"\((.*?)\)")
_HEAD_END = re.compile(r":\s|\s[—–]\s")


@dataclass(frozen=True, slots=True)
class Definition:
    """Sentences that define a thing, as character ranges in one field of one entry."""

    entry: AnyEntry
    field: str
    spans: tuple[tuple[int, int], ...]


def define(index: Index, entry_ids: Sequence[str], is_subject: Callable[[str], bool]) -> Definition | None:
    """Find the definition of a subject.

    The TL;DR of a guide with the subject as its title comes first, then the definition of a glossary term.

    Args:
        index: The open index.
        entry_ids: Ids of the entries that the subject's name may refer to, best first.
        is_subject: Whether a text is the subject's name.
    """
    guides = [entry for name in entry_ids if isinstance(entry := index.catalogue.by_id.get(name), Guide)]
    for guide in guides:
        if any(map(is_subject, _names_of_guide(guide))):
            spans = sentence_spans(index, guide, "tldr")
            if spans:
                return Definition(guide, "tldr", spans)
    for guide in guides:
        for number, term in enumerate(guide.terms):
            if any(map(is_subject, _names_of_term(term.term))):
                field = f"terms.{number}.definition"
                spans = sentence_spans(index, guide, field)
                if spans:
                    return Definition(guide, field, spans)
    return None


def _names_of_guide(guide: Guide) -> tuple[str, ...]:
    """A guide's title, the parts of it that may be names themselves, and its id."""
    title = guide.title
    return (title, _BRACKETS.sub("", title), _HEAD_END.split(title)[0], *_IN_BRACKETS.findall(title), guide.id)


def _names_of_term(term: str) -> tuple[str, ...]:
    """The names of a glossary term: for "reward model (RM)", the whole term, "reward model" and "RM"."""
    return (term, _BRACKETS.sub("", term), *_IN_BRACKETS.findall(term))


def sentence_spans(index: Index, entry: AnyEntry, field: str) -> tuple[tuple[int, int], ...]:
    """The start and end of each sentence of a field, in order."""
    return tuple(
        (sentence.start, sentence.end)
        for place in index.passages_of.get(entry.id, ())
        if index.passages[place].field == field
        for sentence in (index.sentences[number] for number in index.sentences_of.get(place, ()))
    )
