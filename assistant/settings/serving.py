"""The settings of the server alone: its public address, who may embed it, who may ask how much."""

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

_ORIGIN = re.compile(
    r"https?://(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?|https?://\[[0-9a-f:]+\](?::\d{1,5})?"
)
_ADDRESS = re.compile(r"https?://[^\s/?#\"'<>\\]+(?:/[^\s?#\"'<>\\]*)?")

_LONGEST_NAME = 253
"""Characters of a host's name (RFC 1035)."""
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE | re.ASCII)


def _has_a_host(address: str) -> bool:
    """Whether the host and the port of an address can exist; a first label `*` counts as one."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    name = host.removesuffix(".").removeprefix("*.")
    if parts.username is not None or port == 0 or len(name) > _LONGEST_NAME:
        return False
    if ":" in name:
        return "%" not in name  # `urlsplit` has checked the rest; a zone means something on one machine alone
    return all(_is_label(label) for label in name.split("."))


def _is_label(label: str) -> bool:
    try:
        encoded = label.encode("idna").decode("ascii")  # IDNA looks into no label that is ASCII already
        encoded.encode("ascii").decode("idna")
    except UnicodeError:
        return False
    return _LABEL.fullmatch(encoded) is not None


class ServingSettings(BaseModel):
    """What `almanac serve` takes besides where it listens; lists are separated by commas in a variable."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str | None = Field(
        default=None,
        description="public address, as `https://almanac.example.org`, for permanent links, feeds and the sitemap; "
        "unset: the one that was asked",
    )
    embed_origins: tuple[str, ...] = Field(
        default=(),
        description="sites that may embed the chat: `https://example.org` or `https://*.example.org`, by commas",
    )
    keep_questions: bool = Field(default=False, description="whether feedback is kept with the question's text")
    keep_shared_days: int = Field(
        default=365,
        ge=0,
        le=36_500,
        description="days that a shared answer is kept after it was last read; 0: for good",
    )
    keep_feedback_days: int = Field(default=365, ge=0, le=36_500, description="days that feedback is kept; 0: for good")
    kept_mb: int = Field(
        default=1024, ge=1, le=1 << 20, description="megabytes that feedback and shared answers may take"
    )
    kept_per_day: int = Field(
        default=500, ge=1, description="shared answers and feedback together that one client may leave in a day"
    )
    client_per_minute: int = Field(default=60, ge=1, description="questions a minute of one client")
    site_per_minute: int = Field(default=300, ge=1, description="questions a minute of one embedding site")
    answers_at_once: int = Field(default=4, ge=1, description="answers that are worked out at the same time")
    waiting: int = Field(default=32, ge=0, description="further questions that may wait for their turn")
    answer_seconds: float = Field(default=30.0, gt=0, description="seconds that a question may wait for its turn")
    question_seconds: float = Field(
        default=20.0, gt=0, description="seconds that one answer may be worked on; after that it is ended as busy"
    )
    trusted_proxies: tuple[str, ...] = Field(
        default=(), description="addresses or networks of proxies whose `X-Forwarded-…` headers are believed, by commas"
    )
    auth: SecretStr | None = Field(
        default=None,
        description="login: `NAME:PASSWORD` (more by commas), or `header:X-Remote-User` set by a trusted proxy",
    )
    admin_token: SecretStr | None = Field(
        default=None, description="token of the routes under `/admin`; unset: they are closed"
    )
    secret: SecretStr | None = Field(
        default=None, description="key that the widget's tokens are signed with; unset: a new one at each start"
    )

    @property
    def has_login(self) -> bool:
        """Whether visitors have to log in."""
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
                raise ValueError(f"{origin!r} is no origin: scheme and host alone, as https://example.org")
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
            raise ValueError(f"{value!r} is no address: https://almanac.example.org")
        return value and value.rstrip("/")
