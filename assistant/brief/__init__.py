"""Briefs: summaries over many entries, with headings, later entries and open points."""
