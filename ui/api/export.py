"""`POST /api/export`: an answer as a file: references, the whole answer, its entries as a table, its receipt."""

from datetime import date
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from assistant.answer import LONGEST_QUESTION, Answer, Turn
from assistant.conversation.history import LONGEST
from assistant.settings.serving import ServingSettings
from ui import urls
from ui.conditional import today
from ui.export.files import FILES, ExportForm, export, file_name
from ui.serving.protocols import Assistant

from .ask import TurnIn
from .schemas import EXAMPLE, problems

_FILE: dict[str, Any] = {
    "description": "The file. `Content-Disposition` has its name, which is made from the question.",
    "content": {kind.media_type: {"schema": {"type": "string"}} for kind in FILES.values()},
}


class EarlierTurn(TurnIn):
    """An earlier message, and for a question how it was understood."""

    searched_for: Annotated[str, StringConstraints(max_length=LONGEST_QUESTION)] | None = None


class ExportIn(BaseModel):
    """An answer, exactly as `POST /api/ask` returned it, and the form of the file."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"answer": EXAMPLE, "as": "bibtex"}]})

    answer: Answer
    form: Annotated[ExportForm, Field(alias="as")]
    history: Annotated[tuple[EarlierTurn, ...], Field(max_length=LONGEST)] = ()
    """The conversation before the question, for a receipt."""


def exporting(assistant: Assistant, settings: ServingSettings) -> APIRouter:
    """The route. The server keeps no answers for it, so it works for old answers and after a restart."""
    router = APIRouter(responses=problems())

    @router.post("/api/export", response_class=Response, responses={200: _FILE})
    def make_file(wanted: ExportIn, request: Request) -> Response:
        """Make a file of an answer that the client has."""
        history = tuple(
            Turn(turn.role, turn.content, turn.cited, turn.searched_for, turn.suggestions) for turn in wanted.history
        )
        body = export(
            wanted.answer,
            wanted.form,
            assistant.catalogue,
            history,
            date.fromisoformat(today()),
            urls.public(request, settings),
        )
        name = file_name(wanted.answer.question, wanted.form)
        plain = name.encode("ascii", "ignore").decode().lstrip("-.") or "answer"
        headers = {
            "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
            "cache-control": "no-store",
        }
        return Response(body, media_type=FILES[wanted.form].media_type, headers=headers)

    return router
