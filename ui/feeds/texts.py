"""The description of the site in feeds and in `llms.txt`."""

from ui.html import NAME

__all__ = ["ABOUT", "NAME"]
ABOUT = "A chat over a catalogue of AI events, guides and reading paths; every sentence has its source."
