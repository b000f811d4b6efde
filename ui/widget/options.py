"""The options of a widget. Each value is validated; an invalid value counts as not given."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import get_args

from assistant.answer import LONGEST_QUESTION
from index.models import Level

from .colours import parse_colour

THEMES = ("auto", "light", "dark")
POSITIONS = ("bottom-right", "bottom-left", "top-right", "top-left")
LOCALES = ("en", "de", "fr", "es", "ar", "he")
"""Languages of the widget's own texts. A test checks that `widget.js` has the same list."""
LEVELS: tuple[str, ...] = get_args(Level)
MAX_TITLE_LENGTH = 60
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one widget. An empty value stands for the widget's default."""

    title: str = ""
    theme: str = ""
    accent: str = ""
    position: str = ""
    locale: str = ""
    level: str = ""
    question: str = ""

    @classmethod
    def read(cls, params: Mapping[str, str]) -> "Options":
        """Read the parameters of an address."""
        values = {field.name: params.get(field.name, "").strip() for field in fields(cls)}
        return cls(**{name: value if _IS_VALID[name](value) else "" for name, value in values.items()})

    def chosen(self) -> dict[str, str]:
        """The options that are given, by name."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}


_IS_VALID: Mapping[str, Callable[[str], bool]] = {
    "title": lambda value: len(value) <= MAX_TITLE_LENGTH and _CONTROL_CHARACTER.search(value) is None,
    "theme": THEMES.__contains__,
    "accent": lambda value: parse_colour(value) is not None,
    "position": POSITIONS.__contains__,
    "locale": LOCALES.__contains__,
    "level": LEVELS.__contains__,
    "question": lambda value: len(value) <= LONGEST_QUESTION and "\x00" not in value,
}
