"""Front matter of Markdown files, as in Hugo and Jekyll: YAML between `---`, TOML between `+++`, or JSON."""

import datetime as dt
import json
import re
import tomllib
from typing import Any

import yaml

LARGEST = 200_000
"""Maximum length of front matter, in characters."""
_YAML = re.compile(r"---[ \t]*\n(?P<inside>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\+\+\+[ \t]*\n(?P<inside>.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_PLAIN = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:float", "tag:yaml.org,2002:int", "tag:yaml.org,2002:merge"}

_LINE = re.compile(r"[\w-]+\s*[:=]\s*\S")


class Loader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML loader that keeps dates and numbers as text, and rejects aliases because they can grow exponentially."""

    yaml_implicit_resolvers = {  # noqa: RUF012 -- as in the base class
        first: [(tag, pattern) for tag, pattern in known if tag not in _PLAIN]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Return the next node.

        Raises:
            yaml.YAMLError: If it is an alias.
        """
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not read")
        return super().compose_node(parent, index)


def cut(text: str) -> tuple[dict[str, Any], str, str | None]:
    """Return the front matter, the text after it, and an error message, or None if the front matter is valid."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    stripped = text.lstrip()
    for pattern, load in ((_YAML, _yaml), (_TOML, tomllib.loads)):
        if match := pattern.match(stripped):
            fields, wrong = _loaded(load, match["inside"])
            return fields, stripped[match.end() :], wrong
    if stripped.startswith("{") and not stripped.startswith(("{{", "{%")):
        try:
            value, end = json.JSONDecoder().raw_decode(stripped)
        except (ValueError, RecursionError) as error:
            return {}, text, f"the front matter is no JSON: {error}"
        return value, stripped[end:], None
    if stripped.startswith(("---\n", "+++\n")):
        return {}, text, "the front matter has no end"
    return {}, text, None


def _yaml(text: str) -> Any:
    return yaml.load(text, Loader=Loader)  # noqa: S506 -- Loader is a SafeLoader


def _loaded(load: Any, inside: str) -> tuple[dict[str, Any], str | None]:
    if len(inside) > LARGEST:
        return {}, f"the front matter is longer than {LARGEST:,} characters"
    try:
        value = load(inside)
    except RecursionError:
        return {}, "the front matter is nested too deeply"
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError, TypeError, AttributeError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        line = f" (its line {mark.line + 1})" if mark else ""
        return _line_by_line(load, inside), f"the front matter cannot be read whole: {reason}{line}"
    if value is None:
        return {}, None
    if not isinstance(value, dict):
        return {}, "the front matter is not a list of names and values"
    return {str(name): plain(inner) for name, inner in value.items()}, None


def _line_by_line(load: Any, inside: str) -> dict[str, Any]:
    """Return the fields of a damaged front matter that can be parsed as single lines, such as `title: …`."""
    fields: dict[str, Any] = {}
    for line in inside.splitlines()[:200]:
        if _LINE.match(line):
            try:
                value = load(line)
            except (yaml.YAMLError, ValueError, TypeError, AttributeError, RecursionError):
                continue
            fields |= {str(name): plain(inner) for name, inner in value.items()} if isinstance(value, dict) else {}
    return fields


def plain(value: Any) -> Any:
    """Return a value that JSON can represent. Dates are in ISO format."""
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
