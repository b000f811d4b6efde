"""Settings: one frozen tree, read once at the edge and passed down. No module reads the environment.

An environment variable `ALMANAC_NAME` wins over `name = …` in `almanac.toml` (looked for in the folder the
command is started in), which wins over the default.
"""

import difflib
import json
import os
import tomllib
from pathlib import Path
from typing import Any, Literal, get_args

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator

from index.errors import SettingsError
from index.models import Level
from index.sync import sources as listed
from index.sync.sources import SourceSettings

from .serving import ServingSettings

PREFIX = "ALMANAC_"
FILE = "almanac.toml"
Origin = Literal["default", "almanac.toml", "environment"]


class Settings(ServingSettings):
    """Every setting; the description is what the README's table says."""

    data: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("almanac-assistant", appauthor=False),
        description="folder for the catalogue, its indexes and all else that is kept",
    )
    catalogue: Path | None = Field(
        default=None,
        description="catalogue file (JSON Lines) or folder; unset: `catalogue.jsonl` in the data folder "
        "where there is one, else the starter catalogue",
    )
    embedder: str = Field(
        default="minilm",
        min_length=1,
        description="`minilm`, `none` (word search alone), a folder with `model.onnx` and `tokenizer.json`, "
        "`fastembed:NAME`, `openai:NAME` or `ollama:NAME`",
    )
    openai_api_key: SecretStr | None = Field(default=None, description="key for `openai:` embedders")
    ollama_url: str = Field(default="http://127.0.0.1:11434", description="where `ollama:` embedders are served")
    level: Level = Field(default="intermediate", description="level of answers where the question names none")
    reader: bool = Field(
        default=False,
        description="whether the small reader judges what answers a question; off until it pays (docs/reader.md)",
    )
    host: str = Field(default="127.0.0.1", description="address that `almanac serve` listens on")
    port: int = Field(
        default=7860, ge=0, le=65535, description="port that `almanac serve` listens on; 0 takes a free one"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="WARNING", description="how much is logged on stderr"
    )

    sources: tuple[SourceSettings, ...] = Field(
        default=(), description=f"what `almanac sync` reads, in the file as `[[sources]]`: {listed.ABOUT}"
    )

    @field_validator("sources", mode="before")
    @classmethod
    def _from_a_variable(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"in a variable they are a list in JSON: {error}") from None

    @field_validator("sources")
    @classmethod
    def _distinct(cls, value: tuple[SourceSettings, ...]) -> tuple[SourceSettings, ...]:
        listed.distinct(value)
        return value

    @field_validator("data", "catalogue")
    @classmethod
    def _at_home(cls, path: Path | None) -> Path | None:
        # In a file no shell has expanded the `~`.
        return path and path.expanduser()

    @property
    def catalogue_file(self) -> Path:
        """Where `almanac import` writes unless told otherwise."""
        if self.catalogue is None or self.catalogue.is_dir():
            return self.data / "catalogue.jsonl"
        return self.catalogue


def load(folder: Path | None = None, environment: dict[str, str] | None = None) -> tuple[Settings, dict[str, Origin]]:
    """The settings in force and where each came from.

    Raises:
        SettingsError: a name that does not exist or a value that cannot be used.
    """
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = dict.fromkeys(Settings.model_fields, "default")
    file = (folder or Path.cwd()) / FILE
    for name, value in _from_file(file).items():
        _known(name, name, FILE)
        values[name] = value
        origins[name] = "almanac.toml"
    for variable, text in (environment if environment is not None else dict(os.environ)).items():
        if not variable.upper().startswith(PREFIX):
            continue
        name = variable[len(PREFIX) :].lower()
        _known(name, variable, "the environment")
        if text:
            values[name] = text
            origins[name] = "environment"
    try:
        return Settings(**values), origins
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        where = FILE if origins[name] == "almanac.toml" else PREFIX + name.upper()
        if name == "sources":
            wrong, mend = listed.in_words(first["loc"][1:], first["type"], first["msg"])
            raise SettingsError(f"{where}: {wrong}", hint=mend) from None
        raise SettingsError(f"{name} ({where}): {first['msg']}", hint=f"{name} is: {_about(name)}") from None


def _from_file(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            return tomllib.load(stream)
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read {file}: {error}", hint=f"mend {FILE} or move it away") from error


def _known(name: str, written: str, where: str) -> None:
    if name not in Settings.model_fields:
        near = difflib.get_close_matches(name, Settings.model_fields, n=1)
        hint = f"did you mean {near[0]!r}?" if near else SettingsError.hint
        raise SettingsError(f"{written!r} in {where} is not a setting", hint=hint)


def _about(name: str) -> str:
    field = Settings.model_fields[name]
    choices = get_args(field.annotation)
    return f"one of {', '.join(map(str, choices))}" if choices and str in map(type, choices) else str(field.description)


def shown(settings: Settings) -> dict[str, str]:
    """Each setting as text for `almanac config`; secrets are hidden by their type."""
    values = {name: _text(getattr(settings, name)) for name in Settings.model_fields}
    return values | {"sources": ", ".join(source.label for source in settings.sources)}


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None or value is False else str(value)
