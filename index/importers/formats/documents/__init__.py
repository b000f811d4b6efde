"""Markdown, web pages, PDF, Word, and folders of documents."""
