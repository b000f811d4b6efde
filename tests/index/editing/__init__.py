"""Tests of recorded changes of the catalogue."""
