"""The setting `sources`: what `almanac sync` reads, as `[[sources]]` in `almanac.toml`."""

import difflib
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from index.models import Level, Names, NonEmptyText


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


OneOrMore = Annotated[Names, BeforeValidator(_as_list)]


class Defaults(BaseModel):
    """Values for fields that the entries of a source leave empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    organisations: OneOrMore = ()
    topics: OneOrMore = ()
    source: NonEmptyText | None = None
    importance: Annotated[int, Field(ge=1, le=10)] | None = None
    level: Level | None = None
    kind: Literal["event", "guide"] | None = None

    def given(self) -> dict[str, Any]:
        """The fields that are set, except `kind`, which the importer needs earlier, to read the source."""
        return {
            name: list(v) if isinstance(v, tuple) else v for name, v in self if v not in (None, ()) and name != "kind"
        }


class SourceSettings(BaseModel):
    """One source: its address or path, and how to read it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str | None = None
    path: Path | None = None
    name: NonEmptyText | None = None
    format: NonEmptyText | None = None
    map: Mapping[str, OneOrMore] = Field(default_factory=dict)
    defaults: Defaults = Defaults()
    kind: Literal["event", "guide"] | None = None
    base_url: str | None = None
    allow_private: bool = False
    prune: bool = False
    """Whether entries that left the source are removed from the catalogue."""

    @field_validator("url", "base_url")
    @classmethod
    def _on_the_web(cls, url: str | None) -> str | None:
        if url is not None:
            parts = urlsplit(url)
            if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
                raise ValueError("an address must start with http:// or https:// and name a host")
            if parts.username is not None or parts.password is not None:
                raise ValueError("an address must not contain a user name or a password")
        return url

    @field_validator("path")
    @classmethod
    def _at_home(cls, path: Path | None) -> Path | None:
        return path and path.expanduser()

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.url is None) == (self.path is None):
            raise ValueError("a source must have either a url or a path")
        return self

    @property
    def address(self) -> str:
        """The address or the path, as text."""
        return self.url or str(self.path)

    @property
    def label(self) -> str:
        """The name of the source in reports: `name`, or else its address."""
        return self.name or self.address

    def fingerprint(self, *rest: str) -> str:
        """A short hash of these settings except `name`, and of `rest`: everything that the result of reading depends on."""
        content = json.dumps([self.model_dump(mode="json", exclude={"name"}), *rest], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]


ABOUT = (
    "a list of tables, each with `url` or `path`, and optionally `name`, `format`, `map`, `defaults`, `kind`, "
    "`base_url`, `allow_private`, `prune`"
)


def distinct(sources: Sequence[SourceSettings]) -> None:
    """Check that no two sources have the same label, because `sync` stores its state by label.

    Raises:
        ValueError: two sources have the same label.
    """
    seen: set[str] = set()
    for source in sources:
        if source.label in seen:
            raise ValueError(f"two sources have the name {source.label!r}; give each source a different name")
        seen.add(source.label)


def in_words(where: Sequence[int | str], kind: str, message: str) -> tuple[str, str]:
    """Turn a pydantic error about a source into a message and a hint.

    Args:
        where: The location of the error inside `sources`: number, field and so on.
        kind: pydantic's type of error.
        message: pydantic's message.

    Returns:
        What is wrong, and how to fix it.
    """
    number = where[0] if where else None
    place = "sources" if number is None else f"sources, number {int(number) + 1}"
    if len(where) > 1:
        place += f", {'.'.join(map(str, where[1:]))}"
    if kind == "extra_forbidden":
        owner = Defaults if "defaults" in where[1:-1] else SourceSettings
        near = difflib.get_close_matches(str(where[-1]), owner.model_fields, n=1)
        known = ", ".join(owner.model_fields)
        return f"{place}: unknown field", f"did you mean {near[0]!r}?" if near else f"the fields are {known}"
    return f"{place}: {message.removeprefix('Value error, ')}", f"sources is: {ABOUT}"
