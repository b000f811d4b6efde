"""Question patterns ("frames") that ask for lists of entries, and the words for kinds, levels and importance of entries."""

import re
from typing import Literal

from assistant.answer import Intent
from assistant.understanding.phrases import NUMBER_WORDS, OPENER
from index.models import EntryKind, Level

from .entry_request import Order

Frame = Literal[
    "count",
    "timeline",
    "when",
    "top",
    "latest",
    "happened",
    "which",
    "list",
    "there",
    "did",
    "everything",
    "about",
    "bare",
]

_ASKS_TO_SEE = r"(?:see\s++(?=all\b|the\b|every\b)|find out\s++)?+"
_TELL = r"(?:(?:tell|show) (?:me|us) (?=what|which|how many)|do you know (?=what|which|how many))?+"
_POLITE = re.compile(rf"^{OPENER}{_ASKS_TO_SEE}{OPENER}{_TELL}", re.IGNORECASE)
_COUNTS = {word: number for word, number in NUMBER_WORDS.items() if 2 <= number <= 10}
_NUMBER = "|".join([r"\d{1,3}", *_COUNTS])
_OPENINGS: tuple[tuple[Frame, str], ...] = (
        ("count", r"how many(?: (?:pieces|items|bits|kinds|sorts) of)?(?: of the)?|(?:(?:what(?:'s|’s| is| was)|tell me|give me)\s+)?(?:the )?(?:total )?number of|count(?: all)?(?: the)?"),
        (
            "timeline",
            (r"(?:(?:(?:give|show|draw|make|build)(?: me)?|what(?:'s|’s| is))\s+)?(?:a |an |the )?"
            r"(?:timeline|chronology|chronological (?:list|overview|order))(?:(?: of| for)(?: the)?(?: events?)?)?"),
        ),
        ("when", r"when (?:were|did)(?: all)?(?: the)?"),
        (
            "top",
            (rf"(?:(?:what(?:'s|’s| is| are| was| were)|show(?: me)?|give me|list|name|tell me|which (?:are|were))\s+)?(?:the\s+)?"
            rf"(?:top\s+(?P<after>{_NUMBER})|(?P<before>{_NUMBER})\s+(?:most\s+(?:important|significant|notable|influential)|biggest|largest|top|main))"),
        ),
        (
            "latest",
            (rf"(?:(?:what(?:'s|’s| is| are| was| were)|show(?: me)?|give me|list|tell me|any|which (?:is|are|was|were))\s+)?(?:the\s+)?(?:very\s+)?"
            rf"(?:(?P<before>{_NUMBER})\s+)?(?P<end>latest|newest|most recent|recent|last|first|earliest|oldest)(?:\s+(?P<after>{_NUMBER}))?"
            r"|(?P<new>what(?:'s|’s| is) (?:new|happening|going on))"),
        ),
        ("happened", r"(?:(?:has |did |was |is |were )?(?:anything|something|any news)(?: new| big| important| interesting| major| else)?|what(?:'s|’s)?) (?:(?:has|have|had|all|else|important|major|big|was|were|been|that)\s+)*(?:released|published|announced|launched|happen(?:ed|ing)?|took place|occurred|was going on|going on|went on|(?P<came>came(?: out)?(?: just| right| directly| immediately| next)?))"),
        ("did", r"(?:what|which things)(?: all)? (?:has|have|had|did)"),
        ("everything", r"(?:(?:list|show|give|find|tell)(?: me)? )?everything(?: that| there is)?"),
        ("about", r"what (?:is there|do you have|have you got|do we have|does (?:it|the (?:catalogue|almanac)) have)(?= (?:on|about|by|from)\b)"),
        ("there", r"(?:(?:are|is|were|was) there|do you (?:have|know)(?: of)?|have you got|does the (?:catalogue|almanac) (?:have|hold|list))(?: any| some| a| an| other)?"),
        ("list", r"(?:list|show|give|name|find|display|get|enumerate)(?: me| us)?(?: all| every| each| any| a list)?(?: of)?(?: the)?|(?:a |the )?(?:full |complete )?list of(?: all)?(?: the)?|all(?: of)?(?: the)?|every"),
        ("which", r"(?:which|what)(?: are| were)?(?: all)?(?: of)?(?: the)?"),
)  # fmt: skip
_FRAMES = tuple((frame, re.compile(rf"^(?:{opening})\s+(?P<rest>.+)$", re.IGNORECASE)) for frame, opening in _OPENINGS)
_HAPPENED = re.compile(r"what(?:'s|’s| has| have)?(?: been)? (?:happened|happening|going on)", re.IGNORECASE)
_NEW = re.compile(
    r"(?:what(?:'s|’s| is) (?:new|the latest|happening|going on|the news)(?: here)?|(?:any|the) (?:latest |recent |new )?news|anything new|(?:the )?(?:latest|newest)(?: ones?)?)",
    re.IGNORECASE,
)
_ASKS_RELATION = re.compile(r"\b(?:to do with|mean(?:t)? by|got to do)\b", re.IGNORECASE)
"""A question for what somebody had to do with something needs a sentence, not a list of entries."""


class FramedQuestion:
    """A question split into its frame and the rest, which describes the entries."""

    def __init__(self, frame: Frame, rest: str, *, end: str = "", most: int | None = None, came: bool = False) -> None:
        self.frame = frame
        self.rest = rest
        self.came = came
        self.oldest_first = end in {"first", "earliest", "oldest"}
        self.most = most

    @property
    def intent(self) -> Intent:
        """The intent that this frame maps to in an answer."""
        match self.frame:
            case "count" | "timeline" | "latest":
                return self.frame
            case "top":
                return "latest"
            case "when":
                return "timeline"
            case _:
                return "list"

    def order(self, *, has_start: bool) -> Order:
        """The order of the entries, if the question states none; `has_start` tells whether a period with a start is named."""
        if self.frame == "top":
            return "importance"
        happened = self.frame == "happened" and (has_start or not self.came)
        return "oldest" if self.oldest_first or self.frame in {"timeline", "when"} or happened else "newest"


def frames(question: str) -> list[FramedQuestion]:
    """Return the possible ways to read a question as a request for entries, the most likely first."""
    text = _POLITE.sub("", " ".join(question.split()), count=1).rstrip(" ?.!")
    if _NEW.fullmatch(text):
        return [FramedQuestion("latest", "events")]
    if _HAPPENED.fullmatch(text):
        return [FramedQuestion("happened", "events")]
    found = []
    for frame, pattern in _FRAMES:
        match = pattern.match(text)
        if match is None or (frame == "did" and _ASKS_RELATION.search(match["rest"])):
            continue
        part = match.groupdict()
        said = (part.get("before") or part.get("after") or "").lower()
        number = (int(said) if said.isdigit() else _COUNTS[said]) if said else None
        found.append(
            FramedQuestion(
                frame, match["rest"], end=(part.get("end") or "").lower(), most=number, came=bool(part.get("came"))
            )
        )
        if frame != "did":
            break
    return found or [FramedQuestion("bare", text)]


_EVENT = "events?|incidents?|developments?|announcements?|news(?: items?| stories)?|happenings|updates?|occurrences|headlines?|stories|stuff|milestones|highlights|breakthroughs|moments"
_UNMARKED = "papers?|articles?|publications?|blog posts?|posts?|reports?|releases?|launches|studies|preprints?"
_NOUNS: tuple[tuple[str, tuple[EntryKind, ...]], ...] = (
    (r"(?:reading|learning|study)[ -](?:paths?|lists?|tracks?|orders?)", ("path",)),
    ("guides?|explainers?|tutorials?|primers?", ("guide",)),
    (_EVENT, ("event",)),
    (_UNMARKED, ("event",)),
    ("entries|entry|items?|records?|resources?|everything|anything", ()),
)
_KINDS = tuple((re.compile(rf"\b(?:{words})\b(?!['’]s)", re.IGNORECASE), kinds) for words, kinds in _NOUNS)
_IS_UNMARKED = re.compile(_UNMARKED, re.IGNORECASE)
MAJOR = re.compile(
    r"\b(?:(?:the\s+)?most\s+(?:important|significant|notable|influential)|major|important|biggest|big|main|top|significant|notable|key|landmark|historic|high-importance)\b",
    re.IGNORECASE,
)
_LEVELS: tuple[tuple[re.Pattern[str], Level], ...] = (
    (
        re.compile(
            r"\b(?:(?:suitable |good |aimed |written )?(?:for|at)\s+(?:absolute |complete |total )?(?:beginners?|newcomers?|novices?)|beginners?(?:['’]s?|[ -]level)?|introductory)(?!\w)",
            re.IGNORECASE,
        ),
        "beginner",
    ),
    (re.compile(r"\b(?:(?:at|of) )?(?:an |the )?intermediate(?:[ -]level)?\b", re.IGNORECASE), "intermediate"),
    (re.compile(r"\b(?:for (?:experts?|advanced readers)|(?:(?:at|of) )?(?:an |the )?advanced(?:[ -]level)?)\b", re.IGNORECASE), "advanced"),
)  # fmt: skip


def kind_in(text: str) -> tuple[re.Match[str], tuple[EntryKind, ...]] | None:
    """Find the first word for a kind of entry, and the kinds it means; no kinds for a word such as "entries"."""
    found = [(match, kinds) for pattern, kinds in _KINDS if (match := pattern.search(text))]
    return min(found, key=lambda one: (one[0].start(), -one[0].end())) if found else None


def is_unmarked(noun: str) -> bool:
    """Whether a noun is more specific than the catalogue's kinds. The catalogue stores papers, for example, simply as events."""
    return _IS_UNMARKED.fullmatch(noun) is not None


def level_in(text: str) -> tuple[re.Match[str], Level] | None:
    """Find the level that a text asks for; None if it names no level."""
    return next(((match, level) for pattern, level in _LEVELS if (match := pattern.search(text))), None)
