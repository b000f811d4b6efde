"""The routes of the feeds, the sitemap, `robots.txt` and `llms.txt`."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from assistant.answer import LONGEST_QUESTION
from assistant.settings.settings import Settings
from index.catalogue import Catalogue
from ui.conditional import CatalogueAge, CatalogueTags, conditional, now, today
from ui.serving.protocols import Finder
from ui.urls import public

from . import atom, json_feed, llms_txt, robots, sitemap
from .body_cache import BodyCache, Key
from .feed import Feed, page_of

_MAX_PAGE = 1_000_000
_PageNumber = Annotated[int, Query(ge=1, le=_MAX_PAGE, description="the page number, from 1")]
_Question = Annotated[
    str | None,
    Query(
        description=f"a question of up to {LONGEST_QUESTION:,} characters; the feed has only entries that match it",
        examples=["guides on RLHF"],
    ),
]
_TEXT = "text/plain"
"""Also for Markdown: browsers show `text/plain` but download `text/markdown`."""


class CrawlerRouter:
    """Adds routes and sends their bodies, which are cached until the catalogue or the day changes.

    Args:
        finder: Has the catalogue in use, and finds the entries that match a question.
        settings: The public address, and the settings that search results depend on.
    """

    def __init__(self, finder: Finder, settings: Settings) -> None:
        self.routes = APIRouter(tags=["crawlers"])
        self._finder = finder
        self._settings = settings
        self._tags = CatalogueTags(settings.url, settings.embedder, settings.reader)
        self._age = CatalogueAge()
        self._bodies = BodyCache()

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue in use."""
        return self._finder.catalogue

    def base(self, request: Request) -> str:
        """The public address, which links start with."""
        return public(request, self._settings)

    def feed(self, request: Request, question: str | None, page: int) -> Feed:
        """One page of a feed."""
        return page_of(self._finder, self.base(request), question, page)

    def get(
        self, path: str, media_type: str, not_found: str | None = None
    ) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
        """Add a route for GET and HEAD; only GET is in the OpenAPI document.

        Args:
            path: The path of the route.
            media_type: The media type of its body.
            not_found: When the route answers 404, if it ever does.
        """
        schema = {"type": "object" if media_type == json_feed.MEDIA_TYPE else "string"}
        responses: dict[int | str, dict[str, Any]] = {
            200: {"content": {media_type: {"schema": schema}}},
            304: {"description": "Not modified: the client has the current version"},
        }
        if not_found:
            responses[404] = {"description": not_found}

        def add(function: Callable[..., Response]) -> Callable[..., Response]:
            self.routes.get(path, response_class=Response, responses=responses)(function)
            self.routes.head(path, include_in_schema=False)(function)
            return function

        return add

    def send(
        self,
        request: Request,
        catalogue: Catalogue,
        make: Callable[[], bytes],
        media_type: str,
        *,
        daily: bool = False,
        key: Key | None = None,
    ) -> Response:
        """Send a body, or 304.

        Args:
            request: The request.
            catalogue: The catalogue that the body is made from.
            make: Makes the body.
            media_type: The media type of the body.
            daily: Whether the body may differ tomorrow, as for a question about "last year".
            key: Caches the body. It must contain everything besides the catalogue and the day that the body depends on.
        """

        def respond() -> Response:
            body = make() if key is None else self._bodies.get_or_make(_full_key(catalogue, key), make)
            if request.method == "HEAD":
                return Response(headers={"content-length": str(len(body))}, media_type=media_type)
            return Response(body, media_type=media_type)

        return self._conditional(request, catalogue, respond, daily=daily)

    def stream(
        self, request: Request, catalogue: Catalogue, make: Callable[[], Iterator[bytes]], media_type: str, *, key: Key
    ) -> Response:
        """Send a body that may be too long for memory, or 304. Arguments as in `send`."""

        def respond() -> Response:
            if request.method == "HEAD":
                # A streamed response has no content-length: the length is not known before the body is made.
                return StreamingResponse(iter(()), media_type=media_type)
            return StreamingResponse(self._bodies.stream(_full_key(catalogue, key), make), media_type=media_type)

        return self._conditional(request, catalogue, respond)

    def _conditional(
        self, request: Request, catalogue: Catalogue, respond: Callable[[], Response], *, daily: bool = False
    ) -> Response:
        etag = self._tags.etag(request, catalogue.hash, day=today() if daily else "")
        modified = self._age.unchanged_since(catalogue.hash)
        if daily:
            modified = max(modified, now().replace(hour=0, minute=0, second=0))
        return conditional(request, etag, respond, modified=modified)


def _full_key(catalogue: Catalogue, key: Key) -> Key:
    # The sitemap depends on the day: it has no `lastmod` for events in the future.
    return (catalogue.hash, today(), *key)


def _feed_key(question: str | None, name: str, base: str, page: int) -> Key | None:
    """The cache key of a feed. Feeds of questions are not cached: there can be any number of them."""
    return (name, base, str(page)) if question is None else None


def add_feeds(router: CrawlerRouter) -> None:
    """Add the feeds."""

    @router.get("/feed", atom.MEDIA_TYPE, "There is no page with this number")
    def atom_feed(request: Request, q: _Question = None, page: _PageNumber = 1) -> Response:
        """The entries as an Atom feed, the newest first; with `q`, only entries that match a question."""
        return router.send(
            request,
            router.catalogue,
            lambda: atom.to_atom(router.feed(request, q, page)),
            atom.MEDIA_TYPE,
            daily=q is not None,
            key=_feed_key(q, "feed", router.base(request), page),
        )

    @router.get("/feed.json", json_feed.MEDIA_TYPE, "There is no page with this number")
    def json_feed_(request: Request, q: _Question = None, page: _PageNumber = 1) -> Response:
        """The same entries as a JSON Feed 1.1."""
        return router.send(
            request,
            router.catalogue,
            lambda: json_feed.to_json_feed(router.feed(request, q, page)),
            json_feed.MEDIA_TYPE,
            daily=q is not None,
            key=_feed_key(q, "feed.json", router.base(request), page),
        )


def add_sitemap(router: CrawlerRouter) -> None:
    """Add the sitemap and `robots.txt`."""

    @router.get("/sitemap.xml", sitemap.MEDIA_TYPE)
    def sitemap_xml(request: Request) -> Response:
        """The address of every page; for a very large catalogue, a sitemap index."""
        catalogue, base = router.catalogue, router.base(request)
        return router.send(
            request,
            catalogue,
            lambda: sitemap.sitemap(catalogue, base),
            sitemap.MEDIA_TYPE,
            key=("sitemap", base),
        )

    @router.get("/sitemap-{number}.xml", sitemap.MEDIA_TYPE, "There is no sitemap file with this number")
    def sitemap_file(request: Request, number: Annotated[int, Path(ge=1, le=_MAX_PAGE)]) -> Response:
        """One file of the sitemap of a very large catalogue."""
        catalogue, base = router.catalogue, router.base(request)
        count = sitemap.file_count(catalogue)
        if number > count:
            raise HTTPException(404, f"the last file of the sitemap is {count}")
        return router.send(
            request,
            catalogue,
            lambda: sitemap.sitemap_file(catalogue, base, number),
            sitemap.MEDIA_TYPE,
            key=("sitemap", base, str(number)),
        )

    @router.get("/robots.txt", _TEXT)
    def robots_txt(request: Request) -> Response:
        """Which paths crawlers may read."""
        return router.send(request, router.catalogue, lambda: robots.robots_txt(router.base(request)), _TEXT)


def add_llms_txt(router: CrawlerRouter) -> None:
    """Add the files for language models."""

    @router.get("/llms.txt", _TEXT)
    def overview(request: Request) -> Response:
        """An overview of the catalogue for language models, as llmstxt.org describes it."""
        catalogue, base = router.catalogue, router.base(request)
        return router.send(
            request, catalogue, lambda: llms_txt.overview(catalogue, base), _TEXT, key=("llms.txt", base)
        )

    @router.get("/llms-full.txt", _TEXT, "There is no page with this number")
    def full_text(request: Request, page: _PageNumber = 1) -> Response:
        """All entries in full, as Markdown; a large catalogue has several pages."""
        catalogue, base = router.catalogue, router.base(request)
        last_page = llms_txt.page_count(catalogue)
        if page > last_page:
            raise HTTPException(404, f"the last page is {last_page}")
        return router.stream(
            request,
            catalogue,
            lambda: llms_txt.full_text(catalogue, base, page),
            _TEXT,
            key=("llms-full.txt", base, str(page)),
        )
