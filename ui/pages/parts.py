"""The parts that pages of different kinds share: facts, references, lists of entries."""

from collections.abc import Mapping, Sequence
from datetime import date as day
from urllib.parse import urlencode

from assistant.export import bibliography
from index.models import AnyEntry, Event, Guide
from ui.chat.exports import FORMS
from ui.html import KIND_NAMES, about, attributes, badge, date, out_link, text

from .layout import Place, cut

SUMMARY = 320
"""Characters of another entry's text that a list shows."""
MOST = 12
"""Entries of one list on an entry's page: it stays a page however much is linked with it."""
MOST_TITLES = 60
"""Further ones, of which only the titles are listed."""
KINDS = {"event": "Events", "guide": "Guides", "path": "Reading paths"}


def browse(place: Place, **wanted: str) -> str:
    """A link to the entries that have something in common."""
    return place.to(f"browse?{urlencode(wanted)}" if wanted else "browse")


def ask(place: Place, question: str) -> str:
    """A link to the chat, which asks the question."""
    return place.to(f"?{urlencode({'ask': question})}")


def crumbs(entry: AnyEntry, place: Place) -> str:
    """The way back to the entries of this kind."""
    return (
        f'<nav class="crumbs" aria-label="Breadcrumb"><a href="{browse(place)}">Almanac</a>'
        f'<span aria-hidden="true">/</span><a href="{browse(place, kind=entry.kind)}">{KINDS[entry.kind]}</a></nav>'
    )


def head(entry: AnyEntry, place: Place) -> str:
    """The title with what stands over and under it."""
    level = (
        ""
        if isinstance(entry, Event) or not entry.level
        else f'<span class="level">{text(entry.level.capitalize())}</span>'
    )
    names = ", ".join(
        f'<a href="{text(browse(place, organisation=name))}">{text(name)}</a>' for name in entry.organisations
    )
    by = f'<p class="by" dir="auto">{names}</p>' if names else ""
    return (
        f'<header class="entry-head"><p class="kicker">{badge(entry.kind)}{level}{date(entry.date)}</p>'
        f'<h1 id="title" dir="auto">{text(entry.title)}</h1>{by}</header>'
    )


def facts(entry: AnyEntry, place: Place, today: day, more: str = "") -> str:
    """The column beside the text: asking, where it comes from, what it is about, how to cite it."""
    rows = [
        ("Authors", _authors(entry)),
        ("Source", _source(entry)),
        ("Importance", _importance(entry)),
        ("Topics", _topics(entry, place)),
    ]
    told = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in rows if value)
    asking = f'<p class="asks"><a class="primary" href="{text(ask(place, about(entry.title)))}">Ask about this</a></p>'
    listed = f'<dl class="facts">{told}</dl>' if told else ""
    return (
        f'<aside class="beside" aria-label="About this entry">{asking}{more}{listed}{_references(entry, place, today)}'
        "</aside>"
    )


def _source(entry: AnyEntry) -> str:
    named = f'<cite dir="auto">{text(entry.source)}</cite>' if entry.source else ""
    link = out_link(entry.url, entry.title)
    return "<br>".join(part for part in (named, link) if part)


def _authors(entry: AnyEntry) -> str:
    """The authors, to whom an answer's citations may lead."""
    names = ", ".join(text(name) for name in getattr(entry, "authors", ()))
    return f'<span id="authors" dir="auto">{names}</span>' if names else ""


def _importance(entry: AnyEntry) -> str:
    if not isinstance(entry, Event) or entry.importance is None:
        return ""
    pips = "".join(f"<i{' class=on' if number < entry.importance else ''}></i>" for number in range(10))
    return f'<span class="pips" aria-hidden="true">{pips}</span> {entry.importance} of 10'


def _topics(entry: AnyEntry, place: Place) -> str:
    links = "".join(
        f'<li><a href="{text(browse(place, topic=topic))}">{text(topic.replace("-", " "))}</a></li>'
        for topic in entry.topics
    )
    return f'<ul class="topics">{links}</ul>' if links else ""


def _references(entry: AnyEntry, place: Place, today: day) -> str:
    forms = "".join(
        f'<details name="reference"><summary>{label}</summary>'
        f'<pre dir="ltr" tabindex="0">{text(bibliography.render([entry], form, accessed=today).strip())}</pre>'
        f'<p class="reference-foot"><a{_download(entry, place, form, file)}>Download</a></p></details>'
        for form, label, file, _ in FORMS
    )
    return f'<section class="references" aria-labelledby="cite"><h2 id="cite">Cite this entry</h2>{forms}</section>'


def _download(entry: AnyEntry, place: Place, form: str, file: str) -> str:
    address = place.to(f"api/cite?{urlencode({'id': entry.id, 'as': form})}")
    return attributes(href=address, download=f"{entry.id}.{file.rpartition('.')[2]}")


def brief(entry: AnyEntry) -> str:
    """What an entry is about, in the words that a list has room for."""
    words = entry.summary if isinstance(entry, Event) else entry.tldr if isinstance(entry, Guide) else entry.description
    return cut(words, SUMMARY)


def item(entry: AnyEntry, place: Place, *, with_kind: bool = False, why: str = "") -> str:
    """One entry of a list, with its date in a column of its own; `why` it is in the list where that is not plain."""
    when = date(entry.date) or f'<span class="undated">{text(_undated(entry))}</span>'
    names = cut(", ".join(entry.organisations), 120)
    kind = badge(entry.kind) if with_kind else ""
    by = f'<span class="item-by" dir="auto">{text(names)}</span>' if names else ""
    reason = f'<span class="why" dir="auto">{text(why)}</span>' if why else ""
    meta = f'<p class="item-meta">{kind}{by}{reason}</p>' if kind or by or why else ""
    said = brief(entry)
    shown = f'<p class="item-text" dir="auto">{text(said)}</p>' if said else ""
    return (
        f'<li class="item"><p class="item-date">{when}</p><div class="item-body">'
        f'<h3 class="item-title" dir="auto"><a href="{place.entry(entry.id)}">{text(entry.title)}</a></h3>'
        f"{meta}{shown}</div></li>"
    )


def _undated(entry: AnyEntry) -> str:
    if isinstance(entry, Event):
        return "No date"
    return entry.level.capitalize() if entry.level else KIND_NAMES[entry.kind]


def related(guides: Sequence[AnyEntry], events: Sequence[AnyEntry], place: Place, why: Mapping[str, str]) -> str:
    """What goes with an entry: guides to understand it by, events it belongs with; what is not linked says why."""
    return "".join(
        f'<section class="related" aria-labelledby="{name}"><h2 id="{name}">{title} '
        f'<span class="count">({len(listed):,})</span></h2>'
        f'<ul class="items">{"".join(item(one, place, why=why.get(one.id, "")) for one in listed[:MOST])}</ul>'
        f"{_rest(listed[MOST:], place)}</section>"
        for name, title, listed in (("guides", "Related guides", guides), ("events", "Related events", events))
        if listed
    )


def _rest(listed: Sequence[AnyEntry], place: Place) -> str:
    if not listed:
        return ""
    links = "".join(
        f'<li dir="auto"><a href="{place.entry(one.id)}">{text(cut(one.title, 120))}</a> {date(one.date)}</li>'
        for one in listed[:MOST_TITLES]
    )
    return f'<details class="rest"><summary>{len(listed):,} more</summary><ul>{links}</ul></details>'


def turn(sides: Sequence[tuple[str, str, AnyEntry | None]], place: Place, label: str) -> str:
    """Links to what stands before and after; each side with its `rel`, its name and its entry."""
    links = "".join(
        f'<a class="{rel}" rel="{rel}" href="{place.entry(entry.id)}"><span class="turn-name">{text(name)}</span>'
        f'<span class="turn-title" dir="auto">{text(cut(entry.title, 120))}</span></a>'
        for rel, name, entry in sides
        if entry is not None
    )
    return f'<nav class="turn"{attributes(aria_label=label)}>{links}</nav>' if links else ""
