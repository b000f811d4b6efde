"""Tests of `ui/cli`."""
