"""`/answers/{id}`: a shared answer as it was given, and what of it no longer stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.answer import Answer, Citation, Sentence
from assistant.export.changes_since import Since
from index import dates
from index.catalogue import Catalogue
from index.models import AnyEntry, heading_of
from ui import urls
from ui.chat.brief_text import SAYS, counts, heading_before
from ui.chat.layout import Block, after, blocks, runs
from ui.html import attributes, badge, date, out_link, plural, text
from ui.storage.storage import Shared

from . import parts
from .answer_again import note
from .layout import About, Place, cut, page

Standing = Literal["stands", "changed", "gone"]
PER_PAGE = 150
"""Paragraphs, or items of a list, on one page."""
_LONG = 12
_SAYS: dict[Standing, str] = {"changed": "Changed since", "gone": "No longer in the catalogue", "stands": ""}
_FIELDS = {"title": "Title", "tldr": "In short", "key_takeaways": "Key takeaways", "terms": "Glossary"}


@dataclass(frozen=True, slots=True)
class _Source:
    """One cited entry, its quotations, and how it stands now."""

    citations: tuple[Citation, ...]
    entry: AnyEntry | None
    standing: Standing


def standing(citation: Citation, catalogue: Catalogue) -> Standing:
    """Whether an entry still says what was quoted from it, in that field at whatever place."""
    entry = catalogue.by_id.get(citation.entry_id)
    if entry is None:
        return "gone"
    return "stands" if citation.quote in entry.texts().get(citation.field, "") else "changed"


def answer_page(
    shared: Shared, catalogue: Catalogue, place: Place, number: int = 1, changed: Since | None = None
) -> str | None:
    """One page of an answer, whole; most have one, long lists more. None where it has no such page.

    Args:
        shared: The answer, and the day.
        catalogue: The live catalogue.
        place: Where the page stands.
        number: Which page.
        changed: What asking again gave, if it was asked again.
    """
    answer = shared.answer
    all_ = blocks(answer, len(answer.sentences))
    last = max(1, -(-len(all_) // PER_PAGE))
    if not 1 <= number <= last:
        return None
    sources = _sources(answer, catalogue)
    bare = _is_listing(answer)
    on_page = all_[(number - 1) * PER_PAGE : number * PER_PAGE]
    said = _said(answer, on_page, _Lead(place, sources, bare=bare), ended=number == last)
    if not all_:
        said = _unsaid(answer, place, catalogue)
    body = (
        '<article class="answered"><p class="kicker"><span class="badge">Shared answer</span>'
        f'{date(shared.on)}</p><h1 dir="auto">{text(cut(answer.question, 600))}</h1>{_searched(answer)}'
        f"{_note(answer, sources, catalogue, changed, place)}"
        f'<div class="columns{" bare" if bare else ""}"><div class="text"><div class="prose answer">{said}</div>'
        f"{_turn(shared.id, number, last, place)}{_framed(answer, place)}{_origin(answer, place)}</div>"
        f"{'' if bare else _cited(_of(on_page, sources), place)}</div></article>"
    )
    about = About(
        description=" ".join(sentence.text for sentence in answer.sentences[:20]) or answer.reason or answer.text,
        path=f"answers/{shared.id}",
        kind="article",
        published=shared.on,
        hidden=True,
    )
    return page(cut(answer.question, 120), body, place=place, about=about, catalogue=catalogue)


def _is_listing(answer: Answer) -> bool:
    """Whether it is a long list of titles, which have nothing to be shown beside them: they lead to the entries."""
    return len(answer.citations) > _LONG and all(
        citation.field == "title" and citation.quote == citation.title for citation in answer.citations
    )


def _of(shown: Sequence[Block], sources: Sequence[_Source]) -> list[_Source]:
    """The sources of what is on this page."""
    numbers = {number for block in shown for sentence in block.sentences for number in sentence.citations}
    return [source for source in sources if any(citation.number in numbers for citation in source.citations)]


def _turn(name: str, number: int, last: int, place: Place) -> str:
    if last == 1:
        return ""
    links = "".join(
        f'<a rel="{rel}" href="{place.to(f"answers/{name}?page={other}")}">{label}</a>'
        for rel, label, other in (("prev", "Previous", number - 1), ("next", "Next", number + 1))
        if 1 <= other <= last
    )
    return f'<nav class="pages" aria-label="Pages">{links}<span>Page {number} of {last}</span></nav>'


def _sources(answer: Answer, catalogue: Catalogue) -> list[_Source]:
    groups: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        groups.setdefault(citation.entry_id, []).append(citation)
    found = []
    for name, group in groups.items():
        states = {standing(citation, catalogue) for citation in group}
        worst: Standing = "gone" if "gone" in states else "changed" if "changed" in states else "stands"
        found.append(_Source(tuple(group), catalogue.by_id.get(name), worst))
    return found


def _note(answer: Answer, sources: Sequence[_Source], catalogue: Catalogue, changed: Since | None, place: Place) -> str:
    """What has become of the answer since; nothing where the catalogue is the same."""
    altered = sum(source.standing == "changed" for source in sources)
    gone = sum(source.standing == "gone" for source in sources)
    told = [f"{altered:,} {'has' if altered == 1 else 'have'} changed where quoted"] if altered else []
    told += [f"{gone:,} {'is' if gone == 1 else 'are'} no longer in the catalogue"] if gone else []
    of = plural(len(sources), "entry", "entries")
    touched = f"Of the {of} it quotes, {' and '.join(told)}." if told else ""
    if answer.catalogue.hash == catalogue.hash and not touched:
        return ""
    return note(answer, changed, touched, place)


def _searched(answer: Answer) -> str:
    def plain(words: str) -> str:
        return " ".join(words.split()).rstrip(" ?.!").casefold()

    if plain(answer.searched_for) == plain(answer.question):
        return ""
    return f'<p class="searched" dir="auto">Searched for: <q>{text(answer.searched_for)}</q></p>'


def _said(answer: Answer, shown: Sequence[Block], lead: "_Lead", *, ended: bool) -> str:
    parts_ = []
    for run in runs(shown):
        heading = heading_before(answer.brief, run[0].sentences[0])
        parts_.append(f'<h2 class="part" dir="auto">{text(heading)}</h2>' if heading else "")
        parts_.append(_aside(run[0].before) if answer.brief is None else "")
        if run[0].item:
            parts_.append(
                f'<ul class="listed">{"".join(f"<li dir=auto>{lead.said(block)}</li>" for block in run)}</ul>'
            )
        else:
            parts_.append(f'<p dir="auto">{lead.said(run[0])}</p>')
    return "".join(parts_) + (_aside(after(answer)) if ended else "")


def _unsaid(answer: Answer, place: Place, catalogue: Catalogue) -> str:
    near = "".join(_near(one.entry_id, one.title, place, catalogue) for one in answer.nearest)
    listed = f'<h2 class="small-title">Nearest in the catalogue</h2><ul class="near">{near}</ul>' if near else ""
    return f'<p dir="auto">{text(answer.reason or answer.text)}</p>{listed}'


def _near(entry_id: str, title: str, place: Place, catalogue: Catalogue) -> str:
    if entry_id not in catalogue.by_id:
        return f'<li dir="auto">{text(title)}</li>'
    return f'<li dir="auto"><a href="{place.entry(entry_id)}">{text(title)}</a></li>'


def _aside(words: str) -> str:
    return f'<p class="aside" dir="auto">{text(words)}</p>' if words else ""


class _Lead:
    """Sentences with their numbers: to the quotation beside them, or in a bare list to the entry itself."""

    def __init__(self, place: Place, sources: Sequence[_Source], *, bare: bool) -> None:
        self._place = place
        self._bare = bare
        self._by_number = {citation.number: source for source in sources for citation in source.citations}

    def said(self, block: Block) -> str:
        """A paragraph, or an item of a list."""
        return " ".join(map(self._sentence, block.sentences))

    def _sentence(self, sentence: Sentence) -> str:
        cited = [(number, self._by_number[number]) for number in sentence.citations if number in self._by_number]
        if self._bare and len(cited) == 1:
            return self._listed(sentence, *cited[0])
        return text(sentence.text) + "".join(self._marker(number, source) for number, source in cited)

    def _listed(self, sentence: Sentence, number: int, source: _Source) -> str:
        """`29 June 2026: Title`, of which the title leads to the entry."""
        title = source.citations[0].title
        before, found, behind = sentence.text.partition(title)
        words = text(title) if found else ""
        if source.entry is not None and found:
            words = f'<a href="{self._place.entry(source.entry.id)}">{words}</a>'
        flag = f' <span class="flag">{_SAYS[source.standing]}</span>' if source.standing != "stands" else ""
        return f'{text(before)}{words}{text(behind)}&#8288;<span class="marker">{number}</span>{flag}'

    def _marker(self, number: int, source: _Source) -> str:
        label = f"Source {number}: {source.citations[0].title}"
        href = f"#citation-{number}" if not self._bare else None
        return f"&#8288;<a{attributes(class_='marker', href=href, aria_label=label)}>{number}</a>"


def _framed(answer: Answer, place: Place) -> str:
    brief = answer.brief
    if brief is None:
        return ""
    later = "".join(
        f'<li dir="auto"><span class="why">[{one.number}] {SAYS[one.says]}:</span> '
        f'<a href="{place.entry(one.entry_id)}">{text(one.title)}</a> {date(one.date)}<blockquote>{text(one.quote)}</blockquote></li>'
        for one in brief.later
    )
    open_ = "".join(
        f'<li dir="auto"><strong>{text(one.about)}</strong>: {text(one.why)}</li>' for one in brief.open_points
    )
    return (
        f'<div class="frame-of"><p>{text(counts(answer, brief))}</p>'
        + (f'<h2 class="small-title">Later on the same</h2><ul>{later}</ul>' if later else "")
        + (f'<h2 class="small-title">Open</h2><ul>{open_}</ul>' if open_ else "")
        + "</div>"
    )


def _origin(answer: Answer, place: Place) -> str:
    as_of = f" as of {dates.in_words(answer.catalogue.as_of)}" if answer.catalogue.as_of else ""
    of = plural(answer.catalogue.entries, "entry", "entries")
    again = text(parts.ask(place, answer.question))
    return (
        f'<p class="origin">Answered for the level <em>{answer.level}</em> from {of}{text(as_of)}. '
        f'Every sentence is a quotation.</p><p class="asks"><a class="primary" href="{again}">Ask this again</a></p>'
    )


def _cited(sources: Sequence[_Source], place: Place) -> str:
    if not sources:
        return ""
    cards = "".join(_card(source, place) for source in sources)
    return (
        f'<aside class="beside" aria-labelledby="sources"><h2 id="sources">Sources <span class="count">({len(sources):,})</span></h2>'
        f'<ol class="cards">{cards}</ol></aside>'
    )


def _card(source: _Source, place: Place) -> str:
    first = source.citations[0]
    title = text(first.title)
    if source.entry is not None:
        title = f'<a href="{place.entry(first.entry_id)}">{title}</a>'
    flag = f'<span class="flag">{_SAYS[source.standing]}</span>' if source.standing != "stands" else ""
    publication = (
        f'<p class="card-source" dir="auto">{text(first.source or "")} {out_link(first.url, first.title)}</p>'
        if first.source or first.url
        else ""
    )
    quotes = "".join(_quote(citation, source.entry, place) for citation in source.citations)
    return (
        f'<li class="card {source.standing}"><p class="card-head">{badge(first.kind)}{date(first.date)}{flag}</p>'
        f'<h3 class="card-title" dir="auto">{title}</h3>{publication}{quotes}</li>'
    )


def _quote(citation: Citation, entry: AnyEntry | None, place: Place) -> str:
    where = _FIELDS.get(citation.field.partition(".")[0], "")
    link = ""
    if entry is not None and citation.quote in entry.texts().get(citation.field, ""):
        heading = heading_of(entry, citation.field) or ""
        where = heading or where
        target = text(place.to(urls.quotation(citation.entry_id, citation.field, citation.quote)))
        link = f'<a class="in-place" href="{target}" aria-label="Quotation {citation.number} in its place">see it in its place</a>'
    told = " · ".join(part for part in (text(where), link) if part)
    return (
        f'<div class="cited" id="citation-{citation.number}"><span class="number">{citation.number}</span>'
        f'<blockquote dir="auto">{text(citation.quote)}</blockquote><p class="cited-where">{told}</p></div>'
    )
