"""Tests for `index/importers`."""
