"""Error responses that the middleware sends without calling the application."""

import json
from dataclasses import dataclass

from starlette.types import Send

from ui.errors import error_body


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error response: status, code, and a message that says how to fix the request."""

    status: int
    code: str
    message: str
    headers: tuple[tuple[bytes, bytes], ...] = ()

    @classmethod
    def retry_later(cls, status: int, code: str, message: str, seconds: int) -> "Refusal":
        """A refusal with a `Retry-After` header."""
        return cls(
            status, code, f"{message}; try again in {seconds} s", ((b"retry-after", str(seconds).encode("ascii")),)
        )

    async def send(self, send: Send) -> None:
        """Send this refusal as the response."""
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
    """Send an error response in the usual JSON form."""
    await Refusal(status, code, message).send(send)
