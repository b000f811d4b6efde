"""Next questions, each tried before it is shown: a suggestion that has no answer is worse than none.

A trial must cite the entry that the question is about. Most are free: a question that a glossary or a guide's TL;DR answers
needs no search. Of those that do, few are tried for one answer, and what came out is remembered.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from assistant.answer import Citation, Related
from assistant.conversation.followup import short_title
from index import deadline
from index.catalogue import Catalogue, newest_first
from index.lexical import terms
from index.models import AnyEntry, Event, Guide, Level

MOST = 3
EXAMPLES = 6
SEARCHES = 2
"""Questions tried by a search for one answer: each takes as long as an answer does."""
_REMEMBERED = 5_000
_LONG = 70
"""Characters; a longer title makes a question that nobody would ask, and comes last."""
_NEW = re.compile(r"(?:Introducing|Announcing|Hello)\s+(?:the\s+)?", re.IGNORECASE)
_CASE = re.compile(r"\bv\.? ")


class Trials:
    """Which entries a question's answer cites, remembered; safe to use from several threads."""

    def __init__(self, define: Callable[[str], str | None], search: Callable[[str], frozenset[str]]) -> None:
        """Set up.

        Args:
            define: The entry that defines what a question asks about, if one does; costs next to nothing.
            search: The entries that a question's answer cites; costs a whole answer.
        """
        self._define = define
        self._search = search
        self._known: dict[str, frozenset[str]] = {}

    def free(self, question: str) -> frozenset[str] | None:
        """The entry that defines what is asked about; None where only a search can tell."""
        entry = self._define(question)
        return None if entry is None else frozenset((entry,))

    def cites(self, question: str) -> frozenset[str]:
        """The entries that the answer cites, none where there is no answer."""
        found = self._known.get(question)
        if found is None:
            free = self.free(question)
            found = self._search(question) if free is None else free
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[question] = found
        return found


def questions_for(entry: AnyEntry, catalogue: Catalogue) -> Iterator[str]:
    """Questions that an entry ought to answer, the most natural first."""
    name = short_title(entry)
    tail = entry.title.partition(": ")[2]
    if tail and sum(short_title(other) == name for other in catalogue.entries) > 1:
        # "Organisation profile: …" several times: what stands before the colon tells nothing.
        yield f"Tell me about {tail}"
        return
    bare = name.rstrip(".?! ")
    if isinstance(entry, Event):
        new = _NEW.sub("", bare) if _NEW.match(bare) else bare
        if _CASE.search(bare):
            yield f"What happened in {bare}?"
        elif len(new.split()) <= 3 and new[:1].isupper() and not entry.title.endswith("?"):
            yield f"What is {new}?"
        yield f"What is “{bare}” about?"
    elif len(bare.split()) <= 5:
        many = " and " in bare or (bare.endswith("s") and not bare.endswith(("ss", "is", "us")))
        yield f"What {'are' if many else 'is'} {_said(bare)}?"
    yield f"Tell me about {bare}"


def _said(name: str) -> str:
    return f"{name[0].lower()}{name[1:]}" if name[1:].islower() else name


def next_questions(
    catalogue: Catalogue,
    related: Sequence[Related],
    citations: Sequence[Citation],
    asked: Sequence[str],
    trials: Trials,
    *,
    level: Level = "intermediate",
    most: int = MOST,
) -> tuple[str, ...]:
    """Questions that lead on: the next step, what came later, a word to learn; none was asked before.

    Args:
        catalogue: The live catalogue.
        related: What goes with the answer, best first; where there is none, what was found.
        citations: What the answer rests on: words of the glossary in it may be asked about.
        asked: What was asked so far.
        trials: What tries a question.
        level: A beginner is led to guides and words first, an expert to events.
        most: How many at the most.
    """
    before = [set(terms(question)) for question in asked]
    searches = 0
    found: list[str] = []
    for about, questions in _candidates(catalogue, related, citations, level):
        if len(found) == most:
            break
        for question in questions:
            deadline.check()
            words = set(terms(question))
            if not words or any(words <= other for other in before):
                break  # asked already, in these words or in more of them
            cited = trials.free(question)
            if cited is None:
                # What is remembered counts too: an answer must not depend on what was asked before it.
                if searches == SEARCHES:
                    continue
                searches += 1
                cited = trials.cites(question)
            if about in cited:
                found.append(question)
                before.append(words)
                break
    return tuple(found)


def _candidates(
    catalogue: Catalogue, related: Sequence[Related], citations: Sequence[Citation], level: Level
) -> Iterator[tuple[str, Iterator[str]]]:
    """Entries and their questions, one of each sort in turn, so that the few taken are of several sorts."""
    by_id = catalogue.by_id
    steps = [one.entry_id for one in related if one.why.startswith(("start here", "next in", "step "))]
    guides = [one.entry_id for one in related if one.kind != "event" and one.entry_id not in steps]
    later = [one.entry_id for one in related if "later: " in one.why]
    events = [one.entry_id for one in related if one.kind == "event" and one.entry_id not in later]
    events.sort(key=lambda name: len(short_title(by_id[name])) > _LONG)
    entries: dict[str, list[tuple[str, Iterator[str]]]] = {
        name: [(entry, questions_for(by_id[entry], catalogue)) for entry in each]
        for name, each in (("guides", [*steps, *guides]), ("events", [*later, *events]))
    }
    entries["words"] = [(entry, iter((question,))) for entry, question in _words(catalogue, citations)]
    order = ("guides", "words", "events") if level == "beginner" else ("events", "guides", "words")
    if level == "intermediate":
        order = ("guides", "events", "words")
    rows = [entries[name] for name in order]
    for number in range(max(map(len, rows))):
        for row in rows:
            yield from row[number : number + 1]


def _words(catalogue: Catalogue, citations: Sequence[Citation]) -> Iterator[tuple[str, str]]:
    """Words of the glossary in what was quoted, as a question, with the guide that explains each."""
    said = " ".join(citation.quote for citation in citations if not citation.field.startswith("terms."))
    stems = set(terms(said))
    for entry in catalogue.entries:
        if not isinstance(entry, Guide):
            continue
        for term in entry.terms:
            name = re.sub(r"\s*\(.*?\)", "", term.term).strip()
            if stems.issuperset(terms(name)) and re.search(rf"(?<!\w){re.escape(name)}", said, re.IGNORECASE):
                yield entry.id, f"What does “{_said(name)}” mean?"


def nearest(found: Sequence[AnyEntry], *, most: int = 6) -> tuple[Related, ...]:
    """What was found, as what to ask about where there is no answer."""
    return tuple(Related(entry.id, entry.kind, entry.title, entry.date, "found") for entry in found[:most])


def examples(catalogue: Catalogue, own: Sequence[str], trials: Trials, *, most: int = EXAMPLES) -> tuple[str, ...]:
    """Questions to begin with: the owner's that are answered, then some about the best-linked entries of each kind."""
    found = [question for question in own if trials.cites(question)][:most]
    guides = [entry for entry in catalogue.entries if entry.kind == "guide"]
    guides.sort(key=lambda entry: (entry.level != "beginner", -len(catalogue.links[entry.id])))
    events = [entry for entry in newest_first(catalogue.entries) if entry.kind == "event"]
    events.sort(key=lambda entry: -(entry.importance or 0))
    best: list[AnyEntry] = [*guides[:4], *events[:8]]
    for entry in best:
        if len(found) >= most:
            break
        question = next((q for q in questions_for(entry, catalogue) if q not in found and trials.cites(q)), None)
        if question is not None:
            found.append(question)
    return tuple(found)
