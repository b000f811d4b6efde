"""What the options of the commands may be."""

from enum import StrEnum


class LevelName(StrEnum):
    """Whom an answer is for."""

    beginner = "beginner"
    intermediate = "intermediate"
    advanced = "advanced"


class ModeName(StrEnum):
    """How long an answer is."""

    chat = "chat"
    summary = "summary"


class KindName(StrEnum):
    """What an entry is."""

    event = "event"
    guide = "guide"
    path = "path"


class FormName(StrEnum):
    """How references are written."""

    bibtex = "bibtex"
    ris = "ris"
    csl_json = "csl-json"
    markdown = "markdown"


class RatingName(StrEnum):
    """What a reader thought of an answer."""

    up = "up"
    down = "down"


class Measurement(StrEnum):
    """What can be measured."""

    retrieval = "retrieval"
    conversation = "conversation"
    abstention = "abstention"
    related = "related"
    verify = "verify"
    questions = "questions"
    levels = "levels"
    all = "all"
