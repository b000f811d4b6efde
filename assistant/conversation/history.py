"""Parses a conversation received from outside: a JSON list of {role, content}."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.answer import LONGEST_QUESTION, Turn
from index.errors import QuestionError

from . import languages

READ_TURNS = 2
"""The user's turns that the entry reader reads before a follow-up question; its training has seldom more."""
LONGEST = 200
"""Maximum number of turns in a conversation; a longer list is a mistake or an attack."""
LONGEST_TURN = 50_000
"""Maximum number of characters in one turn."""
MAX_QUESTION_CHARACTERS = 20_000
"""Maximum total number of characters of earlier questions that are compared with a new question."""


def parse(value: object) -> tuple[Turn, ...]:
    """Parse a list of objects with `role` ("user" or "assistant"), `content`, and optional `cited` and `suggestions`.

    Raises:
        QuestionError: the value has another shape.
    """
    if not isinstance(value, list):
        raise QuestionError("the history must be a list of {role, content}")
    if len(value) > LONGEST:
        raise QuestionError(f"the history has {len(value)} turns; {LONGEST} are allowed")
    return tuple(_turn(number, one) for number, one in enumerate(value, start=1))


def _turn(number: int, value: Any) -> Turn:
    if not isinstance(value, dict) or value.get("role") not in ("user", "assistant"):
        raise QuestionError(f'turn {number} of the history needs a role: "user" or "assistant"')
    content = value.get("content")
    if not isinstance(content, str) or len(content) > LONGEST_TURN:
        raise QuestionError(f"turn {number} of the history needs content: text of at most {LONGEST_TURN:,} characters")
    return Turn(
        value["role"],
        whole(content),
        _texts(value.get("cited")),
        suggestions=tuple(whole(text) for text in _texts(value.get("suggestions")) if text.strip())[:LONGEST],
    )


def _texts(value: object) -> tuple[str, ...]:
    """Return a list of texts; empty for a value of any other shape, because these fields are optional."""
    known = isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(one, str) for one in value)
    return tuple(one[:LONGEST_QUESTION] for one in value) if known and isinstance(value, Sequence) else ()


def read_file(path: Path) -> object:
    """Read and parse a JSON file.

    Raises:
        QuestionError: the file cannot be read, or is not JSON.
    """
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise QuestionError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise QuestionError(f"{path} is not JSON: {error}") from error


def end_of(history: Sequence[Turn]) -> str:
    """Return the last turns as one text of at most `LONGEST_TURN` characters."""
    kept: list[str] = []
    room = LONGEST_TURN
    for turn in reversed(history):
        if room <= 0:
            break
        kept.append(turn.content[-room:])
        room -= len(kept[-1]) + 1
    return " ".join(reversed(kept))


def questions_in(history: Sequence[Turn]) -> list[str]:
    """Return the user's latest questions, oldest first, each cut to `LONGEST_QUESTION` characters.

    Together they have at most `MAX_QUESTION_CHARACTERS` characters, so that a long conversation takes no longer to
    process than a short conversation.
    """
    questions: list[str] = []
    left = MAX_QUESTION_CHARACTERS
    for turn in reversed(history):
        if turn.role == "user":
            questions.append(turn.content[: min(LONGEST_QUESTION, left)])
            left -= len(questions[-1])
        if left <= 0:
            break
    return questions[::-1]


def said_in(history: Sequence[Turn]) -> Callable[[str], bool]:
    """Return a check whether an earlier answer contains a sentence; only letters and digits are compared."""
    told = letters_of(" ".join(turn.content for turn in history if turn.role == "assistant"))
    return lambda text: bool(told) and letters_of(text) in told


def letters_of(text: str) -> str:
    """Return the letters and digits of a text, for comparing texts whatever their marks and spaces."""
    return "".join(character for character in text if character.isalnum())


def whole(text: str) -> str:
    """Replace lone surrogates in a text, because they can be neither displayed nor searched for."""
    return text.encode("utf-8", "replace").decode("utf-8")


def as_searched(history: Sequence[Turn]) -> tuple[Turn, ...]:
    """Return a conversation in which the user's turns in other languages are the English words that were searched."""
    return tuple(
        replace(turn, content=turn.searched_for)
        if turn.role == "user" and turn.searched_for and languages.written_in(turn.content)
        else turn
        for turn in history
    )
