"""The chat in other sites' pages: the loader, the frame, its session, and a page to put the line together."""

from .routes import embedding

__all__ = ["embedding"]
