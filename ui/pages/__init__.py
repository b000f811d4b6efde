"""The almanac as pages: one for each entry, all of them to browse, and shared answers. Read without any script."""

from collections.abc import Callable, Sequence
from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import Response

from assistant.answer import Related
from assistant.retrieval import filters
from assistant.settings.serving import ServingSettings
from index.errors import QuestionError, UnknownAnswerError
from ui.serving.protocols import Assistant
from ui.storage.storage import Storage

from .answer_again import AskedAgain
from .answers import answer_page
from .browse import browse_page
from .browse_query import Wanted
from .catalogue_orders import Shelves
from .entries import entry_page
from .errors import HtmlErrors
from .layout import Place, send

__all__ = ["HtmlErrors", "pages"]


def pages(
    assistant: Assistant,
    settings: ServingSettings,
    kept: Storage,
    *,
    related: Callable[[str], Sequence[Related]] = lambda _entry_id: (),
) -> APIRouter:
    """The routes of the pages; to be entered after those of the API, whose `/entries/ID.json` comes first.

    Args:
        assistant: The catalogue in use.
        settings: The public address.
        kept: Shared answers.
        related: What goes with an entry though nothing links them; nothing by default.
    """
    router = APIRouter(include_in_schema=False)
    shelves = Shelves()
    asked_again = AskedAgain(assistant)

    @router.api_route("/entries/{entry_id}", methods=["GET", "HEAD"])
    def entry(entry_id: str, request: Request) -> Response:
        """One entry: its text, where it comes from, what goes with it, how to cite it."""
        catalogue = assistant.catalogue
        found = filters.entry(catalogue, entry_id)
        today = date.today()  # noqa: DTZ011 -- the day on which a visitor here looked at it
        shelf, place = shelves.of(catalogue), Place.of(request, settings)
        return send(request, entry_page(found, shelf, place, today, related(found.id)))

    @router.api_route("/browse", methods=["GET", "HEAD"])
    def browse(request: Request) -> Response:
        """All entries, by filters."""
        wanted = Wanted.read(request.query_params)
        shelf, place = shelves.of(assistant.catalogue), Place.of(request, settings)
        problem = None
        try:
            wanted.check()
        except QuestionError as error:
            problem, wanted = f"{str(error)[:400]}; {error.hint}.", wanted.with_()
        html = browse_page(wanted, shelf, place, problem)
        if html is None:
            return send(request, browse_page(wanted.with_(), shelf, place) or "", status=404)
        return send(request, html, status=422 if problem else 200)

    @router.api_route("/answers/{answer_id}", methods=["GET", "HEAD"])
    def answer(answer_id: str, request: Request) -> Response:
        """An answer that somebody shared."""
        shared = kept.shared(answer_id)
        if shared is None:
            raise UnknownAnswerError(
                f"no answer {answer_id[:40]!r} is shared here",
                hint="check the address; an answer is kept once it is shared",
            )
        number = request.query_params.get("page", "1")
        asked = int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else 0
        catalogue = assistant.catalogue
        html = answer_page(shared, catalogue, Place.of(request, settings), asked, asked_again.of(shared, catalogue))
        if html is None:
            raise UnknownAnswerError(
                f"this answer has no page {number[:10]!r}", hint="its first page leads to the others"
            )
        return send(request, html, hidden=True)

    return router
