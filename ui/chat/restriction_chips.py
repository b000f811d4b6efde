"""The restrictions that were understood in a question, as chips that the reader can remove and restore."""

import json
from collections.abc import Iterable

from assistant.answer import Restriction
from ui.html import attributes, text

from .conversation import Exchange

_MAX_RESTRICTIONS = 40
_MAX_LENGTH = 320


def chips(exchange: Exchange) -> str:
    """The restrictions of a question. A click on a chip asks again without it, or with it if it was removed."""
    if exchange.answer is None or not (exchange.answer.understood or exchange.without):
        return ""
    removed = exchange.without
    removed_names = {restriction.name for restriction in removed}
    question = exchange.answer.searched_for
    items = [
        _chip(question, restriction, (*removed, restriction), off=False)
        for restriction in exchange.answer.understood
        if restriction.name not in removed_names
    ]
    items += [
        _chip(question, restriction, [other for other in removed if other != restriction], off=True)
        for restriction in removed
    ]
    listed = "".join(f"<li>{item}</li>" for item in items)
    return f'<ul class="understood" aria-label="How the question was understood; click a restriction to ask again without it">{listed}</ul>'


def _chip(question: str, restriction: Restriction, without: Iterable[Restriction], *, off: bool) -> str:
    named = attributes(
        type="button",
        class_="chip off" if off else "chip",
        data_ask=question,
        data_without=json.dumps([[other.name, other.label] for other in without], ensure_ascii=False),
        aria_label=f"Ask again {'with' if off else 'without'}: {restriction.label}",
        title="Ask again with this" if off else "Ask again without this",
    )
    return f'<button{named}><span dir="auto">{text(restriction.label)}</span><i aria-hidden="true">{"+" if off else "×"}</i></button>'


def parts_in(value: object) -> tuple[Restriction, ...]:
    """Read the restrictions that a click sent. Anything else is ignored, because a page can send any value."""
    try:
        pairs = json.loads(value) if isinstance(value, str) else []
    except (ValueError, RecursionError):
        return ()
    if not isinstance(pairs, list):
        return ()
    restrictions = []
    for pair in pairs[:_MAX_RESTRICTIONS]:
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(value, str) for value in pair):
            name, label = (value.encode("utf-8", "replace").decode("utf-8")[:_MAX_LENGTH] for value in pair)
            restrictions.append(Restriction(name, label))
    return tuple(restrictions)
