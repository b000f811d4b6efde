"""What a site may choose for its widget: every value is checked, and one that does not fit counts as not given."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import get_args

from assistant.answer import LONGEST_QUESTION
from index.models import Level

from .colours import colour

THEMES = ("auto", "light", "dark")
POSITIONS = ("bottom-right", "bottom-left", "top-right", "top-left")
LOCALES = ("en", "de", "fr", "es", "ar", "he")
"""Languages of the widget's own words; the tests hold `widget.js` to this list."""
LEVELS: tuple[str, ...] = get_args(Level)
LONGEST_TITLE = 60
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Options:
    """One widget's choices; what is empty is left to the widget."""

    title: str = ""
    theme: str = ""
    accent: str = ""
    position: str = ""
    locale: str = ""
    level: str = ""
    question: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Options":
        """The choices in a query."""
        values = {field.name: given.get(field.name, "").strip() for field in fields(cls)}
        return cls(**{name: value if _FITS[name](value) else "" for name, value in values.items()})

    def chosen(self) -> dict[str, str]:
        """Those that were given."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}


_FITS: Mapping[str, Callable[[str], bool]] = {
    "title": lambda value: len(value) <= LONGEST_TITLE and _CONTROL.search(value) is None,
    "theme": THEMES.__contains__,
    "accent": lambda value: colour(value) is not None,
    "position": POSITIONS.__contains__,
    "locale": LOCALES.__contains__,
    "level": LEVELS.__contains__,
    "question": lambda value: len(value) <= LONGEST_QUESTION and "\x00" not in value,
}
