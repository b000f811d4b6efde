"""Files for programs that read the catalogue: Atom and JSON feeds, sitemap, `robots.txt`, `llms.txt`."""

from fastapi import APIRouter

from assistant.settings.settings import Settings
from ui.serving.protocols import Finder

from .page_links import feed_links
from .routes import CrawlerRouter, add_feeds, add_llms_txt, add_sitemap

__all__ = ["crawlers", "feed_links"]


def crawlers(finder: Finder, settings: Settings) -> APIRouter:
    """The routes. Each answers GET and HEAD, and sends 304 to a client that has the current version."""
    router = CrawlerRouter(finder, settings)
    add_feeds(router)
    add_sitemap(router)
    add_llms_txt(router)
    return router.routes
