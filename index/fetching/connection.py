"""Network connections that only go to checked addresses, with a time limit for each step."""

import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass

import httpcore

from index.errors import AddressRefusedError

from . import public_addresses
from .public_addresses import Resolver


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits for fetching one address: times in seconds, the size in bytes, and the number of redirects.

    `silence` is the longest wait for the next data. `size` limits the body both before and after decompression.
    """

    connect: float = 10
    silence: float = 20
    total: float = 60
    size: int = 25_000_000
    redirects: int = 5


class Deadline:
    """The deadline for fetching one address, including redirects."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._end = time.monotonic() + limits.total

    def left(self, at_most: float) -> float:
        """Return the time limit of the next step in seconds: `at_most`, or less if the deadline is sooner.

        Raises:
            httpcore.ReadTimeout: the deadline has passed.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return min(left, at_most)


class CheckedNetwork(httpcore.NetworkBackend):
    """Resolves each host name once and connects only to the resulting addresses, after checking them."""

    def __init__(self, resolver: Resolver, deadline: Deadline, *, allow_private: bool) -> None:
        self._resolver = resolver
        self._deadline = deadline
        self._allow_private = allow_private
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 -- the deadline sets the timeout
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first checked address that answers.

        Raises:
            httpcore.ConnectError: no address answers, or the host is unknown.
            httpcore.ConnectTimeout: the lookup or the connection took too long.
            AddressRefusedError: the host has an address that is not public.
        """
        failed: Exception = httpcore.ConnectError(f"the name {host} has no address")
        for address in self._checked(host, port):
            try:
                stream = self._sockets.connect_tcp(
                    address,
                    port,
                    timeout=self._deadline.left(self._deadline.limits.connect),
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _TimedStream(stream, self._deadline)
        raise failed

    def _checked(self, host: str, port: int) -> list[str]:
        seconds = self._deadline.left(self._deadline.limits.connect)
        try:
            addresses = list(public_addresses.within(seconds, self._resolver, host, port))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} is not known") from error
        if not self._allow_private:
            for address in addresses:
                # A single non-public address rejects the host: a mix of both is an attack or a misconfiguration.
                if (what := public_addresses.not_public(address)) is not None:
                    name = host if host == address else f"{host} ({address})"
                    raise AddressRefusedError(f"{name} is an address of {what}")
        return addresses


class _TimedStream(httpcore.NetworkStream):
    """A connection that applies the deadline to each step, even if the other side sends data very slowly."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 -- as above
        """Return the next bytes received; raise a timeout after the maximum silence."""
        return self._stream.read(max_bytes, self._deadline.left(self._deadline.limits.silence))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Send all bytes of the buffer."""
        self._stream.write(buffer, self._deadline.left(self._deadline.limits.silence))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Return the connection encrypted with TLS; the certificate is checked against the host name."""
        seconds = self._deadline.left(self._deadline.limits.connect)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, seconds), self._deadline)

    def get_extra_info(self, info: str) -> object:
        """Return additional information about the connection, as defined by httpcore."""
        return self._stream.get_extra_info(info)
