"""All settings, read once at start from environment and `almanac.toml`. No other module reads the environment.

An environment variable `ALMANAC_NAME` takes precedence over `name = …` in `almanac.toml` (in the folder that the
command is started in), which takes precedence over the default.
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
    """Every setting; `almanac config` and the README show the descriptions."""

    data: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("almanac-assistant", appauthor=False),
        description="folder for the catalogue, its indexes and all other data",
    )
    catalogue: Path | None = Field(
        default=None,
        description="catalogue file (JSON Lines) or folder; unset: `catalogue.jsonl` in the data folder "
        "if it exists, else the starter catalogue",
    )
    embedder: str = Field(
        default="minilm",
        min_length=1,
        description="`minilm`, `none` (word search only), a folder with `model.onnx` and `tokenizer.json`, "
        "`fastembed:NAME`, `openai:NAME` or `ollama:NAME`",
    )
    openai_api_key: SecretStr | None = Field(default=None, description="key for `openai:` embedders")
    ollama_url: str = Field(
        default="http://127.0.0.1:11434", description="address of the server for `ollama:` embedders"
    )
    level: Level = Field(default="intermediate", description="level of answers, unless the question names one")
    reader: bool = Field(
        default=True,
        description="whether a small model judges which sentences answer a question (docs/reader.md)",
    )
    host: str = Field(default="127.0.0.1", description="address that `almanac serve` listens on")
    port: int = Field(
        default=7860, ge=0, le=65535, description="port that `almanac serve` listens on; 0 picks a free one"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="WARNING", description="least severe level of messages logged to stderr"
    )

    sources: tuple[SourceSettings, ...] = Field(
        default=(), description=f"what `almanac sync` reads; in the file as `[[sources]]`: {listed.ABOUT}"
    )

    @field_validator("sources", mode="before")
    @classmethod
    def _from_a_variable(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"the variable must hold a JSON list: {error}") from None

    @field_validator("sources")
    @classmethod
    def _distinct(cls, value: tuple[SourceSettings, ...]) -> tuple[SourceSettings, ...]:
        listed.distinct(value)
        return value

    @field_validator("data", "catalogue")
    @classmethod
    def _at_home(cls, path: Path | None) -> Path | None:
        # A shell expands `~` in a variable, but not in a file.
        return path and path.expanduser()

    @property
    def catalogue_file(self) -> Path:
        """The file that `almanac import` writes to by default."""
        if self.catalogue is None or self.catalogue.is_dir():
            return self.data / "catalogue.jsonl"
        return self.catalogue


def load(folder: Path | None = None, environment: dict[str, str] | None = None) -> tuple[Settings, dict[str, Origin]]:
    """Read the settings.

    Args:
        folder: The folder with `almanac.toml`; by default the working folder.
        environment: The environment variables; by default those of this process.

    Returns:
        The settings, and where each value comes from.

    Raises:
        SettingsError: a name is unknown or a value is invalid.
    """
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = dict.fromkeys(Settings.model_fields, "default")
    file = (folder or Path.cwd()) / FILE
    for name, value in _from_file(file).items():
        _check_name(name, name, FILE)
        values[name] = value
        origins[name] = "almanac.toml"
    for variable, text in (environment if environment is not None else dict(os.environ)).items():
        if not variable.upper().startswith(PREFIX):
            continue
        name = variable[len(PREFIX) :].lower()
        _check_name(name, variable, "the environment")
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
            problem, fix = listed.in_words(first["loc"][1:], first["type"], first["msg"])
            raise SettingsError(f"{where}: {problem}", hint=fix) from None
        raise SettingsError(f"{name} ({where}): {first['msg']}", hint=f"{name} is: {_describe(name)}") from None


def _from_file(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            return tomllib.load(stream)
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read {file}: {error}", hint=f"fix {FILE} or move it to another folder") from error


def _check_name(name: str, written: str, where: str) -> None:
    if name not in Settings.model_fields:
        near = difflib.get_close_matches(name, Settings.model_fields, n=1)
        hint = f"did you mean {near[0]!r}?" if near else SettingsError.hint
        raise SettingsError(f"{written!r} in {where} is not a setting", hint=hint)


def _describe(name: str) -> str:
    field = Settings.model_fields[name]
    choices = get_args(field.annotation)
    return f"one of {', '.join(map(str, choices))}" if choices and str in map(type, choices) else str(field.description)


def shown(settings: Settings) -> dict[str, str]:
    """Each setting as text, for `almanac config`; secrets are masked."""
    values = {name: _text(getattr(settings, name)) for name in Settings.model_fields}
    return values | {"sources": ", ".join(source.label for source in settings.sources)}


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None or value is False else str(value)
