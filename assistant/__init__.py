"""Answers questions from a catalogue, with a source for every sentence of an answer.

`open_assistant().ask("What is RLHF?")` returns an `Answer`; `examples/` has short programs.
"""

import importlib
from typing import TYPE_CHECKING, Any

import index  # noqa: F401 -- sets the variables that keep libraries from reporting, before any is imported

if TYPE_CHECKING:
    from assistant.settings.settings import Settings

    from .answer import Answer, Turn
    from .pipeline import Assistant
    from .question import Question
    from .workplace import open_assistant

__version__ = "0.2.0"
__all__ = ["Answer", "Assistant", "Question", "Settings", "Turn", "__version__", "open_assistant"]
_MODULES = {
    "Answer": "answer",
    "Assistant": "pipeline",
    "Question": "question",
    "Settings": "settings.settings",
    "Turn": "answer",
    "open_assistant": "workplace",
}


def __getattr__(name: str) -> Any:
    # Loaded at first use: importing a module of this package must not load LlamaIndex.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
