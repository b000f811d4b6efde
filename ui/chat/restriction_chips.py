"""What was understood of a question, as chips that can be taken off and put back."""

import json
from collections.abc import Iterable

from assistant.answer import Restriction
from ui.html import attributes, text

from .conversation import Exchange

_MOST = 40
_LONGEST = 320


def chips(one: Exchange) -> str:
    """The restrictions of a question; pressing one asks again without it, pressing one that is off brings it back."""
    if one.answer is None or one.pending or not (one.answer.understood or one.without):
        return ""
    off = {part.name for part in one.without}
    on = [part for part in one.answer.understood if part.name not in off]
    asked = one.answer.searched_for
    items = [_chip(asked, part, (*one.without, part), off=False) for part in on]
    items += [_chip(asked, part, [other for other in one.without if other != part], off=True) for part in one.without]
    listed = "".join(f"<li>{item}</li>" for item in items)
    return f'<ul class="understood" aria-label="Understood as; press one to ask again without it">{listed}</ul>'


def _chip(asked: str, part: Restriction, without: Iterable[Restriction], *, off: bool) -> str:
    named = attributes(
        type="button",
        class_="chip off" if off else "chip",
        data_ask=asked,
        data_without=json.dumps([[other.name, other.label] for other in without], ensure_ascii=False),
        aria_label=f"Ask again {'with' if off else 'without'}: {part.label}",
        title="Bring it back" if off else "Ask again without this",
    )
    return f'<button{named}><span dir="auto">{text(part.label)}</span><i aria-hidden="true">{"+" if off else "×"}</i></button>'


def parts_in(value: object) -> tuple[Restriction, ...]:
    """The parts that a click sent; what has another form is left out, since a page can send anything."""
    try:
        pairs = json.loads(value) if isinstance(value, str) else []
    except (ValueError, RecursionError):
        return ()
    if not isinstance(pairs, list):
        return ()
    found = []
    for pair in pairs[:_MOST]:
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) for one in pair):
            name, label = (one.encode("utf-8", "replace").decode("utf-8")[:_LONGEST] for one in pair)
            found.append(Restriction(name, label))
    return tuple(found)
