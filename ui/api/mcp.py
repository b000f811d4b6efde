"""The Model Context Protocol (MCP): the catalogue as tools and resources for other assistants.

Over HTTP each request is independent and gets a JSON response. The server keeps no sessions.
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
from index.models import EntryKind, Level
from ui.errors import error_body
from ui.security.origins import allowed
from ui.serving.protocols import Almanac, Assistant, Finder

from .schemas import AnswerOut, EntryOut, RelatedOut, SearchOut

_PATH = "/mcp"
log = logging.getLogger(__name__)

_INSTRUCTIONS = """\
A catalogue of AI events, guides and reading paths. `ask` answers a question with sentences quoted from it, each
with its source, or says that the catalogue has no answer. `search` finds entries, `get_entry` returns a whole entry,
`related` returns related entries. If you use an answer, keep its sources. What it does not say is not in the catalogue."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_QUESTION)]
Question = Annotated[Text, Field(description="The question; it may follow on from `history`.")]
EntryId = Annotated[str, Field(description="The id of an entry, from `search` or from a citation.", max_length=200)]
Day = Annotated[str | None, Field(description="YYYY, YYYY-MM or YYYY-MM-DD.", max_length=10)]
Names = Annotated[list[str], Field(max_length=40)]


class McpMessage(BaseModel):
    """A message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: Annotated[str, StringConstraints(max_length=conversation.LONGEST_TURN)]
    cited: tuple[str, ...] = ()


@contextmanager
def _known_errors_to_model() -> Iterator[None]:
    """Send known errors to the model, with the hint. The SDK logs any other error and reports only that it failed."""
    try:
        yield
    except AlmanacError as error:
        raise ToolError(f"{error}; {error.hint}") from error


@contextmanager
def _logging_restored() -> Iterator[None]:
    """Undo what the SDK does when a server is made: it configures the logging of the whole program."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:], root.level = handlers, level


def make_server(assistant: Assistant, finder: Finder) -> MCPServer:
    """Make the server, for any transport. Its tools run in threads."""
    with _logging_restored():
        server: MCPServer = MCPServer(
            "almanac",
            title="Ask the almanac",
            description="A catalogue of AI events, guides and reading paths; every sentence of an answer is a quotation.",
            instructions=_INSTRUCTIONS,
            version=__version__,
            log_level="WARNING",
            subscriptions=False,
        )
    reads = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)

    @server.tool(title="Ask the almanac", annotations=reads)
    def ask(
        question: Question,
        level: Annotated[
            Level | None, Field(description="The reader's level. It changes which sentences are selected, never facts.")
        ] = None,
        mode: Annotated[
            Mode, Field(description="`chat` for a short answer, `summary` for a longer one from more entries.")
        ] = "chat",
        history: Annotated[list[McpMessage], Field(max_length=conversation.LONGEST)] = [],  # noqa: B006 -- only read
        as_of: Annotated[
            Day, Field(description='Ignore entries with a later date, and resolve "last year" from this day.')
        ] = None,
    ) -> Annotated[CallToolResult, AnswerOut]:
        """Answer a question from the catalogue with quoted sentences and their sources, or say why there is no answer."""
        with _known_errors_to_model():
            turns = tuple(Turn(message.role, message.content, message.cited) for message in history)
            answer = assistant.ask(questions.Question(question.strip(), turns, level, mode, as_of=as_of))
        return _result(answer.as_dict(), _as_text(answer))

    @server.tool(title="Search the catalogue", annotations=reads)
    def search(
        query: Annotated[Text, Field(description="The search words.")],
        kinds: Annotated[list[EntryKind], Field(description="Only entries of these kinds.", max_length=3)] = [],  # noqa: B006
        since: Annotated[Day, Field(description="Only entries from this date on.")] = None,
        until: Annotated[Day, Field(description="Only entries up to this date.")] = None,
        organisations: Annotated[Names, Field(description="Only entries of one of these organisations.")] = [],  # noqa: B006
        topics: Annotated[Names, Field(description="Only entries on one of these topics.")] = [],  # noqa: B006
        top: Annotated[int, Field(ge=1, le=100, description="The maximum number of results.")] = 10,
    ) -> Annotated[CallToolResult, SearchOut]:
        """Search: entries in order of relevance, each with its best passage, without an answer."""
        filters = Filters(tuple(kinds), since, until, tuple(organisations), tuple(topics))
        with _known_errors_to_model():
            hits = finder.search(query, filters, top=top)
        lines = [
            f"{hit['entry_id']}: {hit['title']} ({hit['date'] or hit['kind']})\n  {hit['passage']}" for hit in hits
        ]
        return _result({"query": query, "results": hits}, "\n".join(lines) or "no entries found")

    @server.tool(title="Get an entry", annotations=reads)
    def get_entry(entry_id: EntryId) -> Annotated[CallToolResult, EntryOut]:
        """One whole entry of the catalogue."""
        with _known_errors_to_model():
            entry = find.entry(finder.catalogue, entry_id).model_dump(mode="json")
        return _result({"entry": entry}, json.dumps(entry, ensure_ascii=False, indent=2))

    @server.tool(title="Related entries", annotations=reads)
    def related(entry_id: EntryId) -> Annotated[CallToolResult, RelatedOut]:
        """Entries related to an entry, each with the reason."""
        with _known_errors_to_model():
            items = [asdict(item) for item in finder.related(entry_id)]
        lines = [f"{item['entry_id']}: {item['title']} ({item['why']})" for item in items]
        return _result({"entry_id": entry_id, "related": items}, "\n".join(lines) or "no related entries")

    @server.resource("almanac://catalogue", title="The catalogue", mime_type="application/json")
    def catalogue() -> str:
        """The number of entries of each kind, and the topics of the catalogue."""
        in_use = finder.catalogue
        kinds = [entry.kind for entry in in_use.entries]
        topics = sorted({topic for entry in in_use.entries for topic in entry.topics})
        counts = {kind: kinds.count(kind) for kind in ("event", "guide", "path")}
        return json.dumps(
            {"hash": in_use.hash, "as_of": in_use.as_of, "entries": counts, "topics": topics}, ensure_ascii=False
        )

    @server.resource("almanac://entries/{entry_id}", title="An entry", mime_type="application/json")
    def entry(entry_id: str) -> str:
        """One entry of the catalogue."""
        try:
            shown = find.entry(finder.catalogue, entry_id)
        except UnknownEntryError as error:
            raise ResourceNotFoundError(f"{error}; {error.hint}") from error
        return json.dumps(shown.model_dump(mode="json"), ensure_ascii=False)

    return server


def _result(value: dict[str, Any], words: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=words)], structured_content=value)


def _as_text(answer: Answer) -> str:
    """An answer with its sources below, for models that read only text."""
    if not answer.citations:
        near = "".join(f"\n- {entry.entry_id}: {entry.title}" for entry in answer.nearest)
        return answer.text + (f"\n\nNearest entries:{near}" if near else "")
    sources = [
        f"[{cited.number}] {cited.title} ({', '.join(filter(None, (cited.source, cited.date, cited.entry_id)))})"
        + (f" {cited.url}" if cited.url else "")
        for cited in answer.citations
    ]
    return f"{answer.text}\n\nSources:\n" + "\n".join(sources)


def serve_stdio(almanac: Almanac) -> None:
    """Serve over standard input and output until the client closes the connection."""
    try:
        anyio.run(make_server(almanac, almanac).run_stdio_async)
    except* BrokenPipeError:
        log.info("the client has closed the connection")


class McpEndpoint:
    """The server as an ASGI application at one path of a larger application, whose lifespan runs it.

    Pages of other sites in a visitor's browser must not be able to use it, neither from their own origin nor through a
    host name that resolves to this machine (DNS rebinding). The SDK only checks fixed lists; this class checks the
    settings.

    Args:
        server: The server.
        settings: The public address, the sites that may embed the chat, and the trusted proxies.
        host: The address that the server listens on.
    """

    def __init__(self, server: MCPServer, settings: ServingSettings, host: str) -> None:
        self._server = server
        self._app: ASGIApp | None = None
        own = urlsplit(settings.url) if settings.url else None
        self._hosts = {name.lower() for name in (own.netloc if own else "", host) if name}
        self._origins = (*settings.embed_origins, *((f"{own.scheme}://{own.netloc}",) if own else ()))
        # A trusted proxy only passes on requests for its own host names.
        self._behind_proxy = bool(settings.trusted_proxies)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the server for the duration of the context."""
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
        """Handle one request; `/mcp/` is the same as `/mcp`."""
        scope = {**scope, "path": _PATH, "raw_path": _PATH.encode("ascii")}
        assert self._app is not None, "the lifespan of the outer application has not started"
        if scope["method"] != "POST":
            # GET would open a stream and DELETE would end a session, but the server keeps no sessions.
            body = error_body("method_not_allowed", "send messages with POST; the response contains the answer")
            await JSONResponse(body, 405, headers={"Allow": "POST"})(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host, origin = headers.get("host", "").lower(), headers.get("origin")
        if not (self._behind_proxy or host in self._hosts or _is_safe_host(host) or _without_port(host) in self._hosts):
            body = error_body(
                "wrong_host", f"this server does not serve the host {host[:100]!r}; set ALMANAC_URL to its address"
            )
            await JSONResponse(body, 421)(scope, receive, send)
        elif origin is not None and origin.partition("://")[2].lower() != host and not allowed(origin, self._origins):
            body = error_body(
                "other_site",
                "pages of this site may not use the server; ALMANAC_EMBED_ORIGINS lists the sites that may",
            )
            await JSONResponse(body, 403)(scope, receive, send)
        else:
            await self._app(scope, receive, _with_error_body(send))


def _with_error_body(send: Send) -> Send:
    """Wrap `send` to add a JSON body to errors that the SDK sends without one."""
    replaced = False

    async def send_with_body(message: Message) -> None:
        nonlocal replaced
        if message["type"] == "http.response.start":
            replaced = message["status"] >= 400 and not any(name == b"content-type" for name, _ in message["headers"])
            if replaced:
                body = error_body(
                    "bad_request",
                    "this is not an MCP message; send a JSON-RPC object as application/json, and accept application/json",
                )
                await JSONResponse(body, message["status"])({"type": "http"}, _nothing, send)
        if not replaced:
            await send(message)

    return send_with_body


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def _without_port(host: str) -> str:
    return re.sub(r":\d+$", "", host)


def _is_safe_host(host: str) -> bool:
    """Whether a host is an IP address or `localhost`: nobody else can make these resolve to this machine."""
    bare = _without_port(host).strip("[]")
    try:
        return bool(ip_address(bare))
    except ValueError:
        return bare == "localhost" or bare.endswith(".localhost")
