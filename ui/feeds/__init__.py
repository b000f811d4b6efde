"""What programs that read on their own look for: feeds, a sitemap, `robots.txt` and `llms.txt`."""

from fastapi import APIRouter

from assistant.settings.settings import Settings
from ui.serving.protocols import Finder

from .page_links import alternates
from .routes import Door, feeds, maps, texts

__all__ = ["alternates", "crawlers"]


def crawlers(finder: Finder, settings: Settings) -> APIRouter:
    """The routes; each answers GET and HEAD, and says nothing anew to a client that has it already."""
    door = Door(finder, settings)
    feeds(door)
    maps(door)
    texts(door)
    return door.router
