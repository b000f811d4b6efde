"""Tests of `ui/serving`."""
