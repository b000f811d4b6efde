"""A question as the page sends it, with the part of the conversation that a follow-up needs.

The browser keeps the conversation, so the server needs no session: a question is answered after a restart as before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from assistant.answer import LONGEST_QUESTION, Mode, Restriction, Turn
from assistant.conversation.history import LONGEST, LONGEST_TURN
from index.models import Level

from .restriction_chips import parts_in

_MAX_KEY_LENGTH = 60
_MAX_NUMBER = 1_000_000
_MAX_NAMES = 40
_LEVELS: dict[str, Level] = {name: name for name in get_args(Level)}
_MODES: dict[str, Mode] = {name: name for name in get_args(Mode)}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what belongs to it. Every value is valid, whatever the page has sent."""

    question: str
    key: str
    """What the page recognises the answer by."""
    number: int
    """The number of the exchange in the conversation."""
    level: Level | None
    mode: Mode
    without: tuple[Restriction, ...]
    turns: tuple[Turn, ...]

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "Asked":
        """Read what the page has sent. A part that is not as our page sends it is left out."""
        number = values.get("number")
        return cls(
            question=_text(values.get("question"), LONGEST_QUESTION + 1).strip(),
            key=_text(values.get("key"), _MAX_KEY_LENGTH),
            number=number if isinstance(number, int) and 0 < number <= _MAX_NUMBER else 1,
            level=_LEVELS.get(_text(values.get("level"), 20)),
            mode=_MODES.get(_text(values.get("mode"), 20), "chat"),
            without=parts_in(values.get("without")),
            turns=_turns(values.get("turns")),
        )


def _turns(value: Any) -> tuple[Turn, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(_turn(item) for item in value[-LONGEST:] if isinstance(item, dict) and _role(item))


def _role(item: Mapping[str, Any]) -> bool:
    return item.get("role") in ("user", "assistant")


def _turn(item: Mapping[str, Any]) -> Turn:
    return Turn(
        item["role"],
        _text(item.get("content"), LONGEST_TURN),
        cited=_texts(item.get("cited")),
        searched_for=_text(item.get("searched_for"), LONGEST_QUESTION) or None,
        suggestions=_texts(item.get("suggestions")),
    )


def _texts(value: Any) -> tuple[str, ...]:
    listed: Sequence[Any] = value if isinstance(value, list) else ()
    return tuple(_text(item, LONGEST_QUESTION) for item in listed[:_MAX_NAMES] if isinstance(item, str))


def _text(value: Any, longest: int) -> str:
    # A broken paste can contain half of a surrogate pair, which cannot be encoded.
    return value[:longest].encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""
