"""Tests of `ui/pages`."""
