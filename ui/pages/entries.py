"""The page of one entry: an event, a guide or a reading path."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from assistant.answer import Related
from assistant.export import bibliography
from index.models import AnyEntry, Event, Guide, Path
from ui import urls
from ui.chat.exports import FORMS

from . import entry_fields, json_ld
from .catalogue_view import CatalogueView
from .layout import PageMeta, SiteLinks, page

_MIN_GUIDES, _MIN_EVENTS = 3, 6
"""Related guides and events to show. Similar entries fill up the lists if fewer entries are linked."""
_MAX_RELATED = 12
"""Related entries of one kind that are shown with their text."""
_MAX_MORE_TITLES = 60
"""Further related entries, shown by title only."""


@dataclass(frozen=True, slots=True)
class _Reference:
    """A citation of the entry in one format."""

    label: str
    text: str
    address: str
    """Where the file can be downloaded."""
    file: str


@dataclass(frozen=True, slots=True)
class _PathStep:
    """The position of a guide on one reading path."""

    path: Path
    number: int
    count: int
    before: AnyEntry | None
    after: AnyEntry | None


def entry_page(
    entry: AnyEntry, view: CatalogueView, links: SiteLinks, today: date, similar: Sequence[Related] = ()
) -> str:
    """Render the page of an entry.

    Args:
        entry: The entry.
        view: The catalogue that it is from.
        links: Makes the links of the page.
        today: The day of access in citations.
        similar: Entries on the same subject that are not linked with this one, the most similar first.
    """
    steps = view.steps(entry) if isinstance(entry, Path) else []
    earlier, later = view.neighbours(entry)
    neighbours = [
        (rel, links.absolute(urls.entry(other.id))) for rel, other in (("prev", earlier), ("next", later)) if other
    ]
    guides, events, why = _related(entry, view, steps, similar)
    return page(
        "entry.html",
        title=entry.title,
        links=links,
        meta=PageMeta(
            description=entry_fields.brief(entry),
            path=urls.entry(entry.id),
            og_type="article",
            published=entry.date if isinstance(entry, Event) else None,
            json_ld=json_ld.described(entry, links, steps),
            neighbours=neighbours,
        ),
        catalogue=view.catalogue,
        entry=entry,
        steps=steps,
        path_steps=_path_steps(entry, view),
        earlier=earlier,
        later=later,
        related=(("guides", "Related guides", guides), ("events", "Related events", events)),
        why=why,
        authors=tuple(getattr(entry, "authors", ())),
        references=_references(entry, links, today),
        MAX_RELATED=_MAX_RELATED,
        MAX_MORE_TITLES=_MAX_MORE_TITLES,
    )


def _related(
    entry: AnyEntry, view: CatalogueView, steps: Sequence[AnyEntry], similar: Sequence[Related]
) -> tuple[list[AnyEntry], list[AnyEntry], dict[str, str]]:
    """Related guides, related events, and by id the reason why an entry that is not linked is related."""
    guides, events = view.linked(entry)
    shown = {other.id for other in (entry, *guides, *events, *steps)}
    by_id = view.catalogue.by_id
    candidates = [item for item in similar if item.entry_id in by_id and item.entry_id not in shown]
    others = [by_id[item.entry_id] for item in candidates]
    guides += [other for other in others if isinstance(other, Guide)][: max(0, _MIN_GUIDES - len(guides))]
    events += [other for other in others if isinstance(other, Event)][: max(0, _MIN_EVENTS - len(events))]
    return guides, events, {item.entry_id: item.why for item in candidates}


def _references(entry: AnyEntry, links: SiteLinks, today: date) -> list[_Reference]:
    return [
        _Reference(
            label=label,
            text=bibliography.render([entry], form, accessed=today).strip(),
            address=links.path(f"api/cite?{urlencode({'id': entry.id, 'as': form})}"),
            file=f"{entry.id}.{file.rpartition('.')[2]}",
        )
        for form, label, file, _ in FORMS
    ]


def _path_steps(entry: AnyEntry, view: CatalogueView) -> list[_PathStep]:
    """The position of a guide on each reading path that contains it."""
    if not isinstance(entry, Guide):
        return []
    path_steps = []
    for path in view.paths(entry):
        steps = view.steps(path)
        position = next(index for index, step in enumerate(steps) if step.id == entry.id)
        before = steps[position - 1] if position else None
        after = steps[position + 1] if position + 1 < len(steps) else None
        path_steps.append(_PathStep(path, position + 1, len(steps), before, after))
    return path_steps
