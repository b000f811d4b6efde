"""Tests of `ui/feeds`."""
