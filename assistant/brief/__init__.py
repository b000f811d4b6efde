"""Summaries over many entries: which entries, in which order, under which headings, and what is left open."""
