"""Routes to rate an answer and to share one."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.answer import Answer
from assistant.settings.serving import ServingSettings
from index.errors import UnknownAnswerError
from ui import urls
from ui.security.proxies import client_key
from ui.security.rate_limits import Visitor
from ui.serving.recent_answers import RecentAnswers
from ui.storage.storage import Rating, Reason, Storage

MAX_NOTE_LENGTH = 1_000
AnswerId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]


class FeedbackIn(BaseModel):
    """Feedback on an answer, as `POST /api/feedback` accepts it."""

    model_config = ConfigDict(str_strip_whitespace=True)

    answer_id: AnswerId = Field(description="the `id` of a recent answer or of a shared one")
    rating: Rating
    reason: Reason | None = None
    note: Annotated[str, StringConstraints(max_length=MAX_NOTE_LENGTH)] | None = None
    feedback_id: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None, description="the id that earlier feedback returned; this feedback replaces it"
    )


class FeedbackOut(BaseModel):
    """The id of the stored feedback. Only the reader who sent it knows the id, and can change the feedback with it."""

    feedback_id: str


class SharedOut(BaseModel):
    """The id and the address of a shared answer."""

    id: str
    url: str


def feedback(assistant: RecentAnswers, settings: ServingSettings, kept: Storage) -> APIRouter:
    """The routes. They are plain functions, which run in threads, so that a slow disk does not block other requests."""
    router = APIRouter()

    def find_answer(answer_id: str) -> Answer:
        answer = assistant.recent(answer_id)
        if answer is not None:
            return answer
        shared = kept.shared(answer_id)
        if shared is None:
            raise UnknownAnswerError(f"there is no recent or shared answer {answer_id!r}")
        return shared.answer

    @router.post("/api/feedback")
    def rate(feedback_in: FeedbackIn, request: Request) -> FeedbackOut:
        """Rate an answer, with a reason and a note. The identity of the reader is not stored."""
        answer = find_answer(feedback_in.answer_id)
        name = kept.rate(
            answer,
            feedback_in.rating,
            reason=feedback_in.reason,
            note=feedback_in.note,
            feedback_id=feedback_in.feedback_id or None,
            client=_client(request),
        )
        return FeedbackOut(feedback_id=name)

    @router.post("/api/answers/{answer_id}/share")
    def share(answer_id: Annotated[str, Path(pattern=r"^[0-9a-f]{24}$")], request: Request) -> SharedOut:
        """Store an answer under a public address. Sharing it again returns the same address."""
        shared = kept.share(find_answer(answer_id), client=_client(request))
        return SharedOut(id=shared.id, url=f"{urls.public(request, settings)}/answers/{shared.id}")

    return router


def _client(request: Request) -> str:
    """The key of the client for limits, as the middleware determined it; without the middleware, from its address."""
    visitor = getattr(request.state, "visitor", None)
    host = request.client.host if request.client else ""
    return visitor.client if isinstance(visitor, Visitor) else client_key(host)
