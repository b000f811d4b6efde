"""Formats of tables and lists: JSON, JSON Lines, CSV, Excel, YAML, TimelineJS and BEIR."""
