"""The Model Context Protocol: the catalogue as tools and resources for other people's assistants.

Over HTTP each request stands alone and gets its answer as JSON, so that nothing is kept between two of them.
"""

import json
import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import anyio
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field, StringConstraints
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant import __version__
from assistant import question as questions
from assistant.answer import LONGEST_QUESTION, Answer, Filters, Mode, Turn
from assistant.conversation import history as conversation
from assistant.retrieval import filters as find
from assistant.settings.serving import ServingSettings
from index.errors import AlmanacError, UnknownEntryError
from index.models import Kind, Level
from ui.security.origins import allowed
from ui.serving.protocols import Almanac, Assistant, Finder

from .ask import error_body
from .schemas import AnswerOut, EntryOut, RelatedOut, SearchOut

_PATH = "/mcp"
log = logging.getLogger(__name__)

_INSTRUCTIONS = """\
A catalogue of AI events, guides and reading paths. `ask` answers a question in sentences that are quoted from it, each
with its source, or says that the catalogue has no answer. `search` finds entries, `get_entry` gives one whole, `related`
what goes with one. When you pass an answer on, keep its sources; what is not in it, the catalogue does not say."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_QUESTION)]
Question = Annotated[Text, Field(description="The question, standing alone or after `history`.")]
EntryId = Annotated[str, Field(description="An entry's id, as `search` and citations give it.", max_length=200)]
Day = Annotated[str | None, Field(description="YYYY, YYYY-MM or YYYY-MM-DD.", max_length=10)]
Names = Annotated[list[str], Field(max_length=40)]


class Said(BaseModel):
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: Annotated[str, StringConstraints(max_length=conversation.LONGEST_TURN)]
    cited: tuple[str, ...] = ()


@contextmanager
def _foreseen() -> Iterator[None]:
    """A foreseen error is told to the model, with the mend; anything else is logged here and only said to have failed."""
    try:
        yield
    except AlmanacError as error:
        raise ToolError(f"{error}; {error.hint}") from error


@contextmanager
def _own_logging() -> Iterator[None]:
    """The SDK sets up the whole program's logging when a server is made; that is the program's own business."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:], root.level = handlers, level


def make_server(assistant: Assistant, finder: Finder) -> MCPServer:
    """The server, for any transport; tools run in threads."""
    with _own_logging():
        server: MCPServer = MCPServer(
            "almanac",
            title="Ask the almanac",
            description="A catalogue of AI events, guides and reading paths; every sentence of an answer is quoted.",
            instructions=_INSTRUCTIONS,
            version=__version__,
            log_level="WARNING",
            subscriptions=False,
        )
    reads = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)

    @server.tool(title="Ask the almanac", annotations=reads)
    def ask(
        question: Question,
        level: Annotated[Level | None, Field(description="For whom; changes what is selected, never facts.")] = None,
        mode: Annotated[Mode, Field(description="A short answer, or a longer one over more entries.")] = "chat",
        history: Annotated[list[Said], Field(max_length=conversation.LONGEST)] = [],  # noqa: B006 -- only read
        as_of: Annotated[
            Day, Field(description='Leave out all that is dated after this day, which "last year" is counted from too.')
        ] = None,
    ) -> Annotated[CallToolResult, AnswerOut]:
        """Answer a question from the catalogue; every sentence is a quotation with its source, or it abstains and says why."""
        with _foreseen():
            turns = tuple(Turn(one.role, one.content, one.cited) for one in history)
            answer = assistant.ask(questions.Question(question.strip(), turns, level, mode, as_of=as_of))
        return _result(answer.as_dict(), _words(answer))

    @server.tool(title="Search the catalogue", annotations=reads)
    def search(
        query: Annotated[Text, Field(description="Words to look for.")],
        kinds: Annotated[list[Kind], Field(description="Only these kinds.", max_length=3)] = [],  # noqa: B006
        since: Annotated[Day, Field(description="Not before this date.")] = None,
        until: Annotated[Day, Field(description="Not after this date.")] = None,
        organisations: Annotated[Names, Field(description="Only of one of these.")] = [],  # noqa: B006
        topics: Annotated[Names, Field(description="Only of one of these.")] = [],  # noqa: B006
        top: Annotated[int, Field(ge=1, le=100, description="How many at the most.")] = 10,
    ) -> Annotated[CallToolResult, SearchOut]:
        """Ranked entries without an answer, each with the passage that fits best."""
        filters = Filters(tuple(kinds), since, until, tuple(organisations), tuple(topics))
        with _foreseen():
            found = finder.search(query, filters, top=top)
        lines = [
            f"{one['entry_id']}: {one['title']} ({one['date'] or one['kind']})\n  {one['passage']}" for one in found
        ]
        return _result({"query": query, "results": found}, "\n".join(lines) or "nothing found")

    @server.tool(title="Get an entry", annotations=reads)
    def get_entry(entry_id: EntryId) -> Annotated[CallToolResult, EntryOut]:
        """One entry whole, as the catalogue holds it."""
        with _foreseen():
            entry = find.entry(finder.catalogue, entry_id).model_dump(mode="json")
        return _result({"entry": entry}, json.dumps(entry, ensure_ascii=False, indent=2))

    @server.tool(title="Related entries", annotations=reads)
    def related(entry_id: EntryId) -> Annotated[CallToolResult, RelatedOut]:
        """What goes with one entry, each with why."""
        with _foreseen():
            found = [asdict(one) for one in finder.related(entry_id)]
        lines = [f"{one['entry_id']}: {one['title']} ({one['why']})" for one in found]
        return _result({"entry_id": entry_id, "related": found}, "\n".join(lines) or "nothing is related")

    @server.resource("almanac://catalogue", title="The catalogue", mime_type="application/json")
    def catalogue() -> str:
        """What the catalogue holds: how many entries of each kind, and its topics."""
        held = finder.catalogue
        kinds = [entry.kind for entry in held.entries]
        topics = sorted({topic for entry in held.entries for topic in entry.topics})
        counts = {kind: kinds.count(kind) for kind in ("event", "guide", "path")}
        return json.dumps(
            {"hash": held.hash, "as_of": held.as_of, "entries": counts, "topics": topics}, ensure_ascii=False
        )

    @server.resource("almanac://entries/{entry_id}", title="An entry", mime_type="application/json")
    def entry(entry_id: str) -> str:
        """One entry as the catalogue holds it."""
        try:
            found = find.entry(finder.catalogue, entry_id)
        except UnknownEntryError as error:
            raise ResourceNotFoundError(f"{error}; {error.hint}") from error
        return json.dumps(found.model_dump(mode="json"), ensure_ascii=False)

    return server


def _result(value: dict[str, Any], words: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=words)], structured_content=value)


def _words(answer: Answer) -> str:
    """An answer for a model that reads text alone: its sources stand under it."""
    if not answer.citations:
        near = "".join(f"\n- {one.entry_id}: {one.title}" for one in answer.nearest)
        return answer.text + (f"\n\nNearest entries:{near}" if near else "")
    sources = [
        f"[{one.number}] {one.title} ({', '.join(filter(None, (one.source, one.date, one.entry_id)))})"
        + (f" {one.url}" if one.url else "")
        for one in answer.citations
    ]
    return f"{answer.text}\n\nSources:\n" + "\n".join(sources)


def serve_stdio(almanac: Almanac) -> None:
    """Speak the protocol over standard input and output until the other side ends it."""
    try:
        anyio.run(make_server(almanac, almanac).run_stdio_async)
    except* BrokenPipeError:
        log.info("the other side has gone")


class McpDoor:
    """The server as an ASGI application, for one address of a larger one whose lifespan runs it.

    A page in a visitor's browser must not be able to use it, neither from its own origin nor by giving its own name
    this machine's address (DNS rebinding): what the SDK checks by lists alone is checked here by the settings.
    """

    def __init__(self, server: MCPServer, settings: ServingSettings, host: str) -> None:
        self._server = server
        self._app: ASGIApp | None = None
        own = urlsplit(settings.url) if settings.url else None
        self._hosts = {name.lower() for name in (own.netloc if own else "", host) if name}
        self._origins = (*settings.embed_origins, *((f"{own.scheme}://{own.netloc}",) if own else ()))
        # Such a proxy passes on only what was meant for its own names.
        self._behind_proxy = bool(settings.trusted_proxies)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open while this lasts."""
        app = self._server.streamable_http_app(
            streamable_http_path=_PATH,
            json_response=True,
            stateless_http=True,
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        async with app.router.lifespan_context(app):
            self._app = app
            try:
                yield
            finally:
                self._app = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One message; `/mcp/` is read as `/mcp`."""
        scope = {**scope, "path": _PATH, "raw_path": _PATH.encode("ascii")}
        assert self._app is not None, "the lifespan of the application around it has not begun"
        if scope["method"] != "POST":
            # A stream of the server's own (GET) or the end of a session (DELETE): nothing is kept between two requests.
            told = error_body("method_not_allowed", "messages are sent here with POST; each gets its answer at once")
            await JSONResponse(told, 405, headers={"Allow": "POST"})(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host, origin = headers.get("host", "").lower(), headers.get("origin")
        if not (self._behind_proxy or host in self._hosts or _by_number(host) or _bare(host) in self._hosts):
            told = error_body(
                "wrong_host", f"this server is not known as {host[:100]!r}; set ALMANAC_URL to its address"
            )
            await JSONResponse(told, 421)(scope, receive, send)
        elif origin is not None and origin.partition("://")[2].lower() != host and not allowed(origin, self._origins):
            told = error_body(
                "other_site", "pages of other sites may not ask this; ALMANAC_EMBED_ORIGINS lists those that may"
            )
            await JSONResponse(told, 403)(scope, receive, send)
        else:
            await self._app(scope, receive, _said(send))


def _said(send: Send) -> Send:
    """`send` that gives a refusal words where the SDK has none, as where the kind of content is not told."""
    silent = False

    async def with_words(message: Message) -> None:
        nonlocal silent
        if message["type"] == "http.response.start":
            silent = message["status"] >= 400 and not any(name == b"content-type" for name, _ in message["headers"])
            if silent:
                words = error_body(
                    "bad_request",
                    "this is no message of the protocol; send a JSON-RPC object as application/json, and accept that",
                )
                await JSONResponse(words, message["status"])({"type": "http"}, _nothing, send)
        if not silent:
            await send(message)

    return with_words


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def _bare(host: str) -> str:
    return re.sub(r":\d+$", "", host)


def _by_number(host: str) -> bool:
    """Whether it is an address or this machine's own name, which no one else can have pointed here."""
    bare = _bare(host).strip("[]")
    try:
        return bool(ip_address(bare))
    except ValueError:
        return bare == "localhost" or bare.endswith(".localhost")
