"""Shared answers and feedback, in one SQLite file."""
