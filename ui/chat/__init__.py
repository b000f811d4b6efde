"""The chat: the Gradio page, and how an answer is rendered in it."""
