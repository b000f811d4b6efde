"""One question to one answer."""

import index  # noqa: F401 -- sets the variables that keep libraries from reporting, before any is imported

__version__ = "0.1.0"
