"""Answer to HTML and Markdown: pure functions, no gradio, and nothing that comes in is ever read as markup."""

import datetime as dt
import re
from collections.abc import Sequence

from assistant.answer import Answer, Citation, Near, Sentence
from index import dates
from index.catalogue import Catalogue
from ui.html import ask_button, attributes, badge, date, plural, question_about, safe_url, text, with_code

from .brief_text import framed, heading_before
from .cards import grouped, has_panel, panel, related, sources_label
from .conversation import Conversation, Exchange
from .exports import menu
from .layout import Block, after, blocks, runs
from .rating import verdict
from .restriction_chips import chips

__all__ = ["exchange", "exchanges", "hint", "latest", "markdown", "masthead", "panel", "related", "status", "welcome"]

PAGE = 12
"""Items of a list that are shown at first, and at each "more"."""
_MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]<])")


def masthead(catalogue: Catalogue, notice: str | None) -> str:
    """The name and the one line of what this is; a notice stands calmly under it."""
    as_of = f" · as of {dates.in_words(catalogue.as_of)}" if catalogue.as_of else ""
    count = plural(len(catalogue.entries), "entry", "entries")
    line = f'<a href="browse" target="_blank" rel="noopener">{count}</a><span class="wide"> on artificial intelligence</span>{text(as_of)}'
    calm = f'<p class="notice"><span aria-hidden="true">◐</span> {text(notice)}</p>' if notice else ""
    return (
        '<a class="skip" href="#conversation">Skip to the conversation</a>'
        '<div class="brand"><span class="emblem" aria-hidden="true"></span>'
        f'<div><h1 class="name">Ask the almanac</h1><p class="tagline">{line}</p></div></div>{calm}'
    )


def welcome(examples: Sequence[str]) -> str:
    """The empty state: what one may ask, as cards."""
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
    """What the keys do, and how long the question has become where that matters."""
    return (
        '<p class="hint"><span><kbd>Enter</kbd> sends, <kbd>Shift</kbd> + <kbd>Enter</kbd> starts a line</span>'
        '<span class="counter" role="status" hidden></span></p>'
    )


def exchanges(conversation: Conversation, catalogue: Catalogue, today: dt.date | None = None) -> str:
    """The exchanges before the current one; with the day, their summaries have what a reader takes along."""
    return "".join(
        exchange(one, catalogue, current=False, keep=_kept(conversation, place, catalogue, today))
        for place, one in enumerate(conversation.exchanges[:-1])
    )


def latest(conversation: Conversation, catalogue: Catalogue, today: dt.date) -> str:
    """The current exchange."""
    place = len(conversation.exchanges) - 1
    return exchange(conversation.exchanges[place], catalogue, keep=_kept(conversation, place, catalogue, today))


def _kept(conversation: Conversation, place: int, catalogue: Catalogue, today: dt.date | None) -> str:
    if today is None:
        return ""
    before = Conversation(conversation.exchanges[:place]).turns
    return menu(conversation.exchanges[place], catalogue, before, today)


def exchange(one: Exchange, catalogue: Catalogue, *, current: bool = True, keep: str = "") -> str:
    """One question and its answer; suggestions stand only under the current one, `keep` with the tools."""
    title = f"question-{one.number}"
    return (
        f'<article class="exchange" id="exchange-{one.number}" data-exchange="{one.number}" '
        f'data-state="{one.state}" data-cited="{len(grouped(one.citations))}" aria-labelledby="{title}">'
        f'<h2 class="question" id="{title}" dir="auto">{text(one.question)}</h2>'
        f"{_searched(one)}{chips(one)}{_said(one, catalogue)}{_foot(one, keep)}{_next(one) if current else ''}</article>"
    )


def _searched(one: Exchange) -> str:
    searched = one.answer.searched_for if one.answer else ""
    if not searched or _plain(searched) == _plain(one.question):
        return ""
    return f'<p class="searched" dir="auto">Searched for: <q>{text(searched)}</q></p>'


def _plain(question: str) -> str:
    return " ".join(question.split()).rstrip(" ?.!").casefold()


def _said(one: Exchange, catalogue: Catalogue) -> str:
    if one.failure is not None:
        return (
            f'<div class="failure"><p><strong>{with_code(_sentence(one.failure.message))}</strong></p>'
            f"<p>{with_code(_sentence(one.failure.hint))}</p></div>"
        )
    answer = one.answer
    if answer is None:
        return _stopped() if one.stopped else '<p class="searching"><span></span><span></span><span></span></p>'
    if answer.status == "unavailable":
        return (
            f'<div class="failure"><p><strong>{with_code(_sentence(answer.reason or answer.text))}</strong></p></div>'
        )
    if answer.status == "abstained":
        return _abstained(answer, catalogue)
    return (
        _sentences(one, answer)
        + (framed(answer) if not one.pending else "")
        + (_removed(answer) if not one.pending else "")
        + (_stopped() if one.stopped else "")
    )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "?", "!")) else ".")


def _stopped() -> str:
    return '<p class="stopped">Stopped.</p>'


def _sentences(one: Exchange, answer: Answer) -> str:
    if not answer.sentences:
        return f'<div class="answer"><p dir="auto">{text(answer.text)}</p></div>'
    by_number = {citation.number: citation for citation in answer.citations}

    def said(block: Block) -> str:
        written = (_with_markers(sentence, by_number, one.number) for sentence in block.sentences)
        return " ".join(f'<span class="sentence">{words}</span>' for words in written)

    parts = []
    for run in runs(blocks(answer, one.shown)):
        heading = heading_before(answer.brief, run[0].sentences[0])
        if heading:
            parts.append(f'<h3 class="part" dir="auto">{text(heading)}</h3>')
        parts.append(_aside(run[0].before) if answer.brief is None else "")
        if run[0].item:
            parts.append(_paged([said(block) for block in run]))
        else:
            parts.append(f'<p dir="auto">{said(run[0])}</p>')
    parts.append(_aside(after(answer)) if one.shown >= len(answer.sentences) else "")
    return f'<div class="answer">{"".join(parts)}</div>'


def _aside(words: str) -> str:
    return f'<p class="aside" dir="auto">{text(words)}</p>' if words else ""


def _paged(items: Sequence[str]) -> str:
    """A list of which the first page shows; the page's script brings on the others."""
    rows = "".join(
        f'<li dir="auto"{" hidden" if place >= PAGE else ""}>{item}</li>' for place, item in enumerate(items)
    )
    rest = len(items) - PAGE
    more = attributes(type="button", class_="tool more", data_more=str(PAGE))
    button = f"<p class=tools><button{more}>Show {min(PAGE, rest)} more of {rest:,}</button></p>" if rest > 0 else ""
    return f'<ul class="listed">{rows}</ul>{button}'


def _with_markers(sentence: Sentence, by_number: dict[int, Citation], answer: int) -> str:
    known = [by_number[number] for number in sentence.citations if number in by_number]
    # The word joiner keeps a number on the line of the word it stands behind.
    return text(sentence.text) + "".join(f"&#8288;{_marker(citation, answer)}" for citation in known)


def _marker(citation: Citation, answer: int) -> str:
    named = attributes(
        class_="marker",
        href=f"#quote-{answer}-{citation.number}",
        data_answer=str(answer),
        data_number=str(citation.number),
        aria_label=f"Source {citation.number}: {citation.title}",
        title=citation.title,
    )
    return f"<a{named}>{citation.number}</a>"


def _removed(answer: Answer) -> str:
    if not answer.removed:
        return ""
    items = "".join(f"<li>{text(one.text)} <em>({text(one.reason)})</em></li>" for one in answer.removed)
    count = plural(len(answer.removed), "sentence was", "sentences were")
    return f'<details class="removed"><summary>{count} taken out</summary><ul>{items}</ul></details>'


def _abstained(answer: Answer, catalogue: Catalogue) -> str:
    reason = answer.reason or answer.text or "The catalogue does not answer this."
    nearest = "".join(_near(near, catalogue) for near in answer.nearest)
    listed = f'<h3 class="small-title">Nearest in the catalogue</h3><ul class="nearest">{nearest}</ul>'
    return f'<div class="abstained"><p dir="auto">{text(_sentence(reason))}</p>{listed if nearest else ""}</div>'


def _near(near: Near, catalogue: Catalogue) -> str:
    entry = catalogue.by_id.get(near.entry_id)
    about_it = f'<span class="related-meta">{badge(entry.kind)}{date(entry.date)}</span>' if entry else ""
    label = f'<span class="related-title" dir="auto">{text(near.title)}</span>{about_it}'
    return f"<li>{ask_button(question_about(near.title), label, class_='related-item')}</li>"


def _foot(one: Exchange, keep: str) -> str:
    if one.answer is None or one.pending or one.answer.status == "unavailable":
        return ""
    judged = verdict(one)
    if one.answer.status != "answered":
        return f'<div class="tools">{judged}</div>' if judged else ""
    tools = []
    if has_panel(one):
        sources = attributes(type="button", class_="tool sources-tool", data_sources=str(one.number))
        tools.append(f"<button{sources}>{text(sources_label(one))}</button>")
    copied = attributes(type="button", class_="tool", data_copy=markdown(one.answer, shown=one.shown))
    tools.append(f"<button{copied}>Copy answer</button>")
    return f'<div class="tools">{"".join(tools)}{keep}{judged}</div>'


def _next(one: Exchange) -> str:
    if one.answer is None or one.pending or one.stopped or not one.answer.suggestions:
        return ""
    chips = "".join(
        f"<li>{ask_button(question, text(question), class_='suggestion')}</li>" for question in one.answer.suggestions
    )
    return f'<h3 class="small-title">Ask next</h3><ul class="suggestions">{chips}</ul>'


def status(conversation: Conversation) -> str:
    """What a screen reader is told: that a search runs, and that an answer is there; never each word."""
    current = conversation.current
    if current is None:
        return ""
    if current.failure is not None or (current.answer is not None and current.answer.status == "unavailable"):
        return "No answer: something went wrong."
    if current.stopped:
        return "Stopped."
    if current.pending or current.answer is None:
        return "Searching…"
    if current.answer.status == "abstained":
        return (
            f"The catalogue does not answer this. {plural(len(current.answer.nearest), 'near entry', 'near entries')}."
        )
    return f"Answer ready, {plural(len(grouped(current.citations)), 'source')}."


def markdown(answer: Answer, *, shown: int | None = None) -> str:
    """An answer as text to paste elsewhere: its sentences with [1] markers, then the numbered references."""
    count = len(answer.sentences) if shown is None else shown
    if count == 0:
        return _literal(answer.text or answer.reason or "")
    parts: list[str] = []
    for run in runs(blocks(answer, count)):
        heading = heading_before(answer.brief, run[0].sentences[0])
        parts += [f"### {_literal(heading)}"] if heading else []
        parts += [_literal(run[0].before)] if run[0].before and answer.brief is None else []
        parts.append("\n".join(map(_block, run)))
    last = after(answer) if count >= len(answer.sentences) and answer.brief is None else ""
    parts += [_literal(last)] if last else []
    used = {number for sentence in answer.sentences[:count] for number in sentence.citations}
    references = [_reference(citation) for citation in answer.citations if citation.number in used]
    return "\n\n".join([*parts, *(["  \n".join(references)] if references else [])])


def _block(block: Block) -> str:
    said = " ".join(
        _literal(sentence.text) + "".join(f" [{number}]" for number in sentence.citations)
        for sentence in block.sentences
    )
    return f"- {said}" if block.item else said


def _reference(citation: Citation) -> str:
    parts = [_literal(citation.title)]
    if citation.source:
        parts.append(_literal(citation.source))
    if citation.date:
        parts.append(_literal(citation.date))
    address = safe_url(citation.url)
    return f"[{citation.number}] " + ", ".join(parts) + (f". <{address}>" if address else "")


def _literal(words: str) -> str:
    return _MARKDOWN_SIGNS.sub(r"\\\1", " ".join(words.split()))
