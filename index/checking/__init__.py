"""Checks of a catalogue for its editors: what is missing, doubled, inconsistent or out of date. Nothing is changed."""
