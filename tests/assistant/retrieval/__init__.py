"""Tests of `assistant/retrieval`."""
