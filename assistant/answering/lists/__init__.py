"""Answers from fields: lists, counts, timelines, comparisons."""
