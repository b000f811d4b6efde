"""Tests of `assistant/understanding`."""
