"""The settings of the server: its public address, who may embed it, limits, logins and tokens."""

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

_ORIGIN = re.compile(
    r"https?://(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?|https?://\[[0-9a-f:]+\](?::\d{1,5})?"
)
_ADDRESS = re.compile(r"https?://[^\s/?#\"'<>\\]+(?:/[^\s?#\"'<>\\]*)?")

_MAX_HOST_CHARACTERS = 253
"""The longest name of a host (RFC 1035)."""
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE | re.ASCII)


def _has_a_host(address: str) -> bool:
    """Whether the host and the port of an address are valid; the first label may be `*`."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    name = host.removesuffix(".").removeprefix("*.")
    if parts.username is not None or port == 0 or len(name) > _MAX_HOST_CHARACTERS:
        return False
    if ":" in name:
        return "%" not in name  # `urlsplit` has checked the rest; a zone is valid on one machine only
    return all(_is_label(label) for label in name.split("."))


def _is_label(label: str) -> bool:
    try:
        encoded = label.encode("idna").decode(
            "ascii"
        )  # this codec does not validate labels that are ASCII, hence the next line
        encoded.encode("ascii").decode("idna")
    except UnicodeError:
        return False
    return _LABEL.fullmatch(encoded) is not None


class ServingSettings(BaseModel):
    """Settings of `almanac serve` except host and port; in a variable, the items of a list are separated by commas."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str | None = Field(
        default=None,
        description="public address, such as `https://almanac.example.org`, for permanent links, feeds and the sitemap; "
        "unset: the address of the request",
    )
    embed_origins: tuple[str, ...] = Field(
        default=(),
        description="sites that may embed the chat: `https://example.org` or `https://*.example.org`, separated by commas",
    )
    keep_questions: bool = Field(default=False, description="whether feedback is stored with the text of the question")
    keep_shared_days: int = Field(
        default=365,
        ge=0,
        le=36_500,
        description="days until a shared answer is deleted, from the last time it was read; 0: never",
    )
    keep_feedback_days: int = Field(
        default=365, ge=0, le=36_500, description="days until feedback is deleted; 0: never"
    )
    kept_mb: int = Field(
        default=1024, ge=1, le=1 << 20, description="maximum size of feedback and shared answers together, in megabytes"
    )
    kept_per_day: int = Field(
        default=500, ge=1, description="shared answers and feedback together that one client may store in a day"
    )
    client_per_minute: int = Field(default=60, ge=1, description="questions per minute from one client")
    site_per_minute: int = Field(default=300, ge=1, description="questions per minute from one embedding site")
    answers_at_once: int = Field(default=4, ge=1, description="answers that are computed at the same time")
    waiting: int = Field(default=32, ge=0, description="further questions that may wait in the queue")
    answer_seconds: float = Field(default=30.0, gt=0, description="seconds that a question may wait in the queue")
    question_seconds: float = Field(
        default=20.0, gt=0, description="seconds that one answer may take; after that the client gets the error `busy`"
    )
    trusted_proxies: tuple[str, ...] = Field(
        default=(),
        description="addresses or networks of proxies whose `X-Forwarded-…` headers are trusted, separated by commas",
    )
    auth: SecretStr | None = Field(
        default=None,
        description="login: `NAME:PASSWORD` (several separated by commas), or `header:X-Remote-User` set by a trusted proxy",
    )
    admin_token: SecretStr | None = Field(
        default=None, description="token for the routes under `/admin`; unset: these routes are disabled"
    )
    secret: SecretStr | None = Field(
        default=None, description="key that signs the widget's tokens; unset: a new key at each start"
    )

    @property
    def has_login(self) -> bool:
        """Whether visitors must log in."""
        return self.auth is not None and bool(self.auth.get_secret_value().strip())

    @field_validator("embed_origins", "trusted_proxies", mode="before")
    @classmethod
    def _by_commas(cls, value: Any) -> Any:
        return tuple(part for part in re.split(r"[,\s]+", value) if part) if isinstance(value, str) else value

    @field_validator("embed_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        origins = tuple(origin.lower().rstrip("/") for origin in value)
        for origin in origins:
            if _ORIGIN.fullmatch(origin) is None or not _has_a_host(origin):
                raise ValueError(
                    f"{origin!r} is not an origin; an origin is a scheme and a host, such as https://example.org"
                )
        return origins

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ipaddress.ip_network(network, strict=False)
        return value

    @field_validator("url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None and (_ADDRESS.fullmatch(value) is None or not _has_a_host(value)):
            raise ValueError(f"{value!r} is not an address such as https://almanac.example.org")
        return value and value.rstrip("/")
