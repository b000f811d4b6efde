"""Tests of `assistant/export`."""
