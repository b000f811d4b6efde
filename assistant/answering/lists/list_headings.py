"""Describes a requested list in words: "major events of Anthropic on the topic scaling since 2024"."""

from collections.abc import Sequence

from assistant.understanding.lists.entry_request import Request
from assistant.understanding.restrictions import KINDS, span_in_words


def described(request: Request, rule: str, count: int) -> str:
    """The entries that a request asks for: "major events of Anthropic on the topic scaling since 2024".

    In the singular for a count of 1.
    """
    filters = request.filters
    words = [_noun(request, count)]
    if request.level:
        words.insert(0, f"{request.level}-level")
    if request.important:
        words.insert(0, f"major (importance {request.least_importance} or more)")
    if filters.organisations:
        words.append(f"of {_organisations(request)}")
    if request.sources:
        words.append(f"from the source {listed(request.sources, 'or')}")
    if filters.topics:
        words.append(_topics(filters.topics, "and" if request.every_topic else "or"))
    if rule:
        words.append(rule.strip())
    if filters.since or filters.until:
        words.append(span_in_words(filters.since, filters.until))
    left_out = _left_out(request)
    return " ".join([*words, *([f"without {left_out}"] if left_out else [])])


def _organisations(request: Request) -> str:
    """The organisations as named, with the units of them that were counted in."""
    named = [name for names in request.named for name in names if name in request.filters.organisations]
    units = [name for name in request.filters.organisations if name not in named]
    if not named:
        named, units = units, []
    text = listed(named, "and" if request.every_organisation else "or")
    return f"{text} (with {listed(units, 'and')})" if units else text


def _topics(names: Sequence[str], last: str) -> str:
    topics = [topic.replace("-", " ") for topic in names]
    return f"on the topic{'s' if len(topics) > 1 else ''} {listed(topics, last)}"


def _left_out(request: Request) -> str:
    """What is left out: "those of Google", with all its units."""
    if request.excluded.organisations:
        exact = [name for name in request.excluded.organisations if name.casefold() == request.left_out.casefold()]
        return f"those of {listed(exact or request.excluded.organisations, 'or')}"
    if request.excluded.topics:
        return f"those {_topics(request.excluded.topics, 'or')}"
    return f"those with “{request.excluded_words}”" if request.excluded_words else ""


def _noun(request: Request, count: int) -> str:
    """The kinds of entries: "events or guides", "entry", "model releases"."""
    if request.released:
        return f"{request.released.removesuffix('s')} release{'' if count == 1 else 's'}"
    kinds = [KINDS[kind].removesuffix("s") if count == 1 else KINDS[kind] for kind in request.filters.kinds]
    return listed(kinds, "or") if kinds else "entry" if count == 1 else "entries"


def lead(request: Request, rule: str, found: int, shown: int) -> str:
    """The first line of a list without its colon: what is listed, how many, and in which order."""
    entries = described(request, rule, found)
    if request.intent == "latest":
        return _lead_of_some(request, entries, found, shown)
    order = ", oldest first" if request.intent == "timeline" else _ORDERS[request.order] if found > 1 else ""
    return f"{found:,} {entries}{order}"


_ORDERS = {"newest": "", "oldest": ", oldest first", "importance": ", most important first"}


def _lead_of_some(request: Request, entries: str, found: int, shown: int) -> str:
    if request.skip:
        numbers = f"{request.skip + 1:,}" if shown == 1 else f"{request.skip + 1:,} to {request.skip + shown:,}"
        return f"Number{'' if shown == 1 else 's'} {numbers} of {found:,} {entries}{_ORDERS[request.order]}"
    if found == 1:
        return f"The only {entries}"
    if found == shown:
        return f"All {found:,} {entries}{_ORDERS[request.order] or ', newest first'}"
    which = {"newest": "latest", "oldest": "earliest", "importance": "most important"}[request.order]
    return f"The {f'{shown:,} ' if shown > 1 else ''}{which} of {found:,} {entries}"


def listed(names: Sequence[str], last: str) -> str:
    """Names with commas, and a word before the last."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def plural(noun: str) -> str:
    """A noun in the plural."""
    return noun if noun.endswith("s") else f"{noun}s"
