"""The answer and its parts, as described in `docs/answers.md`, and the turns of a conversation."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from index.models import EntryKind, Level

Status = Literal["answered", "abstained", "unavailable"]
Mode = Literal["chat", "summary"]
Intent = Literal["lookup", "define", "list", "count", "latest", "timeline", "compare", "summary"]

LONGEST_QUESTION = 2_000
"""Maximum number of characters. A longer question is refused with an error; it is never cut."""
_ID_BYTES = 12
"""Number of random bytes in an answer's id: 96 bits, so that ids cannot be guessed."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation. `cited` holds the ids of the entries that an answer cited, if known."""

    role: Literal["user", "assistant"]
    content: str
    cited: tuple[str, ...] = ()
    searched_for: str | None = None
    """For a user's turn: the resolved question, if known, so that it is not resolved a second time."""
    suggestions: tuple[str, ...] = ()
    """For an assistant's turn: the suggestions it showed, if known, so that "yes" can refer to one."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Restrictions on entries. Empty lists and None restrict nothing. Dates are written as in the catalogue."""

    kinds: tuple[EntryKind, ...] = ()
    since: str | None = None
    until: str | None = None
    organisations: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any restriction."""
        return any((self.kinds, self.since, self.until, self.organisations, self.topics))


@dataclass(frozen=True, slots=True)
class Again:
    """Everything needed to ask the same question again later, without its conversation."""

    text: str
    """The stand-alone question."""
    day: str
    """The day, YYYY-MM-DD, that "last year" and the like were counted from."""
    without: tuple[str, ...] = ()
    """Restrictions that were ignored on request."""
    as_of: str | None = None
    """The day after which entries were ignored; None if the user set no such day."""
    found: tuple[str, ...] = ()
    """For a stored shared answer: ids of the entries found when it was made."""


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed question. `question` is the text as asked; `searched_for` can be understood without the history."""

    question: str
    searched_for: str
    intent: Intent = "lookup"
    filters: Filters = Filters()
    mode: Mode = "chat"
    level: Level = "intermediate"
    subject: str | None = None
    """For `define`: the thing asked about ("RLHF" in "What is RLHF?")."""
    carried: tuple[str, ...] = ()
    """Ids of the entries that the conversation is about, best first. Empty for a stand-alone question."""
    wants_more: bool = False
    """Whether the user asks for more ("tell me more"); sentences quoted before are then not quoted again."""
    again: Again | None = None
    """How to ask the question again; None for a question that needs its conversation."""


@dataclass(frozen=True, slots=True)
class Citation:
    """One quotation. `quote` equals `field[start:end]` of the entry; offsets count characters."""

    number: int
    entry_id: str
    kind: EntryKind
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
    """One sentence of an answer, without citation markers. `support`, in 0..1: how well the quotations support it."""

    text: str
    citations: tuple[int, ...]
    support: float


@dataclass(frozen=True, slots=True)
class Removed:
    """A generated sentence that was removed, and the reason."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Near:
    """An entry close to a question that has no answer."""

    entry_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Related:
    """A related entry, and why it is related."""

    entry_id: str
    kind: EntryKind
    title: str
    date: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a brief: the citations from `first` to `last`, under `heading`, which may be empty."""

    heading: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Later:
    """A later entry about the same thing as a cited entry, with the sentence that shows it.

    `says` is "changed" if the sentence reports a change, "figures" if it gives another number for the same thing, and
    "later" if only the date shows that the entry is later.
    """

    number: int
    """The number of the older citation."""
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
    """A part of the question that no entry covers, and the evidence for that."""

    about: str
    why: str


@dataclass(frozen=True, slots=True)
class Brief:
    """The structure of a summary: the order of its sentences, the entries considered, later entries and open points."""

    order: Literal["theme", "time"]
    considered: int
    """Number of entries considered."""
    used: int
    """Number of entries cited."""
    parts: tuple[Part, ...] = ()
    later: tuple[Later, ...] = ()
    open_points: tuple[OpenPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class CatalogueStamp:
    """The catalogue that an answer was made from."""

    hash: str
    as_of: str | None
    entries: int


@dataclass(frozen=True, slots=True)
class Engine:
    """The answerer, the embedder and the version that made an answer."""

    answerer: str
    embedder: str
    version: str


@dataclass(frozen=True, slots=True)
class Restriction:
    """One restriction of a question. `name` identifies it ("dates", "topics:safety"); `label` is display text."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. `as_dict` returns the form used by `ask --json`, the API and the last event of a stream."""

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
    """Only for a summary."""
    found: tuple[str, ...] = ()
    """Ids of the entries found, best first. For receipts; not in the JSON."""
    understood: tuple[Restriction, ...] = ()
    """The restrictions found in the question, for display; not in the JSON."""
    again: Again | None = None
    """How to ask the same question again. For shared answers and receipts; not in the JSON."""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    id: str = field(default_factory=lambda: secrets.token_hex(_ID_BYTES), compare=False)
    """24 random hexadecimal digits, not derived from the answer, so that knowing a question does not reveal the id."""

    @property
    def cited(self) -> tuple[str, ...]:
        """Ids of the cited entries, in order of first use."""
        return tuple(dict.fromkeys(citation.entry_id for citation in self.citations))

    @property
    def rephrased(self) -> str:
        """What was searched for, if it differs from the question in more than capitals, spaces and end marks; else ""."""
        same = _bare(self.searched_for) == _bare(self.question)
        return "" if same else self.searched_for

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object of `docs/answers.md`, keys in that order. Only a summary has `brief`."""
        values = asdict(self)
        order = (
            "status question searched_for intent filters mode level text sentences citations total removed "
            "reason nearest related suggestions catalogue engine timings_ms id"
        )
        return {name: values[name] for name in (*order.split(), *(("brief",) if self.brief else ()))}


def _bare(question: str) -> str:
    return " ".join(question.split()).rstrip(" ?.!").casefold()
