"""Where readers say what they think of an answer, and share one."""

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

LONGEST_NOTE = 1_000
AnswerId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]


class FeedbackIn(BaseModel):
    """What `POST /api/feedback` takes."""

    model_config = ConfigDict(str_strip_whitespace=True)

    answer_id: AnswerId = Field(description="the `id` of an answer that was given lately, or is shared")
    rating: Rating
    reason: Reason | None = None
    note: Annotated[str, StringConstraints(max_length=LONGEST_NOTE)] | None = None
    feedback_id: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None, description="as an earlier feedback returned it: what was said then is replaced"
    )


class FeedbackOut(BaseModel):
    """That it is kept, and the name by which the same reader can change it; nobody else knows it."""

    feedback_id: str


class SharedOut(BaseModel):
    """Where a shared answer stands."""

    id: str
    url: str


def feedback(assistant: RecentAnswers, settings: ServingSettings, kept: Storage) -> APIRouter:
    """The routes; plain functions, so that a slow disk holds up no other request."""
    router = APIRouter()

    def known(answer_id: str) -> Answer:
        answer = assistant.recent(answer_id)
        if answer is not None:
            return answer
        shared = kept.shared(answer_id)
        if shared is None:
            raise UnknownAnswerError(f"no answer {answer_id!r} is remembered here")
        return shared.answer

    @router.post("/api/feedback")
    def rate(said: FeedbackIn, request: Request) -> FeedbackOut:
        """Say whether an answer helped, and why not; no identity is kept."""
        answer = known(said.answer_id)
        name = kept.rate(
            answer,
            said.rating,
            reason=said.reason,
            note=said.note,
            feedback_id=said.feedback_id or None,
            client=_client(request),
        )
        return FeedbackOut(feedback_id=name)

    @router.post("/api/answers/{answer_id}/share")
    def share(answer_id: Annotated[str, Path(pattern=r"^[0-9a-f]{24}$")], request: Request) -> SharedOut:
        """Keep an answer under an address that anyone who knows it can read; sharing one again changes nothing."""
        shared = kept.share(known(answer_id), client=_client(request))
        return SharedOut(id=shared.id, url=f"{urls.public(request, settings)}/answers/{shared.id}")

    return router


def _client(request: Request) -> str:
    """Who sends this, as the guard in front counts clients; by address where no guard stands in front."""
    visitor = getattr(request.state, "visitor", None)
    host = request.client.host if request.client else ""
    return visitor.client if isinstance(visitor, Visitor) else client_key(host)
