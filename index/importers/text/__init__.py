"""Cleaning texts: HTML, TeX, Markdown, encodings, JSON."""
