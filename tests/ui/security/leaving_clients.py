"""Clients that disconnect: requests for every operation as bytes, interrupted in every way that a socket allows."""

import json
import random
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .naughty_strings import JSON, Door, Place, places

MOST = 300_000
"""The most bytes that a client reads of a response before it disconnects."""
_GARBAGE = (b"\x00", b"\xff\xfe", b"\r\n\r\n", b"zz\r\n", b"GET / HTTP/1.1\r\n\r\n", b"-1\r\n", b"\x16\x03\x01")


@dataclass(frozen=True, slots=True)
class Leaver:
    """What one client does: what it sends, how much of it, how much it reads, and how it disconnects."""

    sent: bytes
    reads: int
    reset: bool
    half_closed: bool
    pause: float
    label: str

    def visit(self, host: str, port: int) -> None:
        """Run the client. The server may close the connection first."""
        with suppress(OSError), socket.create_connection((host, port), timeout=5) as connection:
            connection.sendall(self.sent)
            if self.half_closed:
                connection.shutdown(socket.SHUT_WR)
            time.sleep(self.pause)
            left = self.reads
            while left > 0 and (piece := connection.recv(min(left, 65_536))):
                left -= len(piece)
            if self.reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def request(door: Door, place: Place | None = None, text: str = "x", *, chunked: bool = False) -> bytes:
    """A request for an operation as bytes, with a text in one place."""
    sent = (place or next(places(door))).holding(text)
    body = sent.content or b""
    address = urlsplit(sent.address)
    target = address.path + (f"?{address.query}" if address.query else "")
    headers = {"host": b"127.0.0.1", **(sent.headers or JSON)}
    if chunked:
        headers["transfer-encoding"] = b"chunked"
        pieces = [body[at : at + 50] for at in range(0, len(body), 50)]
        body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces if piece) + b"0\r\n\r\n"
    elif body:
        headers["content-length"] = str(len(body)).encode()
    lines = b"".join(name.encode("latin-1") + b": " + value + b"\r\n" for name, value in headers.items())
    return f"{sent.method} {target} HTTP/1.1\r\n".encode("ascii") + lines + b"\r\n" + body


def leavers(doors: Sequence[Door], texts: Sequence[str], count: int, seed: int = 1) -> list[Leaver]:
    """This many clients, the same for the same seed, spread over all operations."""
    chance = random.Random(seed)  # noqa: S311 -- tests that can be repeated
    found = []
    for number in range(count):
        door = doors[number % len(doors)]
        place = chance.choice([None, *places(door)])
        text = chance.choice(texts)[:500]
        whole = request(door, place, text, chunked=chance.random() < 0.4)
        how = chance.choice(["whole", "cut", "garbage", "twice", "more"])
        if how == "cut":
            whole = whole[: chance.randrange(len(whole))]
        elif how == "garbage":
            at = chance.randrange(len(whole))
            whole = whole[:at] + chance.choice(_GARBAGE) + whole[at:]
        elif how == "twice":
            whole += request(chance.choice(doors))
        elif how == "more":
            whole += chance.choice(_GARBAGE)
        reads = chance.choice([0, 0, 1, 100, 5_000, MOST])
        found.append(
            Leaver(
                whole,
                reads if how == "whole" or reads < MOST else 1,
                reset=chance.random() < 0.5,
                half_closed=chance.random() < 0.2,
                pause=chance.choice([0, 0, 0.005, 0.05]),
                label=f"{door.name} {how}",
            )
        )
    return found


def chat_events(events: Mapping[int, Sequence[Any]]) -> list[bytes]:
    """What the chat's page sends for each event, valid and invalid, and the streams that it reads."""
    found = []
    for number, takes in events.items():
        session = f"s{number}"
        right = [min(one) if isinstance(one, frozenset) else "guides on RLHF" if one is str else None for one in takes]
        for data in (right, ["x"] * len(takes), [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}], []):
            for more in ({}, {"event_data": {"question": "guides on RLHF"}}, *_ODD):
                asked = {"data": data, "fn_index": number, "session_hash": session, "trigger_id": 1, **more}
                body = json.dumps(asked).encode()
                head = b"POST /gradio_api/queue/join HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
                found.append(head + b"content-length: %d\r\n\r\n" % len(body) + body)
        for name in (session, f"none{number}"):
            found += [
                b"GET /gradio_api/%b HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n" % path.encode("ascii")
                for path in (f"queue/data?session_hash={name}", f"heartbeat/{name}")
            ]
    return found


_ODD: tuple[dict[str, Any], ...] = (
    {"event_data": "x"},
    {"event_data": [1]},
    {"event_data": {"question": {"a": 1}, "without": [1]}},
    {"session_hash": None},
    {"session_hash": ""},
    {"session_hash": {"a": 1}},
    {"batched": True},
    {"simple_format": True},
    {"event_id": "x"},
    {"fn_index": 10**30},
    {"fn_index": -1},
    {"trigger_id": 10**30},
    {"trigger_id": "x"},
)
