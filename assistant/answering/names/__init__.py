"""Answers about what a name stands for: people, products, organisations, authors, dated events."""
