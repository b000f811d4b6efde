"""Fetch http(s) addresses from the public internet, within limits; importers open connections only through this module.

Each host name is resolved once, all resulting addresses are checked, and the connection goes to a checked address, so
later changes in DNS have no effect. Each redirect is checked in the same way. Proxies set in the environment are
ignored, because the check could not see which address a proxy connects to.
"""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import httpcore
import httpx

from index.errors import AddressRefusedError, RedirectError, StatusError, TooLargeError, TooSlowError, UnreachableError

from . import public_addresses
from .connection import CheckedNetwork, Deadline, Limits
from .decompress import ACCEPTED, UnpackError, unpacked
from .public_addresses import Resolver

AGENT = "almanac-assistant (reads feeds and pages into a catalogue)"
_WANTED = "application/feed+json, application/atom+xml, application/rss+xml, application/xml;q=0.9, text/html;q=0.8, */*;q=0.7"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CONTENT = frozenset({200, 203})
_LONGEST_TAG = 1000
"""Maximum number of characters in an ETag; a longer one is ignored."""


@dataclass(frozen=True, slots=True)
class Validators:
    """The `ETag` and `Last-Modified` headers of an earlier answer, used to ask whether the content has changed."""

    etag: str | None = None
    last_modified: str | None = None

    def conditions(self) -> list[tuple[str, str]]:
        """Return the request headers that ask for the content only if it has changed."""
        headers = (("If-None-Match", self.etag), ("If-Modified-Since", self.last_modified))
        return [(name, value) for name, value in headers if value]


NO_VALIDATORS = Validators()
DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer to a fetch: `url` is the address after redirects, `media_type` the `Content-Type` header as sent."""

    url: str
    data: bytes
    media_type: str | None
    validators: Validators
    not_modified: bool = False


class Fetcher:
    """Fetches http(s) addresses.

    Args:
        allow_private: Whether addresses of this machine and of private networks are allowed.
        limits: The limits on time, size and redirects.
        resolver: The function that resolves host names.
        trust: The TLS context with the trusted certificates; by default those of the system and of certifi.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        limits: Limits = DEFAULT_LIMITS,
        resolver: Resolver = public_addresses.resolve,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._allow_private = allow_private
        self._limits = limits
        self._resolver = resolver
        self._given_trust = trust

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        # Load the certificates at the first https address, because loading is slow.
        return self._given_trust or httpcore.default_ssl_context()

    def fetch(self, url: str, validators: Validators = NO_VALIDATORS) -> Fetched:
        """Fetch an address; with validators, the result is `not_modified` if the content has not changed.

        Raises:
            FetchError: the address is refused, cannot be fetched, or is too large or too slow.
        """
        deadline = Deadline(self._limits)
        at = _parsed(url)
        passed = {str(at)}
        for _ in range(self._limits.redirects + 1):
            answer = self._once(at, validators, deadline)
            if isinstance(answer, Fetched):
                return answer
            at = answer
            if str(at) in passed:
                raise RedirectError(f"{_shown(url)} leads in a circle, back to {_shown(str(at))}")
            passed.add(str(at))
        raise RedirectError(f"{_shown(url)} leads on more than {self._limits.redirects} times")

    def _once(self, url: httpx.URL, validators: Validators, deadline: Deadline) -> "Fetched | httpx.URL":
        """Return the content at an address, or the address that it redirects to."""
        network = CheckedNetwork(self._resolver, deadline, allow_private=self._allow_private)
        headers: list[tuple[bytes | str, bytes | str]] = [
            ("Host", url.netloc),
            ("User-Agent", AGENT),
            ("Accept", _WANTED),
            ("Accept-Encoding", ACCEPTED),
            ("Connection", "close"),
            *validators.conditions(),
        ]
        pool = httpcore.ConnectionPool(
            ssl_context=self._trust if url.scheme == "https" else None,
            max_connections=1,
            max_keepalive_connections=0,
            network_backend=network,
        )
        with _errors_of(url, deadline), pool:
            request = httpcore.Request("GET", _for_core(url), headers=headers)
            answer = pool.handle_request(request)
            try:
                return self._read(url, answer, validators)
            finally:
                # Close the connection without reading the rest of the answer.
                answer.close()

    def _read(self, url: httpx.URL, answer: httpcore.Response, validators: Validators) -> "Fetched | httpx.URL":
        headers = httpx.Headers(answer.headers)
        if answer.status in _REDIRECTS:
            target = headers.get("location", "").strip()
            if not target:
                raise RedirectError(f"{_shown(str(url))} leads on, but does not say where")
            return _joined(url, target)
        if answer.status == 304 and validators.conditions():
            return Fetched(str(url), b"", None, _validators(headers, validators), not_modified=True)
        if answer.status not in _CONTENT:
            raise StatusError(_shown(str(url)), answer.status, retry_after=headers.get("retry-after"))
        length = headers.get("content-length", "")
        if length.isdecimal() and len(length) < 20 and int(length) > self._limits.size:
            raise self._too_large(url)
        assert isinstance(answer.stream, Iterable)
        body = bytearray()
        for piece in unpacked(self._counted(url, answer.stream), headers.get("content-encoding", "")):
            body += piece
            if len(body) > self._limits.size:
                raise self._too_large(url)
        return Fetched(str(url), bytes(body), headers.get("content-type"), _validators(headers))

    def _counted(self, url: httpx.URL, pieces: Iterable[bytes]) -> Iterator[bytes]:
        count = 0
        for piece in pieces:
            count += len(piece)
            if count > self._limits.size:
                raise self._too_large(url)
            yield piece

    def _too_large(self, url: httpx.URL) -> TooLargeError:
        return TooLargeError(f"{_shown(str(url))} is larger than {self._limits.size / 1e6:g} MB")


def is_address(source: str) -> bool:
    """Whether a source is an address: it begins with `http:` or `https:`, or contains `://`."""
    return "://" in source or source.lower().startswith(("http:", "https:"))


def _parsed(text: str) -> httpx.URL:
    try:
        return _fit(httpx.URL(text.strip()), text)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise AddressRefusedError(f"{_shown(text)} is not an address: {error}", hint=_AS_IN_BROWSER) from error


def _joined(url: httpx.URL, target: str) -> httpx.URL:
    try:
        return _fit(url.join(target), target)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise RedirectError(f"{_shown(str(url))} leads to {_shown(target)}, which is not an address") from error


def _fit(url: httpx.URL, written: str) -> httpx.URL:
    # `host` decodes internationalised names, and raises a UnicodeError if they are invalid, such as "xn--".
    if url.scheme not in {"http", "https"} or not url.host or (url.port or 0) > 65535:
        raise AddressRefusedError(f"{_shown(written)} is not an http or https address", hint=_AS_IN_BROWSER)
    if url.userinfo:
        raise AddressRefusedError(
            f"an address of {url.host} has a name or a password in it, which are not sent",
            hint="name the address without them; what needs a login can be downloaded and imported as a file",
        )
    return url.copy_with(fragment=None)


_AS_IN_BROWSER = "name it as a browser shows it, beginning with http:// or https://"


def _shown(url: str) -> str:
    plain = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in url[:201])
    return plain if len(plain) <= 200 else f"{plain[:200]}…"


def _for_core(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _validators(headers: httpx.Headers, before: Validators = NO_VALIDATORS) -> Validators:
    return Validators(
        _tag(headers.get("etag")) or before.etag, _tag(headers.get("last-modified")) or before.last_modified
    )


def _tag(value: str | None) -> str | None:
    fits = value is not None and len(value) <= _LONGEST_TAG and value.isascii() and value.isprintable()
    return value if fits else None


@contextmanager
def _errors_of(url: httpx.URL, deadline: Deadline) -> Iterator[None]:
    shown, limits = _shown(str(url)), deadline.limits
    try:
        yield
    except httpcore.TimeoutException as error:
        raise TooSlowError(
            f"{shown} is too slow: {limits.connect:g} s to connect, {limits.silence:g} s of silence and "
            f"{limits.total:g} s in all are the most"
        ) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError, httpcore.UnsupportedProtocol) as error:
        raise UnreachableError(f"{shown} cannot be fetched: {error or 'the connection failed'}") from error
    except UnpackError as error:
        raise UnreachableError(f"{shown} cannot be read: {error}") from error
    except (UnicodeError, ssl.SSLError) as error:  # the host name cannot be encoded for TLS
        raise UnreachableError(f"{shown} cannot be fetched: {error}") from error
