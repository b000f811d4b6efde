"""Turns a message after a list into a complete request: "only the ones about safety", "oldest first", "number 3".

`refine` takes the request that made the list and the message about it, and returns a request that needs no conversation:
"What did OpenAI publish in 2023?" and "only the ones about safety" make "What did OpenAI publish in 2023, about safety". An
act classifier that already knows the act can call the parts.
"""

import re
from collections.abc import Callable, Sequence

from assistant.answer import Turn
from assistant.answering.lists import opened_entry
from assistant.understanding import places
from assistant.understanding import reading as questions
from assistant.understanding.lists import list_frames
from assistant.understanding.lists.list_frames import FramedQuestion
from assistant.understanding.phrases import NUMBER_WORDS
from index import dates
from index.catalogue import Catalogue
from index.lexical import terms
from index.models import AnyEntry

from .list_utterances import Pick, act_of, filter_of, more_of, order_of, pick_of

__all__ = ["ListFollowUps", "act_of", "counting", "refine"]

MORE_ENTRIES = 5
"""How many further entries "more" shows, unless a number is said."""
_MAX_LINES = 60
"""Maximum number of lines of a list that are read if its entries are not known."""
_MONTH = re.compile(rf"(?:in |from |of )?({'|'.join(dates.MONTHS)})", re.IGNORECASE)
_TAIL = re.compile(
    r"(?:,\s*(?:oldest|newest|most important) first|,?\s*after the first \d+|, further entries)$", re.IGNORECASE
)


def refine(previous: str, utterance: str) -> str | None:
    """Return a stand-alone request: the previous request, changed as an utterance says.

    None if the utterance changes nothing, or picks one entry (`pick_of`).

    Args:
        previous: The request that made the list, as it was searched.
        utterance: What was said about the list.
    """
    base = " ".join(previous.split()).rstrip(" ?.!")
    text = " ".join(utterance.split())
    match act_of(text):
        case "list_count":
            return counting(base)
        case "list_sort":
            return f"{_without_tail(base)}, {order_of(text)}"
        case "list_more":
            return _more(base, text)
        case "list_filter":
            return _filtered(base, text)
        case _:
            return None


def counting(request: str) -> str:
    """Return a request for a list as a request for the number of its entries."""
    base = _without_tail(request)
    framed = list_frames.frames(base)[0]
    match framed.frame:
        case "count":
            return base
        case "list" | "which" | "there" | "bare":
            return f"How many {framed.rest}"
        case "did":
            return f"How many events did {framed.rest}"
        case "happened":
            return f"How many events happened {framed.rest.removeprefix('events')}".strip()
        case "everything" | "about":
            return f"How many entries {framed.rest}"
        case "timeline":
            return (
                f"How many {framed.rest}"
                if list_frames.kind_in(framed.rest)
                else f"How many events about {framed.rest}"
            )
        case "latest" | "top" | "when":
            return f"How many {framed.rest}" if list_frames.kind_in(framed.rest) else f"How many events {framed.rest}"


def _without_tail(request: str) -> str:
    """A request without its order and its position in the list."""
    while match := _TAIL.search(request):
        request = request[: match.start()].rstrip(" ?.!")
    return request


def _more(base: str, text: str) -> str:
    whole_rest, said = more_of(text)
    framed = list_frames.frames(_without_tail(base))[0]
    if framed.frame not in {"latest", "top"}:
        return f"{_without_tail(base)}, further entries"
    shown = _shown(base, framed)
    if whole_rest:
        noun = "" if list_frames.kind_in(framed.rest) else "events "
        order = (
            "oldest first"
            if framed.oldest_first
            else "most important first"
            if framed.frame == "top"
            else "newest first"
        )
        return f"list {noun}{framed.rest}, {order}"
    count = int(said) if said.isdigit() else NUMBER_WORDS.get(said, MORE_ENTRIES)
    head = f"top {count}" if framed.frame == "top" else f"the {'oldest' if framed.oldest_first else 'latest'} {count}"
    noun = "" if list_frames.kind_in(framed.rest) else "events "
    return f"{head} {noun}{framed.rest} after the first {shown}"


def _shown(base: str, framed: FramedQuestion) -> int:
    """How many entries of a list were shown so far."""
    skipped = re.search(r"after the first (\d+)", base)
    kind = list_frames.kind_in(framed.rest)
    single = kind is not None and not kind[0].group().lower().endswith("s")
    return (int(skipped[1]) if skipped else 0) + (framed.most or (1 if single else MORE_ENTRIES))


def _filtered(base: str, text: str) -> str | None:
    wanted = filter_of(text)
    tail = _TAIL.search(base)
    head, order = (base[: tail.start()], f", {tail.group().strip(' ,')}") if tail else (base, "")
    if "after the first" in order:
        order = ""
    if wanted is None:
        return None
    if wanted.without:
        return f"{head} without {wanted.rest}{order}"
    rest = f"{wanted.link} {wanted.rest}".strip()
    month = _MONTH.fullmatch(wanted.rest)
    year = re.search(r"\b(?:19|20)\d\d\b", questions.date_phrase(head) or "")
    if month and year:
        rest = f"in {month[1].title()} {year.group()}"
    dated = next((said for said in (rest, f"in {wanted.rest}") if _is_date(said)), None)
    if dated is not None:
        old = questions.date_phrase(head)
        plain = " ".join(head.replace(old, " ").split()) if old else head
        return f"{plain} {dated}{order}"
    if re.fullmatch(r"(?:the\s+)?(?:(?:most\s+)?important|major|big(?:gest)?|significant)", wanted.rest, re.IGNORECASE):
        return f"{_with_major(head)}{order}"
    link = wanted.link if wanted.link and not wanted.link.startswith(("in", "with", "from")) else "about"
    if wanted.link in {"from", "by", "of", "made by", "published by", "released by", "with", "involving"}:
        link = (
            "from" if wanted.link in {"from", "of"} else "involving" if wanted.link in {"with", "involving"} else "by"
        )
    return f"{head}, {link} {wanted.rest}{order}"


def _is_date(said: str) -> bool:
    phrase = questions.date_phrase(said)
    return phrase is not None and not questions.without_dates(said).strip(" ?.,")


def _with_major(head: str) -> str:
    framed = list_frames.frames(head)[0]
    if framed.frame in {"did", "happened"}:
        return f"{head}, major"
    at = head.lower().rfind(framed.rest.lower())
    return f"{head[:at]}major {framed.rest}" if at >= 0 else f"major {head}"


class ListFollowUps:
    """Completes messages after a list of one catalogue.

    Args:
        catalogue: The catalogue.
        is_list: Returns whether a text is a request for a list.
        is_plain: Returns whether a text explicitly asks for a list.
    """

    def __init__(self, catalogue: Catalogue, is_list: Callable[[str], bool], is_plain: Callable[[str], bool]) -> None:
        self._catalogue = catalogue
        self._is_list = is_list
        self._is_plain = is_plain

    def stands_alone(self, utterance: str) -> bool:
        """Whether an utterance is a request for a list that needs no conversation: "Show me all guides"."""
        return act_of(utterance) is None and self._is_plain(utterance)

    def opened_title(self, request: str) -> str | None:
        """The short title of the entry that a request shows; None for any other request."""
        title = opened_entry.title_in(request)
        return re.split(r":\s|\s[—–]\s", title)[0] if title else None

    def complete(self, previous: str, utterance: str, answer: Turn | None) -> str | None:
        """Return a complete request; None if the last answer was not a list, or if the message does not refer to it.

        Args:
            previous: The previous question as it was searched.
            utterance: The message about its answer.
            answer: The answer with the list.
        """
        if answer is None or not self._is_list(previous):
            return None
        pick = pick_of(utterance)
        if pick is None:
            refined = refine(previous, self._with_topics(utterance))
            if refined is None or not self._is_list(refined):
                return None
            return f"{refined}?" if previous.rstrip().endswith("?") else refined
        title = self._picked(pick, self._listed(answer))
        return None if title is None else opened_entry.request_for(title)

    def _with_topics(self, utterance: str) -> str:
        """An utterance in which places are replaced by their topics: "us policy" for "the American ones"."""
        topics = dict.fromkeys(topic for entry in self._catalogue.entries for topic in entry.topics)
        for place in reversed(places.find(utterance)):
            own = places.topic_of(place, topics)
            if own is not None:
                utterance = f"{utterance[: place.start]}{own.replace('-', ' ')}{utterance[place.end :]}"
        return utterance

    def _listed(self, answer: Turn) -> list[AnyEntry]:
        """The entries of a list in their order: as cited, or else by the titles in its lines."""
        by_id = self._catalogue.by_id
        if answer.cited:
            return [by_id[name] for name in answer.cited if name in by_id]
        lines = [line.replace("\\", "") for line in answer.content.splitlines() if line.startswith("- ")][:_MAX_LINES]
        named = [[entry for entry in self._catalogue.entries if entry.title in line] for line in lines]
        return [max(found, key=lambda entry: len(entry.title)) for found in named if found]

    def _picked(self, pick: Pick, entries: Sequence[AnyEntry]) -> str | None:
        if pick.number is not None:
            place = pick.number - 1 if pick.number > 0 else len(entries) + pick.number
            return entries[place].title if 0 <= place < len(entries) else None
        wanted = set(questions.read(pick.about).words)
        shares = [
            (
                2 * len(wanted & set(terms(entry.title))) + len(wanted & set(terms(" ".join(entry.texts().values())))),
                entry,
            )
            for entry in entries
        ]
        best = max(shares, key=lambda share: share[0], default=None)
        return best[1].title if best is not None and best[0] else None
