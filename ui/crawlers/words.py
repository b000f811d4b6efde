"""What these files say of the whole."""

from ui.markup import NAME

__all__ = ["ABOUT", "NAME"]
ABOUT = "A chat over a catalogue of AI events, guides and reading paths; every sentence has its source."
