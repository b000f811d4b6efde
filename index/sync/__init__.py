"""Keeps the catalogue up to date with its sources, and says what an import or a sync changes."""
