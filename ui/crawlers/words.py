"""What these files say of the whole."""

NAME = "Ask the almanac"
ABOUT = "A chat over a catalogue of AI events, guides and reading paths; every sentence has its source."
