"""Web pages of the catalogue: one for each entry, a page to browse them, and shared answers. All work without scripts."""

from collections.abc import Callable, Sequence
from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from assistant.answer import Related
from assistant.retrieval import filters
from assistant.settings.serving import ServingSettings
from index.errors import QuestionError, UnknownAnswerError
from ui.serving.protocols import Assistant
from ui.storage.storage import Storage

from .answers import answer_page
from .browse import browse_page
from .browse_query import BrowseQuery
from .catalogue_view import CatalogueViews
from .entries import entry_page
from .errors import HtmlErrors
from .layout import SiteLinks, send
from .rerun import AnswerRerunner

__all__ = ["HtmlErrors", "pages"]


def pages(
    assistant: Assistant,
    settings: ServingSettings,
    kept: Storage,
    *,
    related: Callable[[str], Sequence[Related]] = lambda _entry_id: (),
) -> APIRouter:
    """The routes of the pages. Include them after the API's routes: `/entries/ID.json` must match first.

    Args:
        assistant: Has the catalogue in use, and answers shared questions again.
        settings: The public address.
        kept: The shared answers.
        related: Finds similar entries that are not linked with the entry of the given id; none by default.
    """
    router = APIRouter(include_in_schema=False)
    views = CatalogueViews()
    rerunner = AnswerRerunner(assistant)

    @router.api_route("/entries/{entry_id}", methods=["GET", "HEAD"])
    def entry(entry_id: str, request: Request) -> Response:
        """One entry: its text, its source, related entries and citations."""
        catalogue = assistant.catalogue
        shown = filters.entry(catalogue, entry_id)
        today = date.today()  # noqa: DTZ011 -- the server's day is the day of access
        view, links = views.of(catalogue), SiteLinks.of(request, settings)
        if shown.id != entry_id:
            # Browsers keep a permanent redirect for ever, but an editor may undo a renaming.
            return RedirectResponse(links.entry(shown.id), 301, headers={"cache-control": "no-cache"})
        return send(request, entry_page(shown, view, links, today, related(shown.id)))

    @router.api_route("/browse", methods=["GET", "HEAD"])
    def browse(request: Request) -> Response:
        """All entries, by filters."""
        query = BrowseQuery.read(request.query_params)
        view, links = views.of(assistant.catalogue), SiteLinks.of(request, settings)
        problem = None
        try:
            query.check()
        except QuestionError as error:
            problem, query = f"{str(error)[:400]}; {error.hint}.", query.change()
        html = browse_page(query, view, links, problem)
        if html is None:
            return send(request, browse_page(query.change(), view, links) or "", status=404)
        return send(request, html, status=422 if problem else 200)

    @router.api_route("/answers/{answer_id}", methods=["GET", "HEAD"])
    def answer(answer_id: str, request: Request) -> Response:
        """A shared answer."""
        shared = kept.shared(answer_id)
        if shared is None:
            raise UnknownAnswerError(
                f"there is no shared answer {answer_id[:40]!r}",
                hint="check the address; an answer has a page only after somebody shares it",
            )
        page_param = request.query_params.get("page", "1")
        is_number = page_param.isascii() and page_param.isdecimal() and len(page_param) < 6
        number = int(page_param) if is_number else 0
        catalogue = assistant.catalogue
        changes = rerunner.changes(shared, catalogue)
        html = answer_page(shared, catalogue, SiteLinks.of(request, settings), number, changes)
        if html is None:
            raise UnknownAnswerError(
                f"this answer has no page {page_param[:10]!r}", hint="its first page has links to the others"
            )
        return send(request, html, noindex=True)

    return router
