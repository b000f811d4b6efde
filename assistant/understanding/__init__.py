"""Parses questions: their type of answer, dates, names and restrictions."""
