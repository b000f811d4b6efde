"""Tests of `assistant/brief`."""
