"""Helpers of the tests: servers, recorders, generators."""
