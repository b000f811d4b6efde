"""A real HTTP server on this machine that behaves as tests want it to, well or badly."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Headers = dict[str, str]


@dataclass
class Page:
    """What is answered at a path; `pieces` are sent one by one, whatever the headers say."""

    body: bytes = b""
    status: int = 200
    headers: Headers = field(default_factory=dict)
    pieces: Callable[[], Iterator[bytes]] | None = None
    etag: str | None = None


@dataclass
class Site:
    """A server that runs: its pages by path, and what was asked of it."""

    port: int
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, Headers]] = field(default_factory=list)

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        """The address of a path."""
        return f"{scheme}://{host}:{self.port}{path}"

    def puts(self, path: str, body: bytes = b"", **more: object) -> str:
        """Answer this at a path from now on; the address of it."""
        self.pages[path] = Page(body, **more)  # type: ignore[arg-type]
        return self.url(path)

    def leads(self, path: str, target: str, status: int = 302) -> str:
        """Lead from a path to elsewhere; the address of the path."""
        return self.puts(path, status=status, headers={"Location": target})

    @property
    def paths_asked(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [path for path, _ in self.asked]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever hangs up early is what many of these tests are about."""


@contextmanager
def site(encryption: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A server on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer as the site says."""
            running.asked.append((self.path, dict(self.headers.items())))
            page = running.pages.get(self.path, Page(b"nothing here", 404))
            if page.etag and self.headers.get("If-None-Match") == page.etag:
                page = Page(status=304, etag=page.etag)
            self.send_response(page.status)
            headers = ({"ETag": page.etag} if page.etag else {}) | page.headers
            if page.pieces is None and page.status != 304:
                headers = {"Content-Length": str(len(page.body))} | headers
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            for piece in page.pieces() if page.pieces else (page.body,):
                self.wfile.write(piece)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    if encryption is not None:
        server.socket = encryption.wrap_socket(server.socket, server_side=True)
    running = Site(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def raw_site(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that speaks no HTTP of its own: `talk` has the connection; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            try:
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        talk(connection)
            except OSError:
                return  # the test is over, or the visitor hung up

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


def says(*answers: Sequence[str]) -> Callable[[str, int], Sequence[str]]:
    """A resolver with an answer for each time it is asked; the last one for ever after."""
    left = list(answers)
    return lambda _host, _port: left.pop(0) if len(left) > 1 else left[0]
