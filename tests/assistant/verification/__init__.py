"""Tests of `assistant/verification`."""
