"""Refuses ambiguous HTTP/1.1 requests, which a proxy and this server may interpret differently.

h11 is lenient where RFC 9112 allows it. If a proxy in front reads the same bytes differently, a part of one client's
request becomes the start of another client's request (request smuggling).
"""

import re
from typing import Any

import h11

_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")
_BARE_RETURN = re.compile(rb"\r(?!\n)")
_FOLDED = re.compile(rb"\r\n[ \t]")
_HAS_A_LENGTH = frozenset({b"content-length", b"transfer-encoding"})


class StrictConnection(h11.Connection):
    """An h11 connection that raises `RemoteProtocolError` on such requests, which the server answers with 400."""

    def next_event(self) -> Any:
        """The next event.

        Raises:
            h11.RemoteProtocolError: the data are not HTTP, or ambiguous.
        """
        if self.their_state is not h11.IDLE:
            return super().next_event()
        before = self.trailing_data[0]
        event = super().next_event()
        if isinstance(event, h11.Request):
            head = before[: len(before) - len(self.trailing_data[0])]
            if wrong := _ambiguous(head, event):
                self._process_error(self.their_role)
                raise h11.RemoteProtocolError(wrong)
        return event


def _ambiguous(head: bytes, request: h11.Request) -> str | None:
    """What is ambiguous in a request's head, or None."""
    if _BARE_LINE_FEED.search(head) or _BARE_RETURN.search(head):
        return "a line does not end with CR LF"
    if _FOLDED.search(head):
        return "a header is folded over two lines"
    names = [name for name, _ in request.headers if name in _HAS_A_LENGTH]
    if len(set(names)) > 1:
        return "both Content-Length and Transfer-Encoding"
    if b"transfer-encoding" in names and request.http_version < b"1.1":
        return "Transfer-Encoding in HTTP/1.0"
    return None
