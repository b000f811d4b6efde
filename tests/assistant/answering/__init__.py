"""Tests of `assistant/answering`."""
