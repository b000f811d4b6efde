"""Where suggestions come from: people, things and words in the quoted sentences, related entries, and what came later."""

import re
from collections.abc import Iterator, Sequence

from assistant.answer import Citation
from assistant.answering.names.named_things import NamedThings
from assistant.conversation.followup import short_title
from assistant.understanding.titles import name_of
from assistant.understanding.vocabulary import names_in
from index import dates
from index.catalogue import Catalogue
from index.lexical import STOPWORDS, fold, terms
from index.models import AnyEntry, Event, Guide, Level

from .related_candidates import RelatedEntry, RelatedReason
from .suggestion_wording import lower_first, may_be_thing, questions_for

Candidate = tuple[str | None, Sequence[str]]
"""The id of the entry that a question has to cite, or None for any entry not quoted yet, and questions, best first."""

_MAX_NAMES = 4
"""Names in the quoted sentences that are asked about, per kind."""
_MIN_LETTERS = 3
_MIN_TELLING_LETTERS = 9
"""A shorter single word of a glossary ("debate") may be an everyday word where it is quoted."""
_MIN_SHARED_WORDS = 2
"""A title is asked about ("What is “…” about?") only if the answer has at least this many of its words."""
_MAX_COMPANY_WORDS = 2
_PUBLIC_BODY = re.compile(
    r"\b(?:Government|Court|State|University|Department|House|Parliament|Council|Commission|Ministry|Congress|Institute|of|for)\b"
)
_FAR = 2
_PROFILE = re.compile(r"^[\w ]*[Pp]rofile: ")
_STEP_REASONS = frozenset({RelatedReason.START_HERE, RelatedReason.NEXT_STEP, RelatedReason.STEP})
_NEAR_REASONS = frozenset({RelatedReason.LINKED, RelatedReason.FOUND})
_LIMITS = re.compile(r"\b(?:limits|criticisms?|weaknesses|fall short)\b", re.IGNORECASE)
_DEFINED = re.compile(r"^(?P<subject>(?:An? |The )?[^,.;:]{2,50}?),?(?: or [^,]+,)? (?P<verb>is|are|means)\b")


def people(citations: Sequence[Citation], named_things: NamedThings) -> Iterator[Candidate]:
    """Yield a question about each person in the quoted sentences, those that are named in other entries first."""
    occurrences = named_things.occurrences
    named: dict[str, int] = {}
    for citation in citations:
        for name, _ in occurrences.people_in(citation.quote):
            entries = {one.entry.id for one in occurrences.of(name_of(name))} - {one.entry_id for one in citations}
            named[name] = len(entries)
    known = sorted((name for name, times in named.items() if times), key=lambda name: -named[name])
    for name in known[:_MAX_NAMES]:
        yield None, (f"Who is {name}?",)


def things(citations: Sequence[Citation], named_things: NamedThings, asked: Sequence[str]) -> Iterator[Candidate]:
    """Yield a question about each product, method or organisation in the quoted sentences, organisations last."""
    found: dict[str, str] = {}
    for citation in citations:
        for run, start, at_start in names_in(citation.quote) if not citation.field.startswith("terms.") else ():
            name = re.sub(r"['’]s$", "", run)
            words = name.split()
            is_version = words[-1][0].isdigit()
            is_plain = len(words) == 1 and (at_start or fold(name) in STOPWORDS)
            is_other = (
                is_plain or words[0].isdigit() or words[0] in dates.MONTHS or len(words[-1]) < _MIN_LETTERS - is_version
            )
            if (
                not is_other
                and may_be_thing(name)
                and len(words) <= _MAX_NAMES
                and not named_things.occurrences.people_in(name)
            ):
                is_whole = citation.quote[start + len(run) :][:1] in {",", ".", ";", ":", ")"}
                has_article = (
                    (is_whole or len(words) > 1) and not name.isupper() and citation.quote[:start].endswith("the ")
                )
                found.setdefault(name, "the " if has_article else "")
    explained = [name for name in list(found)[: 2 * _MAX_NAMES] if named_things.is_explained(name_of(name))]
    initials = {"".join(word[0] for word in fold(question).split()) for question in asked}
    explained = [name for name in explained if not any(fold(name) in other for other in initials)]
    explained = [name for name in explained if not named_things.has_profile(name_of(name))]
    for name in sorted(explained, key=lambda name: named_things.is_organisation(name_of(name))):
        yield None, (f"What is {found[name]}{name}?",)


def words(catalogue: Catalogue, citations: Sequence[Citation], level: Level) -> Iterator[Candidate]:
    """Yield a question for each glossary word in the quotations, the longest words first; short ones only for a beginner."""
    quotes = " ".join(citation.quote for citation in citations if not citation.field.startswith("terms."))
    stems = set(terms(quotes))
    found: list[tuple[int, str, str]] = []
    for entry in catalogue.entries:
        for term in entry.terms if isinstance(entry, Guide) else ():
            name = re.sub(r"\s*\(.*?\)", "", term.term).strip()
            is_plain = " " not in name and len(name) < _MIN_TELLING_LETTERS and name.islower()
            if is_plain and level != "beginner":
                continue  # "debate" and "proxy" are everyday words, too
            if stems.issuperset(terms(name)) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", quotes, re.IGNORECASE):
                found.append((-len(name.split()), entry.id, _what_word(name, term.definition)))
    for _, entry_id, question in sorted(found, key=lambda item: item[0]):
        yield entry_id, (question,)


def _what_word(name: str, definition: str) -> str:
    """The question what a word means, with the article that its definition gives it: "What is a context window?"."""
    match = _DEFINED.match(definition)
    subject = match["subject"] if match else ""
    if match is None or name.casefold() not in subject.casefold() or len(subject.split()) > len(name.split()) + 1:
        return f"What does “{lower_first(name)}” mean?"
    article, _, rest = subject.partition(" ")
    if article in {"A", "An", "The"} and rest:
        subject = f"{article.lower()} {lower_first(rest)}"
    else:
        subject = lower_first(subject)
    return f"What are {subject}?" if match["verb"] == "are" else f"What is {subject}?"


def guides(
    related: Sequence[RelatedEntry], catalogue: Catalogue, citations: Sequence[Citation], level: Level
) -> tuple[list[Candidate], list[Candidate]]:
    """Return the guides to read next, and those that are only linked.

    The first are guides on what the quoted sentences speak of, and for a beginner the steps of reading paths.
    """
    stems = {term for citation in citations for term in terms(citation.quote)}
    held = [(item, catalogue.by_id[item.entry_id]) for item in related if item.kind != "event"]

    def rank(item: RelatedEntry, guide: AnyEntry) -> int | None:
        tail = guide.title.partition(": ")[2]
        is_told = bool(stems) and stems.issuperset(terms(tail if _PROFILE.match(guide.title) else short_title(guide)))
        if _PROFILE.match(guide.title):
            return 1 if is_told else None
        if item.reason in _STEP_REASONS:
            return 0 if level == "beginner" else _FAR
        if is_told or item.reason is RelatedReason.FOUND:
            return 1
        return _FAR if item.reason in _NEAR_REASONS else None

    ranked = [(place, guide) for item, guide in held if (place := rank(item, guide)) is not None]
    ranked = sorted(
        (pair for pair in ranked if isinstance(pair[1], Guide) or level == "beginner"), key=lambda pair: pair[0]
    )
    asked = [(place, (guide.id, tuple(questions_for(guide, catalogue)))) for place, guide in ranked]
    return [one for place, one in asked if place < _FAR], [one for place, one in asked if place == _FAR]


def events(
    related: Sequence[RelatedEntry], catalogue: Catalogue, citations: Sequence[Citation], asked: Sequence[str]
) -> Iterator[Candidate]:
    """Yield the events that continue the answer, then linked events; others only if there are none of these."""
    held = [item for item in related if item.kind == "event"]
    near = [item for item in held if item.is_later or item.reason in _NEAR_REASONS] or held
    told = {term for text in (*asked, *(one.quote for one in citations)) for term in terms(text)}
    for item in sorted(near, key=lambda item: not item.is_later):
        entry = catalogue.by_id[item.entry_id]
        is_told = len(told.intersection(terms(short_title(entry)))) >= _MIN_SHARED_WORDS
        yield (
            entry.id,
            tuple(text for text in questions_for(entry, catalogue) if is_told or not text.startswith("What is “")),
        )


def found(related: Sequence[RelatedEntry], catalogue: Catalogue) -> Iterator[Candidate]:
    """Yield the entries found for a question without an answer, best first."""
    for item in related:
        yield item.entry_id, tuple(questions_for(catalogue.by_id[item.entry_id], catalogue))


def limits(cited: Sequence[AnyEntry]) -> Iterator[Candidate]:
    """Yield a question about the limits of what a quoted guide explains, if the guide has a section on them."""
    for entry in cited[:1]:
        if isinstance(entry, Guide) and any(_LIMITS.search(section.heading) for section in entry.sections):
            short = re.search(r"\(([A-Z][\w-]+)\)", entry.title)
            name = short[1] if short else lower_first(short_title(entry))
            if len(name.split()) <= 4 and "profile" not in name:
                yield entry.id, (f"What are the limits of {name}?",)


def later(cited: Sequence[AnyEntry], asked: Sequence[str]) -> Iterator[Candidate]:
    """Yield a question for what the organisation of the first quoted event did next, if either was asked about."""
    event = next(iter(cited), None)
    if not isinstance(event, Event) or event.date is None or len(event.organisations) != 1:
        return
    name = event.organisations[0]
    stems = {term for question in asked for term in terms(question)}
    if not any(stems.issuperset(terms(text)) for text in (name, short_title(event))):
        return
    if len(name.split()) <= _MAX_COMPANY_WORDS and not _PUBLIC_BODY.search(name):
        yield None, (f"What happened at {name} after {dates.in_words(event.date[:7])}?",)
