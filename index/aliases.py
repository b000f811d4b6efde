"""Other names of organisations: the file `aliases.json` beside the entries of a catalogue (docs/catalogue.md)."""

import json
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any

FILE = "aliases.json"
"""The name of the file, in the folder of the entries."""
Aliases = Mapping[str, Sequence[str]]
"""For each organisation, its other names."""
Fault = tuple[str, str]
"""The organisation that something is wrong with, empty for the whole file, and what is wrong."""

_SHAPE = 'must be a JSON object with a list of other names for each organisation: {"Heron Labs": ["HL"]}'
_MIN_LETTERS = 2


def read(data: bytes, organisations: Collection[str]) -> tuple[dict[str, tuple[str, ...]], list[Fault]]:
    """Read the other names of organisations. What is wrong is reported and left out; the rest is kept.

    Args:
        data: The content of the file.
        organisations: The organisations that the entries name.

    Returns:
        The other names by organisation, in the order of the file, and the faults.
    """
    try:
        rows = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_Rows)
        json.dumps(rows, ensure_ascii=False).encode("utf-8")  # a lone surrogate cannot be stored
    except RecursionError:
        return {}, [("", "nested too deeply")]
    except json.JSONDecodeError as error:
        return {}, [("", f"not JSON: {error.msg.removesuffix(' at')} at line {error.lineno}, column {error.colno}")]
    except ValueError:
        return {}, [("", "has a character that is not UTF-8; save the file as UTF-8")]
    if not isinstance(rows, _Rows):
        return {}, [("", _SHAPE)]
    faults: list[Fault] = []
    names: dict[str, tuple[str, ...]] = {}
    for name, others in rows:
        fault = _fault_of_row(name, others, names, organisations)
        if fault:
            faults.append((name, fault))
        else:
            spellings: dict[str, str] = {}
            for other in others:
                spellings.setdefault(key_of(other), " ".join(other.split()))
            spellings.pop(key_of(name), None)
            names[name] = tuple(spellings.values())
    return _without_ambiguous(names, organisations, faults), faults


class _Rows(list[tuple[str, Any]]):
    """The members of a JSON object in order; a name may occur twice."""


def _fault_of_row(name: str, others: object, before: Collection[str], organisations: Collection[str]) -> str | None:
    if name in before:
        return "stands twice in the file; put all its names into one list"
    if isinstance(others, _Rows) or not isinstance(others, list) or not all(isinstance(one, str) for one in others):
        return 'its other names must be a list of texts, such as ["HL", "Heron"]'
    short = next((other for other in others if len(key_of(other)) < _MIN_LETTERS), None)
    if short is not None:
        return f"the name {short!r} has fewer than {_MIN_LETTERS} letters or digits"
    return None if name in organisations else "no entry has this organisation; write it as the entries do"


def _without_ambiguous(
    names: Mapping[str, tuple[str, ...]], organisations: Collection[str], faults: list[Fault]
) -> dict[str, tuple[str, ...]]:
    """The names without those that stand for two organisations, or are an organisation of an entry; adds the faults."""
    own = {key_of(name): name for name in organisations}
    meant: dict[str, list[str]] = {}
    for name, others in names.items():
        for other in others:
            meant.setdefault(key_of(other), []).append(name)
    kept: dict[str, tuple[str, ...]] = {}
    for name, others in names.items():
        good = []
        for other in others:
            key = key_of(other)
            if key in own:
                faults.append((name, f"{other!r} is an organisation of an entry; use one spelling in the entries"))
            elif len(meant[key]) > 1:
                faults.append((name, f"{other!r} stands for {' and '.join(meant[key])}; leave it out of one"))
            else:
                good.append(other)
        if good:
            kept[name] = tuple(good)
    return kept


def key_of(name: str) -> str:
    """Return the letters and digits of a name in lower case without accents: equal for "Deep Mind" and "DeepMind"."""
    return "".join(character for character in unicodedata.normalize("NFKD", name.casefold()) if character.isalnum())
