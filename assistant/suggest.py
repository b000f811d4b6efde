"""Next questions, each tried before it is shown: a suggestion that has no answer is worse than none."""

from collections.abc import Callable, Iterator, Sequence

from index.catalogue import Catalogue, newest_first
from index.models import AnyEntry, Guide

from .followup import short_title
from .types import Related

MOST = 3
EXAMPLES = 6


def questions_for(entry: AnyEntry, catalogue: Catalogue) -> Iterator[str]:
    """Questions that an entry ought to answer."""
    name = short_title(entry)
    if sum(short_title(other) == name for other in catalogue.entries) > 1:
        # "Organisation profile: …" several times: what stands before the colon tells nothing.
        name = entry.title.partition(": ")[2] or entry.title
        yield f"Tell me about {name}"
        return
    if isinstance(entry, Guide) and len(name.split()) <= 5:
        plural = name.rstrip().endswith("s") and not name.endswith(("ss", "is", "us"))
        said = f"{name[0].lower()}{name[1:]}" if name[1:].islower() else name
        yield f"What {'are' if plural else 'is'} {said}?"
    yield f"Tell me about {name}"


def next_questions(
    catalogue: Catalogue,
    related: Sequence[Related],
    asked: Sequence[str],
    answers: Callable[[str], bool],
    *,
    most: int = MOST,
) -> tuple[str, ...]:
    """Questions about related entries that are answered and were not asked before; guides come first."""
    before = {_bare(question) for question in asked}
    names = sorted(related, key=lambda one: one.kind != "guide")
    found: list[str] = []
    for one in names:
        if len(found) == most:
            break
        question = next(
            (
                q
                for q in questions_for(catalogue.by_id[one.entry_id], catalogue)
                if _bare(q) not in before and answers(q)
            ),
            None,
        )
        if question is not None and question not in found:
            found.append(question)
    return tuple(found)


def examples(
    catalogue: Catalogue, own: Sequence[str], answers: Callable[[str], bool], *, most: int = EXAMPLES
) -> tuple[str, ...]:
    """Questions to begin with: the owner's that are answered, then some about the best-linked entries of each kind."""
    found = [question for question in own if answers(question)][:most]
    guides = [entry for entry in catalogue.entries if entry.kind == "guide"]
    guides.sort(key=lambda entry: (entry.level != "beginner", -len(catalogue.links[entry.id])))
    events = [entry for entry in newest_first(catalogue.entries) if entry.kind == "event"]
    events.sort(key=lambda entry: -(entry.importance or 0))
    best: list[AnyEntry] = [*guides[:4], *events[:8]]
    for entry in best:
        if len(found) >= most:
            break
        question = next((q for q in questions_for(entry, catalogue) if q not in found and answers(q)), None)
        if question is not None:
            found.append(question)
    return tuple(found)


def _bare(question: str) -> str:
    return "".join(character for character in question.casefold() if character.isalnum())
