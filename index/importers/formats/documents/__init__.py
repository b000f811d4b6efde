"""Formats of documents: Markdown, web pages, sitemaps, PDF, Word, and folders of documents."""
