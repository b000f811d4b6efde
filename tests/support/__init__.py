"""Test helpers: servers, recorders, generators."""
