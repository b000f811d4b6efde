"""Short-lived signed tokens that tell in which site the widget is embedded. Used instead of cookies."""

import secrets

from itsdangerous import BadSignature, URLSafeTimedSerializer

HEADER = "x-almanac-session"
"""The request header with the token."""
LIFE = 30 * 60
"""Seconds for which a token is valid. The frame requests a new one before that."""
RENEWED = 6 * 3600
"""Seconds for which an old token can be exchanged for a new one, so that a conversation survives a sleeping computer."""


class WidgetTokens:
    """Makes and checks tokens.

    Args:
        secret: The key. Several processes behind one address need the same key. None generates a random key.
    """

    def __init__(self, secret: str | None = None) -> None:
        self._signer = URLSafeTimedSerializer(secret or secrets.token_urlsafe(32), salt="almanac-widget")

    def token(self, site: str) -> str:
        """A token for a frame embedded in a page of `site`, which is an origin."""
        return str(self._signer.dumps(site))

    def site(self, token: str) -> str | None:
        """The site of a valid token; None if it is forged or expired."""
        return self._read(token, LIFE)

    def renewable(self, token: str) -> str | None:
        """The site of a token that can be exchanged for a new one, although it may have expired."""
        return self._read(token, RENEWED)

    def _read(self, token: str, life: int) -> str | None:
        try:
            site = self._signer.loads(token, max_age=life)
        except BadSignature:
            return None
        return site if isinstance(site, str) else None
