"""The page of one entry: an event, a guide or a reading path."""

from collections.abc import Sequence
from datetime import date as day

from assistant.answer import Related
from index.models import AnyEntry, Event, Guide, Path
from ui import urls
from ui.html import text

from . import json_ld, parts
from .catalogue_orders import Shelf
from .layout import About, Place, page, paragraphs

_GUIDES, _EVENTS = 3, 6
"""So many related guides and events are shown even where fewer are linked."""


def entry_page(entry: AnyEntry, shelf: Shelf, place: Place, today: day, near: Sequence[Related] = ()) -> str:
    """The page, whole; `near` are entries that go with it though nothing links them, best first."""
    steps = shelf.steps(entry) if isinstance(entry, Path) else []
    earlier, later = shelf.around(entry)
    links = [(rel, place.out(urls.entry(one.id))) for rel, one in (("prev", earlier), ("next", later)) if one]
    about = About(
        description=parts.brief(entry),
        path=urls.entry(entry.id),
        kind="article",
        published=entry.date if isinstance(entry, Event) else None,
        linked=json_ld.described(entry, place, steps),
        links=links,
    )
    if isinstance(entry, Event):
        body, beside = _event(entry), ""
    elif isinstance(entry, Guide):
        body, beside = _guide(entry, shelf, place), _contents(entry)
    else:
        body, beside = _path(entry, steps, place), ""
    guides, events = shelf.linked(entry)
    shown = {one.id for one in (entry, *guides, *events, *steps)}
    found = [(shelf.catalogue.by_id[one.entry_id], one.why) for one in near if one.entry_id in shelf.catalogue.by_id]
    found = [(one, why) for one, why in found if one.id not in shown]
    guides += [one for one, _ in found if isinstance(one, Guide)][: max(0, _GUIDES - len(guides))]
    events += [one for one, _ in found if isinstance(one, Event)][: max(0, _EVENTS - len(events))]
    beyond = parts.related(guides, events, place, {one.id: why for one, why in found})
    turn = parts.turn((("prev", "Before this", earlier), ("next", "After this", later)), place, "Events in time")
    return page(
        entry.title,
        f'<article class="entry" data-kind="{entry.kind}">{parts.crumbs(entry, place)}{parts.head(entry, place)}'
        f'<div class="columns">{body}{parts.facts(entry, place, today, beside)}</div></article>{beyond}{turn}',
        place=place,
        about=about,
        catalogue=shelf.catalogue,
    )


def _event(event: Event) -> str:
    return f'<div class="text">{paragraphs(event.summary, class_="prose", id="summary")}</div>'


def _guide(guide: Guide, shelf: Shelf, place: Place) -> str:
    takeaways = "".join(f'<li dir="auto">{text(one)}</li>' for one in guide.key_takeaways)
    listed = (
        f'<section class="takeaways" aria-labelledby="takeaways"><h2 id="takeaways">Key takeaways</h2>'
        f'<ul id="key_takeaways">{takeaways}</ul></section>'
    )
    sections = "".join(
        f'<section class="section" id="section-{number}"><h2 dir="auto">{text(section.heading)}</h2>'
        f"{paragraphs(section.text, class_='prose', id=f'sections.{number}.text')}</section>"
        for number, section in enumerate(guide.sections)
    )
    return (
        f'<div class="text"><section class="short" aria-labelledby="short"><h2 id="short">In short</h2>'
        f"{paragraphs(guide.tldr, class_='prose', id='tldr')}</section>"
        f"{listed if takeaways else ''}{sections}{_glossary(guide)}{_on_paths(guide, shelf, place)}</div>"
    )


def _contents(guide: Guide) -> str:
    links = "".join(
        f'<li><a href="#section-{number}" dir="auto">{text(section.heading)}</a></li>'
        for number, section in enumerate(guide.sections)
    )
    glossary = '<li><a href="#glossary">Glossary</a></li>' if guide.terms else ""
    if not links and not glossary:
        return ""
    return f'<nav class="contents" aria-labelledby="contents"><h2 id="contents">Contents</h2><ol>{links}{glossary}</ol></nav>'


def _glossary(guide: Guide) -> str:
    if not guide.terms:
        return ""
    rows = "".join(
        f'<div><dt dir="auto">{text(one.term)}</dt><dd id="terms.{number}.definition" dir="auto">'
        f"{text(one.definition)}</dd></div>"
        for number, one in enumerate(guide.terms)
    )
    return f'<section class="glossary" id="glossary"><h2>Glossary</h2><dl>{rows}</dl></section>'


def _on_paths(guide: Guide, shelf: Shelf, place: Place) -> str:
    found = []
    for path in shelf.paths(guide):
        steps = shelf.steps(path)
        at = next(number for number, step in enumerate(steps) if step.id == guide.id)
        before = steps[at - 1] if at else None
        after = steps[at + 1] if at + 1 < len(steps) else None
        turn = parts.turn((("prev", "Previous", before), ("next", "Next", after)), place, f"Steps of {path.title}")
        found.append(
            f'<section class="on-path"><h3 dir="auto"><a href="{place.entry(path.id)}">{text(path.title)}</a></h3>'
            f'<p class="step-of">Step {at + 1} of {len(steps)}</p>{turn}</section>'
        )
    if not found:
        return ""
    return f'<section class="on-paths"><h2>On the reading path{"s" if len(found) > 1 else ""}</h2>{"".join(found)}</section>'


def _path(path: Path, steps: list[AnyEntry], place: Place) -> str:
    rows = "".join(
        f'<li><div><p class="item-meta">{_level(step)}</p>'
        f'<h3 class="item-title" dir="auto"><a href="{place.entry(step.id)}">{text(step.title)}</a></h3>'
        f'<p class="item-text" dir="auto">{text(parts.brief(step))}</p></div></li>'
        for step in steps
    )
    first = (
        f'<p class="onward"><a class="primary" href="{place.entry(steps[0].id)}">Begin with step 1</a></p>'
        if steps
        else ""
    )
    listed = f'<section class="steps-of" aria-labelledby="steps"><h2 id="steps">Steps</h2><ol class="steps">{rows}</ol></section>'
    return (
        f'<div class="text">{paragraphs(path.description, class_="prose", id="description")}{first}'
        f"{listed if rows else ''}</div>"
    )


def _level(step: AnyEntry) -> str:
    return (
        f'<span class="level">{text(step.level.capitalize())}</span>'
        if not isinstance(step, Event) and step.level
        else ""
    )
