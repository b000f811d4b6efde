"""The optional login of visitors, and the administrator's token."""

import base64
import binascii
import hashlib
import hmac
import re

from starlette.datastructures import Headers

from assistant.settings.serving import ServingSettings
from index.errors import SettingsError

from .rate_limits import Limits, Visitor
from .refusals import Refusal

OPEN = frozenset({"/healthz", "/readyz"})
"""Health checks, which need no login."""
ADMIN = "/admin/"
_HEADER = re.compile(r"header:\s*([A-Za-z0-9-]+)")
_CHALLENGE = ((b"www-authenticate", b'Basic realm="Almanac", charset="UTF-8"'),)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


class Login:
    """Checks the login that `settings.auth` requires, and the token for `/admin/`.

    Args:
        settings: `auth`, `admin_token` and `trusted_proxies`.
        limits: Limits the number of wrong passwords.

    Raises:
        SettingsError: `auth` is not valid, or names a header and there is no trusted proxy that could set it.
    """

    def __init__(self, settings: ServingSettings, limits: Limits) -> None:
        self._limits = limits
        self.header: str | None = None
        """The header in which a trusted proxy passes the user's name, or None."""
        self._pairs: tuple[bytes, ...] = ()
        token = settings.admin_token.get_secret_value() if settings.admin_token else ""
        self._token = _digest(token) if token else None
        auth = settings.auth.get_secret_value().strip() if settings.auth else ""
        if match := _HEADER.fullmatch(auth):
            self.header = match[1].lower()
            if not settings.trusted_proxies:
                raise SettingsError(
                    "auth names a header, but there is no trusted proxy that could set it",
                    hint="set ALMANAC_TRUSTED_PROXIES to the address of the proxy that logs visitors in",
                )
        elif auth:
            pairs = [pair.strip() for pair in auth.split(",")]
            if not all(name and password for name, _, password in (pair.partition(":") for pair in pairs)):
                raise SettingsError("auth is not valid", hint="use NAME:PASSWORD, several of them separated by commas")
            self._pairs = tuple(_digest(pair) for pair in pairs)

    def refused(self, path: str, headers: Headers, visitor: Visitor) -> Refusal | None:
        """The reason why this visitor is refused, or None."""
        if path in OPEN or path.startswith(ADMIN):
            return None
        if self.header is not None and not headers.get(self.header):
            return Refusal(401, "login", "log in at the proxy in front of this server; it did not pass on a user name")
        if not self._pairs:
            return None
        return self._check(_credentials(headers), self._pairs, visitor, _CHALLENGE)

    def administrator(self, headers: Headers, visitor: Visitor) -> Refusal | None:
        """The reason why a request to `/admin/` is refused, or None. Without a configured token these paths do not exist."""
        if self._token is None:
            return Refusal(404, "not_found", "Not Found; /openapi.json lists what there is")
        scheme, _, given = headers.get("authorization", "").partition(" ")
        token = given.strip() if scheme.lower() == "bearer" else ""
        return self._check(token, (self._token,), visitor, ((b"www-authenticate", b"Bearer"),))

    def _check(
        self, given: str, wanted: tuple[bytes, ...], visitor: Visitor, challenge: tuple[tuple[bytes, bytes], ...]
    ) -> Refusal | None:
        if not given:
            return Refusal(401, "login", "log in first, with a name and password from ALMANAC_AUTH", challenge)
        if wait := self._limits.login(visitor):
            return Refusal.retry_later(429, "too_many_requests", "too many wrong passwords from this address", wait)
        # Compares with all of them, in constant time, so that the duration reveals nothing.
        digest = _digest(given)
        if sum(hmac.compare_digest(digest, valid) for valid in wanted):
            return None
        self._limits.login(visitor, failed=True)
        return Refusal(401, "login", "wrong name or password; check them and try again", challenge)


def _credentials(headers: Headers) -> str:
    """`NAME:PASSWORD` from HTTP Basic, or from a Bearer token, for clients that can send only an API key."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    try:
        if scheme.lower() == "bearer":
            return value.strip().encode("latin-1").decode("utf-8")
        if scheme.lower() != "basic":
            return ""
        return base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return ""
