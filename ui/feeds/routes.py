"""The routes for crawlers."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from assistant.answer import LONGEST_QUESTION
from assistant.settings.settings import Settings
from index.catalogue import Catalogue
from ui.serving.protocols import Finder
from ui.urls import public

from . import atom, json_feed, llms_txt, robots, sitemap
from .body_cache import Key
from .caching import Known
from .feed import Feed, page_of

_FURTHEST = 1_000_000
_PageNumber = Annotated[int, Query(ge=1, le=_FURTHEST, description="which page of a long list, from 1")]
_Question = Annotated[
    str | None,
    Query(
        description=f"a question of up to {LONGEST_QUESTION:,} characters; only entries that match it are listed",
        examples=["guides on RLHF"],
    ),
]
_TEXT = "text/plain"
"""Markdown is text that a browser shows; what is called Markdown it stores as a file instead."""


class Door:
    """What every route needs, and how it is entered."""

    def __init__(self, finder: Finder, settings: Settings) -> None:
        self.router = APIRouter(tags=["crawlers"])
        self._finder = finder
        self._settings = settings
        self.known = Known(settings.url, settings.embedder, settings.reader)

    @property
    def catalogue(self) -> Catalogue:
        """The one in use."""
        return self._finder.catalogue

    def base(self, request: Request) -> str:
        """What links begin with."""
        return public(request, self._settings)

    def feed(self, request: Request, question: str | None, page: int) -> Feed:
        """One page of a feed."""
        return page_of(self._finder, self.base(request), question, page)

    def reads(
        self, path: str, media_type: str, missing: str | None = None
    ) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
        """Enter a route for GET, which the OpenAPI document tells of, and for HEAD, which goes without saying."""
        told: dict[int | str, dict[str, Any]] = {
            200: {
                "content": {
                    media_type: {"schema": {"type": "object" if media_type == json_feed.MEDIA_TYPE else "string"}}
                }
            },
            304: {"description": "Not changed since the client got it"},
        }
        if missing:
            told[404] = {"description": missing}

        def enter(function: Callable[..., Response]) -> Callable[..., Response]:
            self.router.get(path, response_class=Response, responses=told)(function)
            self.router.head(path, include_in_schema=False)(function)
            return function

        return enter


def _plain(question: str | None, name: str, base: str, page: int) -> Key | None:
    """The key of a feed of all entries; one of a question is not kept, for there are as many as there are questions."""
    return (name, base, str(page)) if question is None else None


def feeds(door: Door) -> None:
    """The entries, and those that match a question, for feed readers."""

    @door.reads("/feed", atom.MEDIA_TYPE, "There is no such page")
    def as_atom(request: Request, q: _Question = None, page: _PageNumber = 1) -> Response:
        """The entries as an Atom feed, the latest first; with `q` only those that match a question."""

        def make() -> bytes:
            return atom.written(door.feed(request, q, page))

        return door.known.answer(
            request,
            door.catalogue,
            make,
            atom.MEDIA_TYPE,
            dated=q is not None,
            key=_plain(q, "feed", door.base(request), page),
        )

    @door.reads("/feed.json", json_feed.MEDIA_TYPE, "There is no such page")
    def as_json(request: Request, q: _Question = None, page: _PageNumber = 1) -> Response:
        """The same as a JSON Feed 1.1."""

        def make() -> bytes:
            return json_feed.written(door.feed(request, q, page))

        return door.known.answer(
            request,
            door.catalogue,
            make,
            json_feed.MEDIA_TYPE,
            dated=q is not None,
            key=_plain(q, "feed.json", door.base(request), page),
        )


def maps(door: Door) -> None:
    """The addresses of all pages, and what may be read."""

    @door.reads("/sitemap.xml", sitemap.MEDIA_TYPE)
    def whole_map(request: Request) -> Response:
        """Every page's address; of a very large catalogue, the addresses of the files that hold them."""
        catalogue = door.catalogue
        return door.known.answer(
            request,
            catalogue,
            lambda: sitemap.whole(catalogue, door.base(request)),
            sitemap.MEDIA_TYPE,
            key=("sitemap", door.base(request)),
        )

    @door.reads("/sitemap-{number}.xml", sitemap.MEDIA_TYPE, "There is no such part")
    def part_map(request: Request, number: Annotated[int, Path(ge=1, le=_FURTHEST)]) -> Response:
        """One file of the addresses, of a catalogue that needs several."""
        catalogue = door.catalogue
        if number > sitemap.parts(catalogue):
            raise HTTPException(404, f"the last part of the sitemap is {sitemap.parts(catalogue)}")
        return door.known.answer(
            request,
            catalogue,
            lambda: sitemap.part(catalogue, door.base(request), number),
            sitemap.MEDIA_TYPE,
            key=("sitemap", door.base(request), str(number)),
        )

    @door.reads("/robots.txt", _TEXT)
    def rules(request: Request) -> Response:
        """What crawlers may read."""
        return door.known.answer(request, door.catalogue, lambda: robots.written(door.base(request)), _TEXT)


def texts(door: Door) -> None:
    """The catalogue for language models."""

    @door.reads("/llms.txt", _TEXT)
    def short(request: Request) -> Response:
        """What is here, in the form of llmstxt.org."""
        catalogue = door.catalogue
        base = door.base(request)
        return door.known.answer(
            request, catalogue, lambda: llms_txt.overview(catalogue, base), _TEXT, key=("llms.txt", base)
        )

    @door.reads("/llms-full.txt", _TEXT, "There is no such page")
    def full(request: Request, page: _PageNumber = 1) -> Response:
        """Every entry in full, a page at a time where they are many."""
        catalogue = door.catalogue
        if page > llms_txt.pages(catalogue):
            raise HTTPException(404, f"the last page is {llms_txt.pages(catalogue)}")

        def make() -> Iterator[bytes]:
            return llms_txt.entries(catalogue, door.base(request), page)

        return door.known.stream(request, catalogue, make, _TEXT, key=("llms-full.txt", door.base(request), str(page)))
