"""The chat in pages of other sites: the script they load, the frame it opens, and a page that makes the code to copy."""

from .routes import embedding

__all__ = ["embedding"]
