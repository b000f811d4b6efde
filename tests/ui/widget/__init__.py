"""Tests of `ui/widget`."""
