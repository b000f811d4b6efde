"""Tests of `ui/storage`."""
