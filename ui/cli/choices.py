"""The values that options of the commands accept."""

from enum import StrEnum


class LevelName(StrEnum):
    """The reader's level that an answer is written for."""

    beginner = "beginner"
    intermediate = "intermediate"
    advanced = "advanced"


class ModeName(StrEnum):
    """A short answer (`chat`) or a longer one (`summary`)."""

    chat = "chat"
    summary = "summary"


class KindName(StrEnum):
    """The kind of an entry."""

    event = "event"
    guide = "guide"
    path = "path"


class FormName(StrEnum):
    """The format of references."""

    bibtex = "bibtex"
    ris = "ris"
    csl_json = "csl-json"
    markdown = "markdown"


class RatingName(StrEnum):
    """A reader's rating of an answer."""

    up = "up"
    down = "down"


class Measurement(StrEnum):
    """The measurements of `almanac eval`."""

    retrieval = "retrieval"
    conversation = "conversation"
    abstention = "abstention"
    related = "related"
    verify = "verify"
    questions = "questions"
    levels = "levels"
    all = "all"


class CheckName(StrEnum):
    """The checks of `almanac check`."""

    unreadable = "unreadable"
    missing = "missing"
    duplicate = "duplicate"
    link = "link"
    name_ = "name"
    contradiction = "contradiction"
    outdated = "outdated"
    leaning = "leaning"
    address = "address"


class ExportName(StrEnum):
    """The formats of `almanac export`."""

    jsonl = "jsonl"
    csv = "csv"
    markdown = "markdown"
    bibtex = "bibtex"
    ris = "ris"
    csl_json = "csl-json"
