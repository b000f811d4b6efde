"""Renders conversations as HTML. Pure functions without Gradio; all input is escaped."""

from collections.abc import Sequence

from assistant.answer import Answer, Citation, Near, Sentence
from assistant.export.changes_since import BY_FIELDS
from index import dates
from index.catalogue import Catalogue
from index.models import Level
from ui.export.numbering import labels
from ui.html import ask_button, attributes, badge, date, plural, question_about, text, with_code

from .answer_markdown import markdown
from .brief_text import framed, heading_before
from .cards import grouped, has_panel, sources_label
from .conversation import Exchange
from .exports import kept, menu
from .layout import Block, after, blocks, runs
from .rating import verdict
from .restriction_chips import chips

__all__ = [
    "exchange_html",
    "hint",
    "markdown",
    "masthead",
    "status",
    "welcome",
]

_OTHER_LEVELS: dict[Level, str] = {"beginner": "Simpler", "advanced": "More technical"}
ITEMS_PER_PAGE = 12
"""Items of a long list that are visible at first; each click on "Show more" shows as many again."""


def masthead(catalogue: Catalogue, notice: str | None) -> str:
    """The name of the site, one line about the catalogue, and the notice of the assistant if there is one."""
    as_of = f" · as of {dates.in_words(catalogue.as_of)}" if catalogue.as_of else ""
    count = plural(len(catalogue.entries), "entry", "entries")
    line = f'<a href="browse" target="_blank" rel="noopener">{count}</a><span class="wide"> on artificial intelligence</span>{text(as_of)}'
    notice_html = f'<p class="notice"><span aria-hidden="true">◐</span> {text(notice)}</p>' if notice else ""
    return (
        '<a class="skip" href="#conversation">Skip to the conversation</a>'
        '<div class="brand"><span class="emblem" aria-hidden="true"></span>'
        f'<div><h1 class="name">Ask the almanac</h1><p class="tagline">{line}</p></div></div>{notice_html}'
    )


def welcome(examples: Sequence[str]) -> str:
    """The page before the first question: an introduction and example questions."""
    cards = "".join(
        f"<li>{ask_button(question, f'<span>{text(question)}</span>', class_='example')}</li>" for question in examples
    )
    return (
        '<section class="welcome" aria-labelledby="welcome-title">'
        '<p class="ornament" aria-hidden="true"><span></span></p>'
        '<h2 id="welcome-title">What happened, and what does it&nbsp;mean?</h2>'
        "<p class=lead>Ask in plain words. Every sentence of an answer is the catalogue&rsquo;s own and carries the number "
        "of its source, so that you can check it.</p>"
        f'<ul class="examples" aria-label="Example questions">{cards}</ul></section>'
    )


def hint() -> str:
    """What the keys do, and the length of the question when it comes near the limit."""
    return (
        '<p class="hint"><span><kbd>Enter</kbd> sends, <kbd>Shift</kbd> + <kbd>Enter</kbd> adds a line</span>'
        '<span class="counter" role="status" hidden></span></p>'
    )


def exchange_html(exchange: Exchange, catalogue: Catalogue) -> str:
    """Render a question and its answer.

    Args:
        exchange: The question and its answer.
        catalogue: The catalogue in use.
    """
    title = f"question-{exchange.number}"
    return (
        f'<article class="exchange" id="exchange-{exchange.number}" data-exchange="{exchange.number}" '
        f'data-state="{exchange.state}" data-cited="{len(grouped(exchange.citations))}" aria-labelledby="{title}">'
        f'<h2 class="question" id="{title}" dir="auto">{text(exchange.question)}</h2>'
        f"{_searched(exchange)}{chips(exchange)}{_answer(exchange, catalogue)}{_foot(exchange)}{_next(exchange)}</article>"
    )


def _searched(exchange: Exchange) -> str:
    searched = exchange.answer.rephrased if exchange.answer else ""
    if not searched:
        return ""
    return f'<p class="searched" dir="auto">Searched for: <q>{text(searched)}</q></p>'


def _answer(exchange: Exchange, catalogue: Catalogue) -> str:
    if exchange.failure is not None:
        return (
            f'<div class="failure"><p><strong>{with_code(_sentence(exchange.failure.message))}</strong></p>'
            f"<p>{with_code(_sentence(exchange.failure.hint))}</p></div>"
        )
    answer = exchange.answer
    if answer is None:
        return ""
    if answer.status == "unavailable":
        return (
            f'<div class="failure"><p><strong>{with_code(_sentence(answer.reason or answer.text))}</strong></p></div>'
        )
    if answer.status == "abstained":
        return _abstained(answer, catalogue)
    return _sentences(exchange, answer) + framed(answer) + _removed(answer)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "?", "!")) else ".")


def _sentences(exchange: Exchange, answer: Answer) -> str:
    if not answer.sentences:
        return f'<div class="answer"><p dir="auto">{text(answer.text)}</p></div>'
    by_number = {citation.number: citation for citation in answer.citations}
    shown = labels(answer.citations)

    def block_html(block: Block) -> str:
        sentences = (_with_markers(sentence, by_number, shown, exchange.number) for sentence in block.sentences)
        return " ".join(f'<span class="sentence">{words}</span>' for words in sentences)

    parts = []
    for run in runs(blocks(answer, len(answer.sentences))):
        heading = heading_before(answer.brief, run[0].sentences[0])
        if heading:
            parts.append(f'<h3 class="part" dir="auto">{text(heading)}</h3>')
        parts.append(_aside(run[0].before) if answer.brief is None else "")
        if run[0].item:
            parts.append(_paged([block_html(block) for block in run]))
        else:
            parts.append(f'<p dir="auto">{block_html(run[0])}</p>')
    parts.append(_aside(after(answer)))
    return f'<div class="answer">{"".join(parts)}</div>'


def _aside(words: str) -> str:
    return f'<p class="aside" dir="auto">{text(words)}</p>' if words else ""


def _paged(items: Sequence[str]) -> str:
    """A list whose first items are visible; the page's script shows the others."""
    rows = "".join(
        f'<li dir="auto"{" hidden" if position >= ITEMS_PER_PAGE else ""}>{item}</li>'
        for position, item in enumerate(items)
    )
    rest = len(items) - ITEMS_PER_PAGE
    more = attributes(type="button", class_="tool more", data_more=str(ITEMS_PER_PAGE))
    button = (
        f"<p class=tools><button{more}>Show {min(ITEMS_PER_PAGE, rest)} more of {rest:,}</button></p>"
        if rest > 0
        else ""
    )
    return f'<ul class="listed">{rows}</ul>{button}'


def _with_markers(sentence: Sentence, by_number: dict[int, Citation], shown: dict[int, str], answer: int) -> str:
    known = [by_number[number] for number in sentence.citations if number in by_number]
    # The word joiner prevents a line break between a word and its marker.
    return text(sentence.text) + "".join(
        f"&#8288;{_marker(citation, shown[citation.number], answer)}" for citation in known
    )


def _marker(citation: Citation, label: str, answer: int) -> str:
    named = attributes(
        class_="marker",
        href=f"#quote-{answer}-{citation.number}",
        data_answer=str(answer),
        data_number=str(citation.number),
        aria_label=f"Source {label}: {citation.title}",
        title=citation.title,
    )
    return f"<a{named}>{label}</a>"


def _removed(answer: Answer) -> str:
    if not answer.removed:
        return ""
    items = "".join(f"<li>{text(sentence.text)} <em>({text(sentence.reason)})</em></li>" for sentence in answer.removed)
    count = plural(len(answer.removed), "sentence was", "sentences were")
    return f'<details class="removed"><summary>{count} removed</summary><ul>{items}</ul></details>'


def _abstained(answer: Answer, catalogue: Catalogue) -> str:
    reason = answer.reason or answer.text or "The catalogue does not answer this."
    nearest = "".join(_near(near, catalogue) for near in answer.nearest)
    listed = f'<h3 class="small-title">Closest entries in the catalogue</h3><ul class="nearest">{nearest}</ul>'
    return f'<div class="abstained"><p dir="auto">{text(_sentence(reason))}</p>{listed if nearest else ""}</div>'


def _near(near: Near, catalogue: Catalogue) -> str:
    entry = catalogue.find(near.entry_id)
    meta = f'<span class="related-meta">{badge(entry.kind)}{date(entry.date)}</span>' if entry else ""
    label = f'<span class="related-title" dir="auto">{text(near.title)}</span>{meta}'
    return f"<li>{ask_button(question_about(near.title), label, class_='related-item')}</li>"


def _foot(exchange: Exchange) -> str:
    if exchange.state == "unavailable" or exchange.answer is None:
        again = attributes(type="button", class_="tool", data_again=str(exchange.number))
        return f'<div class="tools"><button{again}>Ask again</button></div>'
    rating = verdict(exchange)
    if exchange.answer.status != "answered":
        return f'<div class="tools">{rating}</div>' if rating else ""
    tools = []
    if has_panel(exchange):
        sources = attributes(type="button", class_="tool sources-tool", data_sources=str(exchange.number))
        tools.append(f"<button{sources}>{text(sources_label(exchange))}</button>")
    copied = attributes(type="button", class_="tool", data_copy=markdown(exchange.answer))
    tools.append(f"<button{copied}>Copy answer</button>")
    if exchange.answer.mode == "chat" and exchange.answer.citations and exchange.answer.intent not in BY_FIELDS:
        brief = attributes(
            type="button",
            class_="tool",
            data_ask=exchange.answer.searched_for,
            data_mode="summary",
            title="Ask again for a summary over many entries",
        )
        tools.append(f"<button{brief}>Make this a brief</button>")
        tools += [_level_button(exchange.answer, level, label) for level, label in _OTHER_LEVELS.items()]
    return f'<div class="tools">{"".join(tools)}{menu(exchange)}{rating}</div>{kept(exchange.answer)}'


def _level_button(answer: Answer, level: Level, label: str) -> str:
    if answer.level == level:
        return ""
    named = attributes(
        type="button", class_="tool", data_ask=answer.searched_for, data_level=level, title=f"Ask again: {level} level"
    )
    return f"<button{named}>{label}</button>"


def _next(exchange: Exchange) -> str:
    if exchange.answer is None or not exchange.answer.suggestions:
        return ""
    chips = "".join(
        f"<li>{ask_button(question, text(question), class_='suggestion')}</li>"
        for question in exchange.answer.suggestions
    )
    return f'<div class="next"><h3 class="small-title">Ask next</h3><ul class="suggestions">{chips}</ul></div>'


def status(exchange: Exchange) -> str:
    """What screen readers announce when an answer has arrived."""
    if exchange.state == "unavailable" or exchange.answer is None:
        return "No answer: something went wrong."
    if exchange.state == "abstained":
        near = plural(len(exchange.answer.nearest), "near entry", "near entries")
        return f"The catalogue does not answer this. {near}."
    return f"Answer ready, {plural(len(grouped(exchange.citations)), 'source')}."


def masthead_buttons() -> str:
    """The buttons of the masthead: past conversations, a new one, the list of entries, light or dark colours."""
    return (
        '<button type="button" id="past" data-conversations>Conversations</button>'
        '<button type="button" id="fresh" data-fresh>New conversation</button>'
        '<a class="to-browse" href="browse" target="_blank" rel="noopener">Browse</a>'
        '<button type="button" class="theme" data-theme-toggle aria-label="Dark colours">'
        '<span aria-hidden="true"></span></button>'
    )


def turns(examples: Sequence[str]) -> str:
    """The place of the conversation. The page's script moves exchanges into it."""
    return f'<div id="earlier"></div><div id="current">{welcome(examples)}</div>'
