"""Tests of `assistant/answering/reader`."""
