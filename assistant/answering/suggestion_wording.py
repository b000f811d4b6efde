"""Words questions about entries as a person would ask them, from the kind of entry, its title and its first sentence.

A title is used in a question only if it is a noun phrase. "Kestrel buys Loom, a rival" becomes "What happened when Kestrel
bought Loom?"; for "A new era with Murmur 2" the thing that the first sentence introduces is asked about.
"""

import re
from collections.abc import Iterator

from assistant.conversation.followup import short_title
from index.catalogue import Catalogue
from index.models import AnyEntry, Event, Guide, Path

_MAX_TITLE_WORDS = 9
_MAX_NAME_WORDS = 5
_MAX_PLAIN_WORDS = 3
"""A thing without a capital in its name ("reward modelling") has at most this many words."""
_ANNOUNCES = re.compile(r"^(?:Introducing|Announcing|Hello|Meet)\s+(?P<thing>(?:The\s+|the\s+)?[^,:]+)")
_CASE = re.compile(r"[A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*)* v\.? [A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*)*")
_BROUGHT = re.compile(
    r"\b(?:introduced|released|launched|presented|announced|unveiled|proposed|previewed|described|published|opened early access to)\s+(?P<rest>.+)",
    re.DOTALL,
)
_THING_END = re.compile(
    r"[,;.(:]\s|[.]$|\s(?:on \d|in (?:[A-Z]|\d)|at |as |for |with |to |that |which |who |when |together |around |by |from |and |alongside )"
)
_SORT = re.compile(
    r"^(?P<the>the )?(?:an? |its )?(?:(?:new|AI|language|open|first|coding|[a-z]+-[a-z-]+) )*"
    r"(?:models?|chatbot|method|technique|benchmark|assistant|paper|report|dataset|test|system|programme|framework|tool|library|book|toolkit)s? (?:now called |called )?(?=[A-Z])"
)
_NO_NAME = re.compile(
    r"^(?:on|in|at|that|to|for|if|how|why|can|our|an?|its|their|his|her|this|that|two|three|four|five|several|some|new|more|early|version|research|results|work|findings|what|how|whether|millions?|\d)\b"
)
_VERBS = frozenset(
    (
        "dismisses dissolves invests raises closes releases defeats beats finds restricts designates enacts launches completes acquires adopts signs postpones passes bans "
        "revokes vetoes proposes becomes reaches announces opens publishes joins sues fines orders pauses blocks approves rejects withdraws recalls agrees extends wins "
        "loses faces cuts buys sells builds starts begins ends kills hits arrests accuses warns enters fires hires dissolves merges pulls stops halts leaks exposes "
        "removes changes renames leaves quits replaces appoints names introduces unveils drops delays settles appeals rules finds goes gives"
    ).split()
)
_IRREGULAR = {
    "beat": "beat", "find": "found", "become": "became", "win": "won", "lose": "lost", "cut": "cut", "buy": "bought", "sell": "sold",
    "build": "built", "begin": "began", "hit": "hit", "withdraw": "withdrew", "leave": "left", "quit": "quit", "go": "went", "give": "gave",
    "stop": "stopped", "ban": "banned", "drop": "dropped",
}  # fmt: skip
_WITH_THE = frozenset(
    "Act Commission Institute Parliament Council Court House Committee Government Union Pentagon Ministry Senate Congress Agency Department Board Regulator Law Framework Report Project Declaration Principles Statement Agreement Treaty Summit".split()
)
_FINITE = re.compile(
    r"\b(?:can|is|are|was|were|has|have|don't|need|needs|improve|improves|elicits?|leads?|got|gets?|extend|introduce|forms|limits|secures|struggle|implements|"
    r"reach|reaches|enter|generalises?|now|apply|established|launched|adopted|revoked|released|reorganised)\b",
    re.IGNORECASE,
)
"""Words that make a title a sentence, which cannot stand for a thing."""
_STATES = re.compile(r"^(?:US|UK|EU|UN)\b")
_REASON = re.compile(r"\bbecause\b")


def questions_for(entry: AnyEntry, catalogue: Catalogue) -> Iterator[str]:
    """Yield questions that an entry should answer, its own first, then the most natural."""
    yield from entry.questions
    name = short_title(entry)
    tail = entry.title.partition(": ")[2]
    if tail and isinstance(entry, Guide) and sum(short_title(other) == name for other in catalogue.entries) > 1:
        # With several titles "Organisation profile: …", only the part after the colon says which one it is.
        yield f"Tell me about {tail}"
    elif isinstance(entry, Guide):
        yield from _for_guide(name.rstrip(".?! "))
    elif isinstance(entry, Path):
        yield "Where should I start reading?"
    else:
        yield from _for_event(entry, name.rstrip(".?! "))


def _for_guide(name: str) -> Iterator[str]:
    if len(name.split()) <= _MAX_NAME_WORDS:
        yield what_is(lower_first(name))
    yield f"Tell me about {lower_first(name)}"


def what_is(name: str) -> str:
    """Return the question what a thing is, in the number of its name, without an acronym in brackets."""
    name = re.sub(r" \([^)]*\)$", "", name)
    last = name.rsplit(maxsplit=1)[-1]
    is_plural = " and " in name or (
        last.endswith("s") and not last.endswith(("ss", "is", "us", "'s", "’s")) and last[-2:].islower()
    )
    return f"What {'are' if is_plural else 'is'} {name}?"


def _for_event(event: Event, name: str) -> Iterator[str]:
    case = _CASE.search(event.title)
    if case is not None:
        yield f"What happened in {case.group()}?"
        return
    announced = _ANNOUNCES.match(event.title)
    if announced is not None and may_be_thing(announced["thing"]):
        yield what_is(re.sub(r"^The ", "the ", announced["thing"].strip().rstrip(".?!")))
        return
    happened = list(_what_happened(event))
    yield from happened
    thing = None if happened else introduced_in(event.summary)
    if thing is not None:
        yield what_is(thing)
    elif not happened and len(name.split()) <= _MAX_PLAIN_WORDS and name[:1].isupper() and may_be_thing(name):
        yield what_is(
            f"the {name}" if name.rsplit(maxsplit=1)[-1] in _WITH_THE and not name.startswith("The ") else name
        )
    if not happened and len(name.split()) <= _MAX_TITLE_WORDS and not _FINITE.search(name):
        yield f"What is “{name}” about?"


def may_be_thing(name: str) -> bool:
    """Whether some words can be the X of "What is X?": no description, no part of a sentence, and not too long."""
    is_gerund = re.match(r"[A-Z]\w+ing ", name) is not None
    return (
        not is_gerund
        and len(name.split()) <= _MAX_NAME_WORDS
        and not _NO_NAME.match(name.casefold())
        and " of " not in name
        and "?" not in name
    )


def _what_happened(event: Event) -> Iterator[str]:
    """Yield questions for a title that is a sentence: "Kestrel buys Loom"."""
    for match in re.finditer(r"(?<= )[a-z]+s(?= )", event.title):
        subject, verb = event.title[: match.start()].strip(), match.group()
        rest = re.split(r"[,;:]| after ", event.title[match.end() :])[0].strip()
        if verb not in _VERBS or not subject[:1].isupper() or re.search(r"[,;:]", subject) or not rest:
            continue
        base = _base(verb)
        subject = f"the {subject}" if _STATES.match(subject) or subject.split()[-1] in _WITH_THE else subject
        if _REASON.search(event.summary):
            yield f"Why did {subject} {base} {rest}?"
        yield f"What happened when {subject} {_past(base)} {rest}?"
        return


def _base(verb: str) -> str:
    if verb.endswith("ies"):
        return f"{verb[:-3]}y"
    return verb[:-2] if verb.endswith(("sses", "shes", "ches", "xes", "oes")) else verb[:-1]


def _past(base: str) -> str:
    if base in _IRREGULAR:
        return _IRREGULAR[base]
    if base.endswith("e"):
        return f"{base}d"
    return f"{base[:-1]}ied" if base.endswith("y") and base[-2] not in "aeiou" else f"{base}ed"


def introduced_in(summary: str) -> str | None:
    """Return the thing that the first sentence of an event introduces: "the Transformer", "reward modelling"."""
    first = re.split(r"(?<=[.!?])\s+(?=[A-Z])", summary, maxsplit=1)[0]
    match = _BROUGHT.search(first)
    if match is None:
        return None
    rest = _THING_END.split(match["rest"], maxsplit=1)[0].strip()
    sort = _SORT.match(rest)
    thing = rest[sort.end() :] if sort is not None else rest
    bare = thing.removeprefix("the ")
    words = bare.split()
    is_name = any(character.isupper() or character.isdigit() for character in bare)
    if (
        not words
        or _NO_NAME.match(bare.casefold())
        or " of " in bare
        or "?" in bare
        or bare.split()[0].endswith("ing")
        or len(words) > (_MAX_NAME_WORDS if is_name else _MAX_PLAIN_WORDS)
    ):
        return None
    return None if not is_name and thing != bare else thing


def lower_first(name: str) -> str:
    """Return a name with a small first letter, unless a later letter is a capital."""
    return f"{name[0].lower()}{name[1:]}" if name[1:].islower() else name
