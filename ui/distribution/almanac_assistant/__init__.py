"""Almanac Assistant as other programs import it, and as `pip` installs it.

The application's own packages are called `assistant`, `index`, `prompts` and `ui`. A wheel carries them in `_app/`, so
that none of these names lands in site-packages; importing this package puts `_app/` in front of `sys.path`. In a
checkout there is no `_app/`: an editable install has the packages on `sys.path` already.
"""

import importlib
import sys
from pathlib import Path
from typing import Any

_APP = Path(__file__).resolve().parent / "_app"
_PACKAGES = ("assistant", "index", "prompts", "ui")

__all__ = ["Answer", "Assistant", "Question", "Settings", "__version__", "main", "open_assistant"]


def _add_application_to_path() -> None:
    """Make the application's packages importable.

    Raises:
        ImportError: another package of one of their names is imported already.
    """
    if not _APP.is_dir():
        return
    for name in _PACKAGES:
        loaded = getattr(sys.modules.get(name), "__file__", None)
        if name in sys.modules and (loaded is None or _APP not in Path(loaded).resolve().parents):
            raise ImportError(
                f"a package called {name!r} is imported already ({loaded}); import almanac_assistant first, "
                "or run it in an environment of its own"
            )
    if str(_APP) not in sys.path:
        sys.path.insert(0, str(_APP))


_add_application_to_path()


def __getattr__(name: str) -> Any:
    # Loaded at first use, because `almanac --version` does not need it.
    if name in __all__:
        return getattr(importlib.import_module("assistant"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def main() -> None:
    """The command `almanac`."""
    importlib.import_module("ui.cli").main()
