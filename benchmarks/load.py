"""Two hundred clients for a minute, then a thousand idle streams and slow senders, against a server of its own on loopback.

`python benchmarks/load.py` prints what docs/security.md records. Each client has an address of its own (127.1.x.y), as
strangers have; the last part does the same from one address. Nothing but this machine is reached.
"""

import argparse
import asyncio
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

QUESTIONS = (
    "What is RLHF?",
    "What happened in 2023?",
    "What has Anthropic published?",
    "Who wrote about scaling laws?",
    "What is constitutional AI?",
    "Which models came out in March 2024?",
    "What does sycophancy mean?",
    "What is the capital of France?",
)
TOKEN = "load"  # noqa: S105 -- of a server that lives for two minutes on this machine


@dataclass
class Seen:
    """What came back, over all clients."""

    statuses: Counter[str] = field(default_factory=Counter)
    served: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)

    def line(self) -> str:
        """The statuses, and how long those served took."""
        counts = ", ".join(f"{count} x {status}" for status, count in sorted(self.statuses.items()))
        for name, times in (("served", self.served), ("refused", self.refused)):
            if len(times) > 1:
                cuts = statistics.quantiles(times, n=100)
                counts += f"; {name} p50 {cuts[49]:.2f} s, p95 {cuts[94]:.2f} s, most {max(times):.2f} s"
        return counts


async def connect(port: int, host: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection from that address of this machine."""
    return await asyncio.open_connection("127.0.0.1", port, local_addr=(host, 0))


async def ask(port: int, host: str, question: str, *, patience: float = 60) -> str:
    """One question over a connection of its own; the status, or how it ended."""
    body = json.dumps({"question": question}).encode()
    head = f"POST /api/ask HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    try:
        async with asyncio.timeout(patience):
            reader, writer = await connect(port, host)
            writer.write(head.encode() + body)
            answer = await reader.read(100)
            while await reader.read(65536):
                pass
            writer.close()
    except TimeoutError:
        return "no answer"
    except OSError as error:
        return type(error).__name__
    return answer[9:12].decode() or "closed"


async def client(port: int, host: str, until: float, seen: Seen, *, greedy: bool) -> None:
    """Ask, wait a moment, ask again; a greedy one does not wait, and is there five times."""
    chance = random.Random(host)  # noqa: S311 -- no secret
    while time.monotonic() < until:
        started = time.monotonic()
        status = await ask(port, host, chance.choice(QUESTIONS))
        seen.statuses[status] += 1
        (seen.served if status == "200" else seen.refused).append(time.monotonic() - started)
        await asyncio.sleep(0.05 if greedy else chance.uniform(0.2, 1.0))


async def idle_stream(port: int, host: str, name: int, opened: Counter[str], stop: asyncio.Event) -> None:
    """A visitor's stream that is kept open and says nothing."""
    try:
        reader, writer = await connect(port, host)
        writer.write(f"GET /gradio_api/heartbeat/idle{name} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
        opened[(await reader.read(100))[9:12].decode() or "closed"] += 1
        while not stop.is_set():
            try:
                async with asyncio.timeout(1):
                    if not await reader.read(65536):
                        break
            except TimeoutError:
                continue
        writer.close()
    except OSError as error:
        opened[type(error).__name__] += 1


async def slow_loris(port: int, host: str, ended: Counter[str], stop: asyncio.Event) -> None:
    """A head of which a line comes every two seconds; when the server ends it, another."""
    while not stop.is_set():
        try:
            reader, writer = await connect(port, host)
            writer.write(b"GET / HTTP/1.1\r\nhost: localhost\r\n")
            while not stop.is_set():
                writer.write(b"x-more: 1\r\n")
                await writer.drain()
                try:
                    async with asyncio.timeout(2):
                        ended[(await reader.read(100))[9:12].decode() or "closed"] += 1
                        break
                except TimeoutError:
                    continue
            writer.close()
        except OSError as error:
            ended[type(error).__name__] += 1
            await asyncio.sleep(0.5)


async def visits(port: int, host: str, number: int) -> tuple[list[float], Counter[str]]:
    """A visitor who opens the page and asks in the chat itself, by Gradio's own queue; seconds of each answer."""
    times: list[float] = []
    statuses: Counter[str] = Counter()
    for turn in range(number):
        started = time.monotonic()
        page = await fetch(port, host, b"GET", "/")
        statuses[f"page {page[9:12].decode()}"] += 1
        functions = json.loads((await fetch(port, host, b"GET", "/config")).partition(b"\r\n\r\n")[2])["dependencies"]
        function = next(one for one in functions if len(one["inputs"]) == 4)
        session = f"load{os.getpid()}{host.replace('.', '')}{turn}"
        data = [QUESTIONS[turn % len(QUESTIONS)], "intermediate", "chat", None]
        join = {
            "data": data,
            "fn_index": function["id"],
            "session_hash": session,
            "trigger_id": None,
            "event_data": None,
        }
        await fetch(port, host, b"POST", "/gradio_api/queue/join", json.dumps(join).encode())
        shown = await fetch(port, host, b"GET", f"/gradio_api/queue/data?session_hash={session}")
        done = re.search(rb'"process_completed".*?"success":\s*true', shown) is not None
        statuses["answered" if done else "not answered"] += 1
        times.append(time.monotonic() - started)
    return times, statuses


async def fetch(port: int, host: str, method: bytes, path: str, body: bytes = b"") -> bytes:
    """One request, and all that comes back."""
    reader, writer = await connect(port, host)
    kind = b"content-type: application/json\r\n" if body else b""
    writer.write(
        method + f" {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {len(body)}\r\n".encode()
    )
    writer.write(kind + b"\r\n" + body)
    try:
        async with asyncio.timeout(60):
            received = await reader.read()
    except TimeoutError:
        received = b""
    writer.close()
    return received


async def memory(port: int) -> tuple[float, float]:
    """Megabytes resident now and at most."""
    reader, writer = await connect(port, "127.0.0.1")
    writer.write(
        f"GET /admin/status HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer {TOKEN}\r\n\r\n".encode()
    )
    status = json.loads((await reader.read()).partition(b"\r\n\r\n")[2])
    writer.close()
    return status["memory_bytes"]["now"] / 2**20, status["memory_bytes"]["peak"] / 2**20


def address(number: int) -> str:
    """An address of this machine for each client."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


async def idle(port: int, streams: int, hosts: Sequence[str], what: str) -> None:
    """Idle streams and slow senders, and a visitor in the midst of them."""
    stop, opened, ended = asyncio.Event(), Counter[str](), Counter[str]()
    tasks = [
        asyncio.create_task(idle_stream(port, hosts[number % len(hosts)], number, opened, stop))
        for number in range(streams)
    ]
    tasks += [asyncio.create_task(slow_loris(port, hosts[number % len(hosts)], ended, stop)) for number in range(200)]
    await asyncio.sleep(15)
    times, statuses = await visits(port, "127.9.9.9", 5)
    held = await memory(port)
    stop.set()
    await asyncio.gather(*tasks)
    print(
        f"{streams} idle streams and 200 slow senders from {what}: streams {dict(opened)}, senders ended {dict(ended)}"
    )
    print(f"  a visitor meanwhile: {dict(statuses)}, {statistics.median(times):.2f} s each (page, then answer)")
    print(f"  memory then {held[0]:.0f} MB")


async def load(port: int, clients: int, seconds: float) -> None:
    """The whole of it."""
    await ask(port, "127.0.0.1", QUESTIONS[0])
    before, _ = await memory(port)
    print(f"memory before {before:.0f} MB")
    quiet, _ = await visits(port, "127.9.9.8", 3)
    print(f"a visitor alone: {statistics.median(quiet):.2f} s (page, then answer)")
    alone = Seen()
    until = time.monotonic() + seconds / 3
    await asyncio.gather(*(client(port, "127.9.9.6", until, alone, greedy=True) for _ in range(5)))
    print(f"one greedy client, {seconds / 3:g} s: {alone.line()}")
    seen = Seen()
    until = time.monotonic() + seconds
    ready = Counter[str]()
    tasks = [
        asyncio.create_task(client(port, address(number), until, seen, greedy=number % 10 == 0))
        for number in range(clients)
        for _ in range(5 if number % 10 == 0 else 1)
    ]
    while time.monotonic() < until:
        started = time.monotonic()
        ready[(await fetch(port, "127.0.0.1", b"GET", "/readyz"))[9:12].decode() or "none"] += 1
        await asyncio.sleep(max(0.0, 2 - (time.monotonic() - started)))
    await asyncio.gather(*tasks)
    now, peak = await memory(port)
    print(f"{clients} clients, {seconds:g} s: {seen.line()}; readyz {dict(ready)}")
    print(f"memory after {now:.0f} MB, at most {peak:.0f} MB")
    await idle(port, 1000, [address(1000 + number) for number in range(200)], "200 addresses")
    await idle(port, 1000, ["127.2.0.1"], "one address")
    await asyncio.sleep(10)
    now, peak = await memory(port)
    print(
        f"memory in the end {now:.0f} MB, at most {peak:.0f} MB; served again: {await ask(port, '127.9.9.7', QUESTIONS[0])}"
    )


def main() -> None:
    """Start a server, load it, end it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--clients", type=int, default=200)
    options.add_argument("--seconds", type=float, default=60)
    chosen = options.parse_args()
    import resource  # noqa: PLC0415 -- not on Windows, where this is not run

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ALMANAC_")}
        environment |= {"ALMANAC_DATA": data, "ALMANAC_ADMIN_TOKEN": TOKEN, "ALMANAC_PORT": str(port)}
        command = [sys.executable, "-m", "ui.cli", "serve"]
        server = subprocess.Popen(command, env=environment, cwd=Path(__file__).parent.parent, stdout=subprocess.DEVNULL)  # noqa: S603
        try:
            deadline = time.monotonic() + 120
            while time.monotonic() < deadline:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.5)
            asyncio.run(load(port, chosen.clients, chosen.seconds))
            print("the server is alive" if server.poll() is None else f"the server ended with {server.returncode}")
        finally:
            server.terminate()
            server.wait(timeout=30)


if __name__ == "__main__":
    main()
