"""Settings of the sources that `almanac sync` reads: the tables `[[sources]]` in `almanac.toml`."""

import difflib
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from index.models import Level, Names, Said


def _a_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


OneOrMore = Annotated[Names, BeforeValidator(_a_list)]


class Defaults(BaseModel):
    """Values for fields that the entries of a source leave empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    organisations: OneOrMore = ()
    topics: OneOrMore = ()
    source: Said | None = None
    importance: Annotated[int, Field(ge=1, le=10)] | None = None
    level: Level | None = None
    kind: Literal["event", "guide"] | None = None

    def given(self) -> dict[str, Any]:
        """The values that are set, without `kind`, which is needed earlier: while the source is read."""
        return {
            name: list(v) if isinstance(v, tuple) else v for name, v in self if v not in (None, ()) and name != "kind"
        }


class SourceSettings(BaseModel):
    """One source: its address or path, and how to read it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str | None = None
    path: Path | None = None
    name: Said | None = None
    format: Said | None = None
    map: Mapping[str, OneOrMore] = Field(default_factory=dict)
    defaults: Defaults = Defaults()
    kind: Literal["event", "guide"] | None = None
    base_url: str | None = None
    allow_private: bool = False

    @field_validator("url", "base_url")
    @classmethod
    def _on_the_web(cls, url: str | None) -> str | None:
        if url is not None:
            parts = urlsplit(url)
            if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
                raise ValueError("an address begins with http:// or https:// and has a host")
            if parts.username is not None or parts.password is not None:
                raise ValueError("an address with a name or a password in it is not fetched")
        return url

    @field_validator("path")
    @classmethod
    def _at_home(cls, path: Path | None) -> Path | None:
        return path and path.expanduser()

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.url is None) == (self.path is None):
            raise ValueError("a source has either a url or a path")
        return self

    @property
    def address(self) -> str:
        """The address or the path."""
        return self.url or str(self.path)

    @property
    def label(self) -> str:
        """The name of the source in reports."""
        return self.name or self.address

    def fingerprint(self, *rest: str) -> str:
        """A short hash of these settings and of `rest`: if it changes, the source has to be read in full again."""
        settings = json.dumps([self.model_dump(mode="json", exclude={"name"}), *rest], sort_keys=True)
        return hashlib.sha256(settings.encode()).hexdigest()[:16]


ABOUT = (
    "a list of tables, each with `url` or `path`, and if need be `name`, `format`, `map`, `defaults`, `kind`, "
    "`base_url`, `allow_private`"
)


def distinct(sources: Sequence[SourceSettings]) -> None:
    """Check that no two sources have the same name, by which a sync stores what it knows about them.

    Raises:
        ValueError: two have the same name.
    """
    seen: set[str] = set()
    for source in sources:
        if source.label in seen:
            raise ValueError(f"two sources have the name {source.label!r}; give each its own `name`")
        seen.add(source.label)


def in_words(where: Sequence[int | str], kind: str, message: str) -> tuple[str, str]:
    """A message and a hint for an error in a source's settings, made from pydantic's error.

    Args:
        where: The place of the error, after `sources`.
        kind: Pydantic's type of the error.
        message: Pydantic's message.
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
