"""One question to one answer."""

__version__ = "0.1.0"
