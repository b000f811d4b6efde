"""Tests of `index/importers`."""
