"""The widget's session: a short-lived token, signed here and bound to the site it was given for. No cookie."""

import secrets

from itsdangerous import BadSignature, URLSafeTimedSerializer

HEADER = "x-almanac-session"
"""Where the frame's requests carry it."""
LIFE = 30 * 60
"""Seconds that a token is good for; the frame asks for a new one in time."""
RENEWED = 6 * 3600
"""Seconds after which no new token is given for an old one: as long as a conversation is kept for a sleeping machine."""


class WidgetTokens:
    """Makes and reads tokens.

    Args:
        secret: The key; several processes that answer for one address need the same. None makes one of its own.
    """

    def __init__(self, secret: str | None = None) -> None:
        self._signer = URLSafeTimedSerializer(secret or secrets.token_urlsafe(32), salt="almanac-widget")

    def token(self, site: str) -> str:
        """A token for a frame in a page of `site`, an origin."""
        return str(self._signer.dumps(site))

    def site(self, token: str) -> str | None:
        """The site a token was made for; None where it was not made here, was changed or is too old."""
        return self._read(token, LIFE)

    def renewable(self, token: str) -> str | None:
        """The site of a token that a new one may be had for, though it may be too old to ask with."""
        return self._read(token, RENEWED)

    def _read(self, token: str, life: int) -> str | None:
        try:
            site = self._signer.loads(token, max_age=life)
        except BadSignature:
            return None
        return site if isinstance(site, str) else None
