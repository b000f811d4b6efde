"""Load JSON documents, including truncated or slightly invalid ones, and report what could not be read."""

import json
import math
import re
from collections.abc import Callable
from typing import Any

from index.errors import ImportSourceError
from index.importers.source import Source

_SURROGATE = re.compile("[\ud800-\udfff]")
_BETWEEN = re.compile(r"[\s,]*")
_LIST = re.compile(r"\[\s*(?=[{\]])")


def load(source: Source, report: Callable[[str], None]) -> Any:
    """Return the value of a document. For a truncated one, return the readable objects of its first list.

    Raises:
        ImportSourceError: If the document is not JSON, is too large, or is nested too deeply.
    """
    source.whole()
    text, odd = source.text()
    for problem in odd:
        report(problem.message)
    text = text.strip()
    try:
        return _clean(_DECODER.decode(text))
    except RecursionError:
        raise ImportSourceError(
            f"{source.name} is nested too deeply to be a catalogue", hint="export the entries as one list of objects"
        ) from None
    except json.JSONDecodeError as error:
        objects = _rescued(text)
        if not objects:
            message = f"{source.name}:{error.lineno} is not JSON: {error.msg} at column {error.colno}"
            raise ImportSourceError(message, hint="export it again, or name another format with --format") from error
        report(f"line {error.lineno} is not JSON ({error.msg}); the {len(objects)} objects before it were read")
        return objects


def first_list(value: Any) -> list[Any] | None:
    """Return the main list of a document; None if there is none.

    It is the document itself, or the longest list of objects one or two levels down.
    """
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return None
    lists = [inner for inner in value.values() if _of_objects(inner)]
    if not lists:
        deeper = [inner for held in value.values() if isinstance(held, dict) for inner in held.values()]
        lists = [inner for inner in deeper if _of_objects(inner)]
    return max(lists, key=len, default=None)


def _of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _rescued(text: str) -> list[Any]:
    """Return the objects of the first list of objects, up to the first that cannot be parsed."""
    start = _LIST.search(text)
    objects: list[Any] = []
    place = start.end() if start else len(text)
    while place < len(text):
        try:
            value, place = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        objects.append(_clean(value))
        gap = _BETWEEN.match(text, place)
        place = gap.end() if gap else place
    return objects


def _float(text: str) -> float | str:
    value = float(text)
    return text if math.isinf(value) else value


def _int(text: str) -> int | str:
    return int(text) if len(text) < 400 else text


def _clean(value: Any) -> Any:
    """Return the value with lone surrogates replaced, because they cannot be encoded as UTF-8."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value) if _SURROGATE.search(value) else value
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(name): _clean(item) for name, item in value.items()}
    return value


# NaN and Infinity are not JSON, but many programs write them for missing values.
_DECODER = json.JSONDecoder(parse_constant=lambda _name: None, parse_float=_float, parse_int=_int, strict=False)
