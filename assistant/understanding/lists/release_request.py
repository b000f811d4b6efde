"""Finds the noun of a request for things that came out: "models" in "chronology of the model releases of Heron Labs"."""

import re
from dataclasses import dataclass

from .list_frames import Frame

_ADJECTIVES = (
    r"(?:(?:the|all|its|their|new|ai|a\.i\.|artificial intelligence|large|frontier|flagship|language|different)\s+)*"
)
_NOUN = re.compile(
    rf"(?:\b(?:release(?:s| dates?)?|launch(?:es)?|rollouts?|versions|generations)\s+of\s+{_ADJECTIVES}(?P<of>models?|llms?|products?)"
    rf"|{_ADJECTIVES}\b(?P<noun>models?|llms?|products?)(?:\s+(?P<came>releases?|launch(?:es)?|rollouts?|versions?|generations?))?)"
    r"(?P<after>$|(?=\s*[;,?!()])|(?=\s+(?:that|which|were|was|are|have|has|had|did|by|from|of|at|in|since|before|after|until|between|so|there|came|released|launched|"
    r"announced|published|introduced|unveiled|made|built|developed|created|shipped|put|over|during|is|do|to date|ever|up|on|this|last|and when|with dates?)\b))",
    re.IGNORECASE,
)
_OF_FAMILY = re.compile(
    r"\b(?:releases|launches|versions|generations) of\s+(?=[A-Z])|(?<=[\w)] )(?:releases|launches|versions)\b(?=\s*(?:$|[;,]|so far))",
)
"""Releases of things with a name: "releases of Quiet", "Quiet versions"."""
_CAME_OUT = re.compile(
    r"\b(?:released?|launch(?:ed)?|came out|come out|introduced?|unveiled?|announced?|shipped|made|built|put out|brought out|published?|debuted)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"\b(?:about|on|regarding|concerning|mention(?:s|ing)?)\s+(?:the\s+)?$", re.IGNORECASE)
_SAME = {"llm": "models", "llms": "models"}


@dataclass(frozen=True, slots=True)
class ReleaseNoun:
    """A noun for things that came out, in the plural, and its range of characters."""

    noun: str
    start: int
    end: int


def find(left: str, text: str, frame: Frame, *, by_maker: bool) -> ReleaseNoun | None:
    """Return the noun; None if the request is not for things that came out.

    Args:
        left: The text, with all parsed parts replaced by semicolons.
        text: The text of the request.
        frame: Its frame.
        by_maker: Whether it names an organisation.
    """
    for match in _NOUN.finditer(left):
        noun = (match["noun"] or match["of"]).lower()
        came = bool(match["came"] or match["of"]) or _CAME_OUT.search(text) is not None
        before = left[: match.start()]
        if _ABOUT.search(before) and not (frame == "timeline" or came):
            continue
        is_family = re.search(r"(?:[A-Z0-9][\w.-]*|\bgpt)\s*$", before) is not None
        if not came and not (noun.endswith("s") and (by_maker or is_family or frame == "latest") and frame != "there"):
            continue
        if not noun.endswith("s") and not match["came"]:
            continue
        plural = noun if noun.endswith("s") else f"{noun}s"
        start = match.start() + len(match.group()) - len(match.group().lstrip())
        return ReleaseNoun(_SAME.get(noun, plural), start, match.start("after"))
    of_family = _OF_FAMILY.search(left)
    return (
        ReleaseNoun("products", of_family.start(), len(of_family.group().rstrip()) + of_family.start())
        if of_family
        else None
    )
