"""What goes in and what comes out: turns, the answer of `contracts.md` section 3, and its parts."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from index.models import Kind, Level

Status = Literal["answered", "abstained", "unavailable"]
Mode = Literal["chat", "summary"]
Intent = Literal["lookup", "define", "list", "count", "latest", "timeline", "compare", "summary"]

LONGEST_QUESTION = 2_000
"""Characters; a longer question is refused with a clear error, never cut in silence."""
_ID_BYTES = 12
"""96 bits of an answer's id: too many to guess."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation; `cited` are the entry ids an answer rested on, where known."""

    role: Literal["user", "assistant"]
    content: str
    cited: tuple[str, ...] = ()
    searched_for: str | None = None
    """For a user's turn: the question as it was searched, where known, so that nothing is resolved twice."""
    suggestions: tuple[str, ...] = ()
    """For an assistant's turn: the next questions it showed, where known, so that "yes" can take one up."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What restricts the entries; empty lists and None restrict nothing. Dates as in the catalogue."""

    kinds: tuple[Kind, ...] = ()
    since: str | None = None
    until: str | None = None
    organisations: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is restricted at all."""
        return any((self.kinds, self.since, self.until, self.organisations, self.topics))


@dataclass(frozen=True, slots=True)
class Again:
    """What it takes to ask the same question again later, outside its conversation."""

    text: str
    """The question, standing alone."""
    day: str
    """The day, YYYY-MM-DD, that "last year" and the like were counted from."""
    without: tuple[str, ...] = ()
    """Parts of what was understood that did not restrict."""
    as_of: str | None = None
    """The day as of which it was asked, if the reader named one."""
    found: tuple[str, ...] = ()
    """Ids of the entries found then, in what is kept of a shared answer."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it was understood: `searched_for` stands alone, `question` is as asked."""

    question: str
    searched_for: str
    intent: Intent = "lookup"
    filters: Filters = Filters()
    mode: Mode = "chat"
    level: Level = "intermediate"
    subject: str | None = None
    """For `define`: the thing asked about ("RLHF" in "What is RLHF?")."""
    carried: tuple[str, ...] = ()
    """Entries that the conversation was about, best first; empty for a question that stood alone."""
    wants_more: bool = False
    """"Tell me more": what was quoted before is not to be quoted again."""
    again: Again | None = None
    """None where the question cannot be asked outside its conversation."""


@dataclass(frozen=True, slots=True)
class Citation:
    """One quotation: `quote` is exactly `field[start:end]` of the entry (offsets in characters)."""

    number: int
    entry_id: str
    kind: Kind
    title: str
    date: str | None
    source: str | None
    url: str | None
    field: str
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, without its markers; `support` in 0..1 says how well the quotes carry it."""

    text: str
    citations: tuple[int, ...]
    support: float


@dataclass(frozen=True, slots=True)
class Removed:
    """A generated sentence that was taken out, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Near:
    """An entry near a question that has no answer."""

    entry_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Related:
    """An entry worth reading next, and why."""

    entry_id: str
    kind: Kind
    title: str
    date: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a brief: the citations from `first` to `last` stand under `heading`, which may be empty."""

    heading: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Later:
    """A later entry on the same thing as a cited one, and the sentence in it that shows this, by its exact place.

    `says` is "changed" where the sentence itself tells of a change, "figures" where it gives another number of the
    same thing, and "later" where it is only known to be later.
    """

    number: int
    """The citation that it is later than."""
    entry_id: str
    title: str
    date: str
    says: Literal["changed", "figures", "later"]
    field: str
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """Something that the question touches and no entry covers, and why that is thought."""

    about: str
    why: str


@dataclass(frozen=True, slots=True)
class Brief:
    """What frames the sentences of a summary: how they are ordered, what they were chosen from, what they leave open."""

    order: Literal["theme", "time"]
    considered: int
    """Entries looked into."""
    used: int
    """Entries cited."""
    parts: tuple[Part, ...] = ()
    later: tuple[Later, ...] = ()
    open_points: tuple[OpenPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class CatalogueStamp:
    """Which catalogue an answer was made from."""

    hash: str
    as_of: str | None
    entries: int


@dataclass(frozen=True, slots=True)
class Engine:
    """What an answer was made with."""

    answerer: str
    embedder: str
    version: str


@dataclass(frozen=True, slots=True)
class Restriction:
    """One restriction of a question: `name` takes it off again ("dates", "organisations:Anthropic"), `label` says it."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer: what `ask --json`, the API and the last stream event return."""

    status: Status
    question: str
    searched_for: str
    intent: Intent
    filters: Filters
    mode: Mode
    level: Level
    text: str
    catalogue: CatalogueStamp
    engine: Engine
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    total: int | None = None
    removed: tuple[Removed, ...] = ()
    reason: str | None = None
    nearest: tuple[Near, ...] = ()
    related: tuple[Related, ...] = ()
    suggestions: tuple[str, ...] = ()
    brief: Brief | None = None
    """Of a summary alone."""
    found: tuple[str, ...] = ()
    """Ids of the entries found for the question, best first; for receipts, and no part of the JSON."""
    understood: tuple[Restriction, ...] = ()
    """The restrictions that were understood; for who shows them, and no part of the JSON."""
    again: Again | None = None
    """How to ask the same again; for shared answers and receipts, and no part of the JSON."""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    id: str = field(default_factory=lambda: secrets.token_hex(_ID_BYTES), compare=False)
    """24 hexadecimal digits, random for each answer given. An id made from the answer could be worked out by anyone who
    guesses the question, and would then show whether somebody asked or shared it."""

    @property
    def cited(self) -> tuple[str, ...]:
        """Ids of the entries cited, in order of first use."""
        return tuple(dict.fromkeys(citation.entry_id for citation in self.citations))

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of the contract, keys in its order; `id` and, of a summary, `brief` besides, at the end."""
        values = asdict(self)
        order = (
            "status question searched_for intent filters mode level text sentences citations total removed "
            "reason nearest related suggestions catalogue engine timings_ms id"
        )
        return {name: values[name] for name in (*order.split(), *(("brief",) if self.brief else ()))}
