"""Prompts for language models, one Markdown file for each. There are none yet, because no model writes answers."""
