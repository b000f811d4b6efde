"""Connections to a real server: unfinished heads, clients that do not read, too many clients; others still get an answer."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import httpx
import pytest
import uvicorn

from assistant.settings.settings import Settings
from ui.security.connections import Connections, server_options
from ui.security.middleware import SecurityMiddleware
from ui.security.proxies import Proxies

from .guarded import application

SOON = 0.4
"""Timeouts in seconds of the server in these tests."""
TRIES = 200
"""Bytes that a slow sender sends, one every twentieth of a second: far more than the server waits for."""


@contextmanager
def _serving(app: SecurityMiddleware, settings: Settings, **changed: float) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    options = server_options(settings, **changed)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", **options))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listener.getsockname()[1]
    server.force_exit = server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A real server with short timeouts."""
    patience = {"head_seconds": SOON, "stalled_seconds": SOON, "linger_seconds": SOON}
    with _serving(application(), Settings(), **patience) as number:
        yield number


def _connect(port: int, host: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(host, 0))


def _read(connection: socket.socket) -> bytes:
    """Everything that arrives until the server closes the connection."""
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return received


def test_a_head_that_does_not_end_is_given_up(port: int) -> None:
    """Slow loris: nothing sent, a byte at a time, or an unfinished second request. Each connection is closed soon."""
    with ExitStack() as stack:
        silent, dripping, second = (stack.enter_context(closing(_connect(port))) for _ in range(3))
        second.sendall(b"GET /one HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert b"200 OK" in second.recv(65536)
        second.sendall(b"GET /two HT")
        dripping.sendall(b"GET / HTTP/1.1\r\n")
        ended = False
        for _ in range(TRIES):
            if ended:
                break
            try:
                dripping.sendall(b"x: y\r\n")
                dripping.settimeout(0.05)
                ended = b"408" in dripping.recv(1000)
            except TimeoutError:
                continue
            except OSError:
                ended = True
        assert ended
        assert b"408" in _read(silent)
        assert b"408" in _read(second)


def test_an_orderly_visitor_is_not_hurried(port: int) -> None:
    """Several complete requests over one connection, one of them after a pause."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        for pause in (0, 0, SOON * 1.5):
            time.sleep(pause)
            assert client.get("/page").status_code == 200
            assert client.post("/page", content=b"x" * 300_000).status_code == 200


def test_a_body_that_nobody_wants_is_not_waited_for(port: int) -> None:
    """A refused client can read the reason, and cannot continue sending without limit."""
    with closing(_connect(port)) as connection:
        connection.sendall(b"POST /x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9000000\r\n\r\n")
        assert b"413" in connection.recv(65536)
        ended = False
        for _ in range(TRIES):
            try:
                connection.sendall(b"x")
                connection.settimeout(0.05)
                ended = connection.recv(1000) == b""
            except TimeoutError:
                continue
            except OSError:
                ended = True
            if ended:
                break
        assert ended


def test_a_refused_sender_may_end_and_go_on(port: int) -> None:
    """The server skips a body that is too large, and the same connection serves the next request."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        assert client.post("/x", content=b"x" * 1_500_000).status_code == 413
        assert client.get("/page").status_code == 200


def test_a_reader_who_takes_nothing_is_let_go(port: int) -> None:
    """A client requests a large answer and never reads it. The server frees the task and the memory."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.settimeout(10)
    with closing(connection):
        connection.connect(("127.0.0.1", port))
        # What comes back is larger than what is sent; once it finds no reader, no more is taken in.
        body = b"x" * 900_000
        head = b"POST /x HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n" % len(body)
        # Were it waited for, the socket's own timeout would end this with a TimeoutError.
        with pytest.raises(ConnectionError):
            connection.sendall((head + body) * 50)


def test_garbage_is_a_bad_request_and_no_more(port: int) -> None:
    """Data that are not HTTP get 400, and the connection is closed."""
    for garbage in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"A" * 100_000):
        with closing(_connect(port)) as connection:
            try:
                connection.sendall(garbage + b"\r\n\r\n")
            except ConnectionError:
                continue
            assert b" 400 " in _read(connection)


def test_one_client_s_connections_leave_room_for_others() -> None:
    """Too many connections from one address get 503. Other addresses get answers, and so does this one after closing some."""
    with _serving(application(), Settings()) as port, ExitStack() as stack:
        crowd = [stack.enter_context(closing(_connect(port, "127.0.0.2"))) for _ in range(160)]
        time.sleep(0.3)
        late = stack.enter_context(closing(_connect(port, "127.0.0.2")))
        told = _read(late)
        assert b"503" in told
        assert b'"code": "busy"' in told
        assert httpx.get(f"http://127.0.0.1:{port}/page").status_code == 200
        for connection in crowd:
            connection.close()
        time.sleep(0.3)
        again = stack.enter_context(closing(_connect(port, "127.0.0.2")))
        again.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        assert b"200 OK" in _read(again)


def test_a_trusted_proxy_s_connections_are_not_one_client_s() -> None:
    """A proxy carries many clients' connections. The total limit applies to it too."""
    shared = Connections(Proxies(["10.0.0.2"]), per_client=2, in_all=5)
    strangers = [shared.enter("203.0.113.9") for _ in range(3)]
    assert strangers[2] is None
    proxied = [shared.enter("10.0.0.2") for _ in range(4)]
    assert proxied.count(None) == 1
    assert len(shared) == 5
    for key in [*strangers, *proxied]:
        if key is not None:
            shared.leave(key)
    assert len(shared) == 0
