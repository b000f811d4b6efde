"""The side panel: a card for each cited entry, and related entries."""

import re
from collections.abc import Mapping, Sequence

from assistant.answer import Citation, Related
from index.catalogue import Catalogue
from index.models import AnyEntry, Guide, heading_of
from ui import urls
from ui.export.numbering import labels
from ui.html import ask_button, attributes, badge, date, out_link, plural, question_about, text

from .conversation import Exchange
from .quotes import Passage, marked, passages

_FIELD_NAMES = {
    "tldr": "In short",
    "key_takeaways": "Key takeaways",
    "sections": "Section",
    "terms": "Glossary",
}

_CITED = re.compile(r"\[([0-9]{1,6})\]")
_NO_SOURCES = "This answer has no sources. Click a number in an earlier answer to see its sources."


def panel() -> str:
    """The panel without sheets. The page's script adds the sheet of each answer and shows one of them."""
    return (
        '<div class="sheet-bar"><span class="grip" aria-hidden="true"></span>'
        '<button type="button" class="sheet-close" data-close-panel>Back to the answer</button></div>'
        f'<div class="sheets"></div><p class="sheet-none" hidden>{_NO_SOURCES}</p>'
    )


def has_panel(exchange: Exchange) -> bool:
    """Whether an answer has sources or related entries."""
    answer = exchange.answer
    return answer is not None and bool(exchange.citations or answer.related)


def grouped(citations: Sequence[Citation]) -> list[list[Citation]]:
    """Group citations by entry, in order of first use."""
    groups: dict[str, list[Citation]] = {}
    for citation in citations:
        groups.setdefault(citation.entry_id, []).append(citation)
    return list(groups.values())


def sheet(exchange: Exchange, catalogue: Catalogue) -> str:
    """The sources of an answer and its related entries; empty if it has none."""
    if exchange.answer is None or not has_panel(exchange):
        return ""
    cards = grouped(exchange.citations)
    shown = labels(exchange.citations)
    parts = []
    if cards:
        parts.append(_heading("Sources", len(cards), exchange.number))
        parts.append(
            f'<ol class="cards">{"".join(_card(group, exchange.number, catalogue, shown) for group in cards)}</ol>'
        )
    if exchange.answer.related:
        parts.append(_heading("Related", len(exchange.answer.related), exchange.number))
        parts.append(related(exchange.answer.related, shown))
    return (
        f'<section class="sheet" id="panel-{exchange.number}" data-panel="{exchange.number}"'
        f' aria-label="{text(f"Sources for: {exchange.question[:120]}")}">'
        f'<p class="sheet-for" dir="auto">{text(exchange.question[:200])}</p>{"".join(parts)}</section>'
    )


def _heading(name: str, count: int, number: int) -> str:
    anchor = f"{name.lower()}-{number}"
    return f'<h2 class="panel-title" id="{anchor}" tabindex="-1">{name} <span class="count">{count}</span></h2>'


def _card(group: Sequence[Citation], answer: int, catalogue: Catalogue, shown: Mapping[int, str]) -> str:
    first = group[0]
    entry = catalogue.find(first.entry_id)
    prefix = f"quote-{answer}"
    in_title = [citation for citation in group if citation.field == "title"]
    title = text(first.title)
    if in_title:
        title = "".join(marked(part, prefix, shown) for part in passages(in_title, catalogue))
    quotes = "".join(
        _quote(part, entry, prefix, shown)
        for part in passages([citation for citation in group if citation.field != "title"], catalogue)
    )
    foot = f'<p class="card-foot">{_entry_link(first, entry)}{out_link(first.url, first.title)}</p>'
    foot = foot if entry is not None or first.url else ""
    return (
        f'<li class="card" id="card-{answer}-{first.number}" tabindex="-1">'
        f'<p class="card-head">{_numbers(group, shown)}{badge(first.kind)}{_level(entry)}{date(first.date)}</p>'
        f'<h3 class="card-title" dir="auto">{title}</h3>{_source(first)}{quotes}{foot}</li>'
    )


def _entry_link(first: Citation, entry: AnyEntry | None) -> str:
    """A link to the entry's page, at the quotation."""
    if entry is None:
        return ""
    named = attributes(
        class_="own",
        href=urls.quotation(first.entry_id, first.field, first.quote),
        target="_blank",
        rel="noopener",
        aria_label=f"Entry page of “{first.title}” (opens in a new tab)",
    )
    return f"<a{named}>Entry page</a>"


def _numbers(group: Sequence[Citation], shown: Mapping[int, str]) -> str:
    numbers = sorted(citation.number for citation in group)
    chips = "".join(f'<span class="number" data-numbers="{number}">{shown[number]}</span>' for number in numbers)
    return f'<span class="numbers">{chips}</span>'


def _level(entry: AnyEntry | None) -> str:
    level = entry.level if entry is not None and entry.kind != "event" else None
    return f'<span class="level">{text(level.capitalize())}</span>' if level else ""


def _source(citation: Citation) -> str:
    return f'<p class="card-source" dir="auto">{text(citation.source)}</p>' if citation.source else ""


def _quote(passage: Passage, entry: AnyEntry | None, prefix: str, shown: Mapping[int, str]) -> str:
    where = _where(passage, entry)
    label = f'<p class="card-where" dir="auto">{text(where)}</p>' if where else ""
    return f'{label}<blockquote class="quote" dir="auto">{marked(passage, prefix, shown)}</blockquote>'


def _where(passage: Passage, entry: AnyEntry | None) -> str:
    if not isinstance(entry, Guide) or passage.field not in entry.texts():
        return ""
    heading = heading_of(entry, passage.field)
    name = _FIELD_NAMES.get(passage.field.partition(".")[0], "")
    return f"{name}: {heading}" if heading and name == "Glossary" else heading or name


def related(items: Sequence[Related], shown: Mapping[int, str]) -> str:
    """A list of related entries. A click on an entry asks about it. `shown` has the labels of citation numbers."""
    return f'<ul class="related">{"".join(_related_item(item, shown) for item in items)}</ul>'


def _related_item(item: Related, shown: Mapping[int, str]) -> str:
    why = _CITED.sub(lambda number: f"[{shown.get(int(number[1]), number[1])}]", item.why)
    label = (
        f'<span class="related-title" dir="auto">{text(item.title)}</span>'
        f'<span class="related-meta">{badge(item.kind)}{date(item.date)}</span>'
        f'<span class="why" dir="auto">{text(why)}</span>'
    )
    return f"<li>{ask_button(question_about(item.title), label, class_='related-item')}</li>"


def sources_label(exchange: Exchange) -> str:
    """The numbers of cited and related entries, such as `3 sources · 5 related`."""
    cited = len(grouped(exchange.citations))
    others = len(exchange.answer.related) if exchange.answer else 0
    return " · ".join([*([plural(cited, "source")] if cited else []), *([f"{others} related"] if others else [])])
