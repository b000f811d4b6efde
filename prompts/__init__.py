"""Prompts as data: one Markdown file a prompt. None is needed until a language model writes answers."""
