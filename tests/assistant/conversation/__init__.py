"""Tests of `assistant/conversation`."""
