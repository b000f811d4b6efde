"""The chat: a Gradio page, and the HTML of its answers."""
