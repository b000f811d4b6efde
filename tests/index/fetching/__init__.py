"""Tests of `index/fetching`."""
