"""Tests of `index.sync`."""
