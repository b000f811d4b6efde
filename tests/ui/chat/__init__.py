"""Tests of `ui/chat`."""
