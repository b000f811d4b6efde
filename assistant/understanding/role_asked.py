"""Parses questions for a role: "Who is the chief executive of X?", "Who founded X?", "Who made X?", "Who wrote X?".

It also has the patterns that find a role in a sentence. There the name asked about is written as `NAME`.
"""

import re
from dataclasses import dataclass
from typing import Literal

from .phrases import OPENER, TELL_ME

NAME = "§"
"""Stands for the name asked about in the patterns for sentences."""
RoleKind = Literal["leader", "founder", "maker", "author", "successor", "other"]

_START = rf"^{OPENER}{TELL_ME}?+"
_WHO_IS = r"who(?:['’]?s| is| was| are| were)(?: currently| now)?"
_FIRST = r"(?:(?P<which>first|current|new|former|interim|acting|present|original|main) )?"
_ROLE = (
    r"(?P<role>chief executive(?: officer)?|ceo|cto|cfo|coo|boss|(?:co-?)?founders?|heads?|leaders?|(?:vice[- ])?presidents?|"
    r"(?:co-?)?chair(?:s|man|woman|person)?|(?:research |executive |managing )?directors?|chief [a-z]+(?: officer)?|[a-z]+ scientist|"
    r"(?:prime )?minister|judge|governor|secretary|commissioner|advis[eo]rs?|creators?|makers?|inventors?|authors?)"
)
_THE_NAME = r"(?P<name>\S.*?)(?: now| today| these days| anyway)?\W*$"
_ASKED: tuple[tuple[str, RoleKind | None], ...] = (
    (rf"{_WHO_IS} (?:the )?{_FIRST}{_ROLE} (?:of|at|for|behind|in) {_THE_NAME}", None),
    (rf"{_WHO_IS} (?P<name>\S.*?)['’]s? {_FIRST}{_ROLE}\W*$", None),
    (rf"(?:{_WHO_IS} (?:the )?)?(?P<name>\S.*?) {_FIRST}(?P<role>ceo|cto|cfo|chief executive|founders?)\W*$", None),
    (
        rf"who(?:['’]s| is| was)?(?: currently| now)? (?:runs?|running|leads?|leading|led|heads?|heading|headed|chairs?|chaired|chairing|in charge of|at the head of|manages) {_THE_NAME}",
        "leader",
    ),
    (rf"who (?:co-?)?(?:founded|started|set up|established) {_THE_NAME}", "founder"),
    (
        rf"who (?:actually |first |originally )?(?:created|made|makes|built|developed|develops|invented|came up with|designed) {_THE_NAME}",
        "maker",
    ),
    (
        rf"who (?:replaced|succeeded|took over (?:from|for|after)|came after|was the successor of) {_THE_NAME}",
        "successor",
    ),
    (rf"who (?:co-?)?(?:wrote|authored|published) {_THE_NAME}", "author"),
    (rf"who (?:are|were) (?:the )?people behind {_THE_NAME}", "author"),
)
_PATTERNS = tuple((re.compile(_START + pattern, re.IGNORECASE), kind) for pattern, kind in _ASKED)
_KINDS: tuple[tuple[str, RoleKind], ...] = (
    (r"chief executive.*|ceo|boss|heads?|leaders?", "leader"),
    (r"(?:co-?)?founders?", "founder"),
    (r"creators?|makers?|inventors?", "maker"),
    (r"authors?", "author"),
)
_CHIEF = r"(?:chief executives?(?: officers?)?|CEOs?|interim chief)"
_MADE = (
    r"(?:creat|made\b|make|buil[td]|develop|invent|introduc|releas|launch|open(?:ed)? early|announc|unveil|present|describ|propos|publish|program (?:by|from)|"
    r"designed|devis|preview)"
)
_ENDS = r"(?=[,.;:)]|$| (?:and|or|in|from|since|until|for|as|at|after|on|with|when|who|which)\b)"
"""What follows a name that is not put before a noun: "chaired the OpenAI committee" is not about leading OpenAI."""
_SUCCEEDS = (
    r"\b(?:interim|replac\w+|succe(?:ed|ssor)\w*|took over|taking over|was (?:named|appointed)|takes? the place)\b"
)
_WROTE = r"(?:wrote|written|authors?|describ\w+|introduc\w+|present\w+|propos\w+|argu\w+|show\w+|publish\w+|report\w+)"


@dataclass(frozen=True, slots=True)
class RoleAsked:
    """A question for the person or organisation in a role."""

    kind: RoleKind
    wanted: str
    """What is asked for: "who founded it"."""
    name: str
    """The name of the organisation, product or work, as the question writes it."""
    told: re.Pattern[str]
    """What a sentence that answers has, with `NAME` for the name."""
    qualifier: str = ""
    """Which holder of the role is meant: "first", "interim"; may be empty."""


def role_asked(question: str) -> RoleAsked | None:
    """Parse a question for a role; None for any other question."""
    for pattern, kind in _PATTERNS:
        match = pattern.match(question)
        if match is not None:
            role = (match.groupdict().get("role") or "").casefold()
            which = (match.groupdict().get("which") or "").casefold()
            return _asked(kind or _kind_of(role), role, match["name"], "" if which in {"current", "present"} else which)
    return None


def _kind_of(role: str) -> RoleKind:
    return next((kind for pattern, kind in _KINDS if re.fullmatch(pattern, role)), "other")


def _asked(kind: RoleKind, role: str, name: str, qualifier: str) -> RoleAsked:
    shown = " ".join([*([qualifier] if qualifier else []), role.upper() if re.fullmatch(r"c[efto]o", role) else role])
    verbs = {
        "leader": "who leads it",
        "founder": "who founded it",
        "maker": "who made it",
        "author": "who wrote it",
        "successor": "who came next",
    }
    wanted = f"who its {shown} is" if role and kind in {"leader", "other"} else verbs[kind]
    patterns = {
        "leader": _holds(_CHIEF) + "|" + _leads(),
        "founder": _founds(),
        "maker": _MADE,
        "author": _WROTE,
        "successor": _SUCCEEDS,
        "other": _holds(rf"{re.escape(re.sub(r's$', '', role))}s?"),
    }
    return RoleAsked(kind, wanted, name, re.compile(patterns[kind], re.IGNORECASE), qualifier)


def _holds(role: str) -> str:
    """A pattern for a person with the role at the name."""
    return (
        rf"{NAME}['’]s? (?:[\w’'-]+ ){{0,3}}{role}\b|\b{role} (?:of|at|for) (?:the )?(?:[\w-]+ ){{0,2}}{NAME}(?!['’])|"
        rf"{NAME}['’]s? board [^.;]{{0,30}}\b{role}\b|{NAME} had [^.;]{{0,30}}\b{role}\b|{NAME}[^.;]{{0,90}}\b(?:with|as) [^.;]{{0,40}}\b{role}\b"
    )


def _leads() -> str:
    return (
        rf"{NAME}(?: team| project| group)?(?: in [\w ]{{3,20}})?(?:,[^.;,]{{0,60}},)?,? (?:is |was |has been |now )?(?:co-)?(?:led|headed|run|chaired) by|"
        rf"\b(?:leads|heads|led|headed|runs|chairs|chaired|to lead) (?:the )?{NAME}{_ENDS}|\bchair of (?:the )?{NAME}{_ENDS}"
    )


def _founds() -> str:
    return (
        rf"\b(?:founded|started|set up|established|created) (?:the )?{NAME}(?!['’])|{NAME}(?:,| was| is| had been)[^.;]{{0,20}} ?(?:co-)?founded\b[^.;]*\b(?:by|among them|including)\b|"
        rf"{NAME}['’]s? (?:co-)?founders?\b|\b(?:co-)?founders? (?:of|at) (?:the )?{NAME}|\bco-?founder [^.;]{{0,40}}{NAME}['’]"
    )


FIRST_LEADERS = re.compile(
    rf"{_holds('(?:first )?(?:co-)?(?:chairs?|directors?|presidents?|founders?)')}|{_holds(_CHIEF)}|{_leads()}",
    re.IGNORECASE,
)
"""People in a leading role at the name: the next best answer for a role that no sentence states."""
