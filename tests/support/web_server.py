"""A real HTTP server on this machine, whose good or bad behaviour each test defines."""

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
    """The response for a path; `pieces` are sent one by one, regardless of the headers."""

    body: bytes = b""
    status: int = 200
    headers: Headers = field(default_factory=dict)
    pieces: Callable[[], Iterator[bytes]] | None = None
    etag: str | None = None


@dataclass
class Site:
    """A running server: its pages by path, and the requests it received."""

    port: int
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, Headers]] = field(default_factory=list)

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        """Return the address of a path."""
        return f"{scheme}://{host}:{self.port}{path}"

    def puts(self, path: str, body: bytes = b"", **more: object) -> str:
        """Serve this response at a path from now on; return its address."""
        self.pages[path] = Page(body, **more)  # type: ignore[arg-type]
        return self.url(path)

    def leads(self, path: str, target: str, status: int = 302) -> str:
        """Redirect a path to another address; return the address of the path."""
        return self.puts(path, status=status, headers={"Location": target})

    @property
    def paths_asked(self) -> list[str]:
        """Return the requested paths, in order."""
        return [path for path, _ in self.asked]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore errors of connections that clients close early: many of these tests do that on purpose."""


@contextmanager
def site(encryption: ssl.SSLContext | None = None) -> Iterator[Site]:
    """Run a server on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Send the response that the site defines for the path."""
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
            """Log nothing."""

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
    """Run a server without HTTP: `talk` gets the connection; yields the server's address."""
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
    """Return a resolver with one answer per call; it repeats the last answer."""
    left = list(answers)
    return lambda _host, _port: left.pop(0) if len(left) > 1 else left[0]
