"""Tests of the checks of a catalogue."""
