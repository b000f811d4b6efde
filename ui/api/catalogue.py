"""Routes that only read: `GET /api/ask`, search, lists of entries, related entries, citations."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import JSONResponse, Response

from assistant.answer import Filters, Mode
from assistant.export import bibliography
from assistant.export.bibliography import Form
from assistant.question import Question
from assistant.retrieval import filters as find
from assistant.settings.settings import Settings
from assistant.understanding import restrictions
from index.models import AnyEntry, EntryKind, Level
from ui.chat.exports import FORMS
from ui.conditional import CatalogueTags, conditional, today
from ui.serving.protocols import Assistant, Finder

from .schemas import AnswerOut, DateText, EntriesOut, QuestionText, RelatedOut, RestrictionNames, SearchOut, problems

_Row = TypeVar("_Row")
_Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]
_EntryId = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_MAX_TOP = 1_000
"""Entries on one page."""
_MAX_CITED = 500
_MAX_OFFSET = 1_000_000


class FilterIn(BaseModel):
    """Filters and paging. If a filter is repeated, entries match any of its values."""

    kind: Annotated[list[EntryKind], Field(max_length=3)] = []
    since: DateText | None = None
    until: DateText | None = None
    organisation: Annotated[list[_Name], Field(max_length=40)] = []
    topic: Annotated[list[_Name], Field(max_length=40)] = []
    offset: Annotated[int, Field(ge=0, le=_MAX_OFFSET)] = 0
    top: Annotated[int, Field(ge=1, le=_MAX_TOP)] = 10

    @property
    def filters(self) -> Filters:
        """The filters as the search takes them."""
        return Filters(tuple(self.kind), self.since, self.until, tuple(self.organisation), tuple(self.topic))

    def page(self, request: Request, rows: Sequence[_Row]) -> tuple[Sequence[_Row], str | None]:
        """The rows of this page, and the address of the next page or None."""
        end = self.offset + self.top
        following = (
            f"{request.url.path}?{request.url.include_query_params(offset=end).query}" if end < len(rows) else None
        )
        return rows[self.offset : end], following


class SearchIn(FilterIn):
    """Search words, filters and paging."""

    q: QuestionText


class AskIn(BaseModel):
    """A question without a conversation."""

    q: QuestionText
    level: Level | None = None
    mode: Mode = "chat"
    without: RestrictionNames = ()
    as_of: DateText | None = None


def reading(assistant: Assistant, finder: Finder, settings: Settings) -> APIRouter:
    """The routes. Each sends an ETag and answers 304 to a matching `If-None-Match`."""
    router = APIRouter(responses=problems())
    tags = CatalogueTags(settings.embedder, settings.reader, settings.level)

    def tagged(request: Request, make: Callable[[], Any], *, day: str = "") -> Response:
        tag = tags.etag(request, finder.catalogue.hash, day=day)
        return conditional(request, tag, lambda: JSONResponse(make()))

    @router.get("/api/ask", response_model=AnswerOut)
    def ask(request: Request, asked: Annotated[AskIn, Query()]) -> Response:
        """Answer a question without a conversation. The answer can be cached, and has an ETag."""
        restrictions.check(asked.without)
        day = restrictions.day(asked.as_of).isoformat()
        find.check(asked.q)
        return tagged(
            request,
            lambda: assistant.ask(
                Question(asked.q, level=asked.level, mode=asked.mode, without=asked.without, as_of=asked.as_of)
            ).as_dict(),
            day=day,
        )

    @router.get("/api/search", response_model=SearchOut)
    def search(request: Request, params: Annotated[SearchIn, Query()]) -> Response:
        """Search: entries in order of relevance, without an answer."""
        find.check(params.q, params.filters)

        def response() -> dict[str, Any]:
            rows = finder.search(params.q, params.filters, top=params.offset + params.top + 1)
            results, following = params.page(request, rows)
            return {"query": params.q, "results": results, "offset": params.offset, "next": following}

        return tagged(request, response)

    @router.get("/api/entries", response_model=EntriesOut)
    def entries(request: Request, params: Annotated[FilterIn, Query()]) -> Response:
        """The entries that match the filters, the newest first; entries without a date come last."""
        find.check("entries", params.filters)

        def listed() -> dict[str, Any]:
            filters = find.with_organisations(params.filters, finder.catalogue)
            matches = [entry for entry in finder.catalogue.entries if find.matches(entry, filters)]
            matches.sort(key=lambda entry: entry.date or "", reverse=True)
            rows, following = params.page(request, matches)
            return {
                "total": len(matches),
                "entries": [_row(entry) for entry in rows],
                "offset": params.offset,
                "next": following,
            }

        return tagged(request, listed)

    @router.get("/api/entries/{entry_id}/related", response_model=RelatedOut, responses=problems(404))
    def related(request: Request, entry_id: Annotated[_EntryId, Path()]) -> Response:
        """Entries related to an entry, each with the reason."""
        shown = find.entry(finder.catalogue, entry_id)
        return tagged(
            request,
            lambda: {"entry_id": shown.id, "related": [asdict(item) for item in finder.related(shown.id)]},
        )

    @router.get("/api/cite", response_class=Response, responses=problems(404) | {200: _REFERENCES})
    def cite(
        request: Request,
        names: Annotated[list[_EntryId], Query(alias="id", min_length=1, max_length=_MAX_CITED)],
        form: Annotated[Form, Query(alias="as")] = "markdown",
    ) -> Response:
        """Citations of entries as a file, in the order of the ids, without duplicates."""
        catalogue = finder.catalogue
        cited = [find.entry(catalogue, name) for name in dict.fromkeys(names)]
        _, _, file, media_type = next(row for row in FORMS if row[0] == form)

        def file_response() -> Response:
            text = bibliography.render(cited, form, accessed=date.fromisoformat(today()))
            headers = {"Content-Disposition": f'attachment; filename="{file}"'}
            return Response(text.encode(), media_type=f"{media_type}; charset=utf-8", headers=headers)

        return conditional(request, tags.etag(request, catalogue.hash, day=today()), file_response)

    return router


_REFERENCES: dict[str, Any] = {
    "description": "The citations, as a file",
    "content": {media_type: {"schema": {"type": "string"}} for _, _, _, media_type in FORMS},
}


def _row(entry: AnyEntry) -> dict[str, Any]:
    return {
        "entry_id": entry.id,
        "kind": entry.kind,
        "title": entry.title,
        "date": entry.date,
        "url": entry.url,
        "source": entry.source,
        "organisations": entry.organisations,
        "topics": entry.topics,
    }
