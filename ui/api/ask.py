"""`POST /api/ask`, single entries and health checks."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.answer import LONGEST_QUESTION, Answer, Mode, Turn
from assistant.conversation.history import LONGEST, LONGEST_TURN
from assistant.question import Question
from assistant.retrieval import filters
from assistant.settings.settings import Settings
from assistant.understanding import restrictions
from index.errors import AlmanacError
from index.models import Entry, Level
from ui.conditional import CatalogueTags, conditional
from ui.errors import error_body
from ui.serving.admission import Readiness
from ui.serving.protocols import Assistant

from .schemas import AnswerOut, DateText, QuestionText, RestrictionNames, problems

_NOT_READY = "the index is unavailable; the server's log has the reason"


class TurnIn(BaseModel):
    """An earlier message of the conversation."""

    role: Literal["user", "assistant"]
    content: Annotated[str, StringConstraints(max_length=LONGEST_TURN)]
    cited: tuple[str, ...] = ()
    suggestions: Annotated[
        tuple[Annotated[str, StringConstraints(max_length=LONGEST_QUESTION)], ...], Field(max_length=LONGEST)
    ] = ()


class QuestionIn(BaseModel):
    """A question, as `POST /api/ask` accepts it."""

    model_config = ConfigDict(
        str_strip_whitespace=True,
        json_schema_extra={
            "examples": [
                {"question": "What is RLHF?", "level": "beginner"},
                {
                    "question": "And in 2024?",
                    "history": [
                        {"role": "user", "content": "What did OpenAI publish in 2023?"},
                        {"role": "assistant", "content": "…", "cited": ["gpt-4"]},
                    ],
                },
            ]
        },
    )

    question: QuestionText
    history: Annotated[tuple[TurnIn, ...], Field(max_length=LONGEST)] = ()
    level: Level | None = None
    mode: Mode = "chat"
    without: RestrictionNames = ()
    """Restrictions of the question to ignore: `dates`, `kinds`, `organisations:NAME` …"""
    as_of: DateText | None = None
    """Ignore entries with a later date, and resolve phrases such as "last year" from this day; by default today."""

    def check(self) -> None:
        """Validate the question before a response is started. Raises the same errors as `put_to`."""
        filters.check(self.question)
        restrictions.check(self.without)
        restrictions.day(self.as_of)

    def put_to(self, assistant: Assistant) -> Answer:
        """Ask the question. Raises the same errors as `Assistant.ask`."""
        history = tuple(
            Turn(turn.role, turn.content, turn.cited, suggestions=turn.suggestions) for turn in self.history
        )
        return assistant.ask(Question(self.question, history, self.level, self.mode, self.without, self.as_of))


def api(assistant: Assistant, settings: Settings | None = None) -> APIRouter:
    """The routes. They are plain functions, which run in threads, so that a slow answer does not block other requests."""
    router = APIRouter()
    in_force = settings or Settings()
    tags = CatalogueTags(in_force.embedder, in_force.reader, in_force.level)
    needs_login = settings is not None and settings.has_login
    readiness = Readiness(assistant)

    @router.post("/api/ask", response_model=AnswerOut, responses=problems())
    def ask(question: QuestionIn) -> JSONResponse:
        """Answer a question. For a follow-up question, pass the earlier messages as `history`."""
        return JSONResponse(question.put_to(assistant).as_dict())

    @router.get("/entries/{entry_id}.json", response_model=Entry, responses=problems(404))
    def entry(request: Request, entry_id: str) -> Response:
        """One entry of the catalogue with all its fields, including fields that this program does not use."""
        catalogue = assistant.catalogue
        shown = filters.entry(catalogue, entry_id)
        tag = tags.etag(request, catalogue.hash)
        return conditional(request, tag, lambda: JSONResponse(shown.model_dump(mode="json")))

    @router.get("/healthz")
    async def alive() -> dict[str, str]:
        """The process is running."""
        return {"status": "ok"}

    @router.get("/readyz", response_model=None)
    def ready() -> dict[str, Any] | JSONResponse:
        """The index answers questions; this asks one. If a login is set up, the response contains nothing else."""
        try:
            answer = readiness.answer()
        except AlmanacError:
            if not needs_login:
                raise
            return JSONResponse(error_body("unavailable", _NOT_READY), 503)
        if answer.status == "unavailable":
            reason = None if needs_login else answer.reason
            return JSONResponse(error_body("unavailable", reason or _NOT_READY), 503)
        if needs_login:
            return {"status": "ready"}
        return {"status": "ready", "entries": len(assistant.catalogue.entries), "as_of": assistant.catalogue.as_of}

    return router
