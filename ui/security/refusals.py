"""A refusal: a status and words in the one shape of an error, sent without asking the application."""

import json
from dataclasses import dataclass

from starlette.types import Send

from ui.errors import error_body


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not let through, and the mend."""

    status: int
    code: str
    message: str
    headers: tuple[tuple[bytes, bytes], ...] = ()

    @classmethod
    def later(cls, status: int, code: str, message: str, seconds: int) -> "Refusal":
        """One that is over after some seconds."""
        return cls(
            status, code, f"{message}; try again in {seconds} s", ((b"retry-after", str(seconds).encode("ascii")),)
        )

    async def send(self, send: Send) -> None:
        """Answer with it."""
        body = json.dumps(error_body(self.code, self.message)).encode("utf-8")
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode("ascii")),
            (b"cache-control", b"no-store"),
            *self.headers,
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def refuse(status: int, code: str, message: str, send: Send) -> None:
    """Answer with an error of the one shape, without asking the application."""
    await Refusal(status, code, message).send(send)
