"""Tests of `ui/export`."""
