"""Finds every regular expression in the product's packages, and how it is used."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGES = ("assistant", "index", "ui")
_SEARCHING = {"search", "finditer", "findall", "sub", "subn", "split"}
_FROM_RE = {*_SEARCHING, "match", "fullmatch", "compile"}


@dataclass(frozen=True)
class Found:
    """One pattern: its location, and whether it is searched for or must match a whole text."""

    where: str
    pattern: str | bytes
    flags: int
    search: bool
    whole: bool


def modules() -> Iterator[ModuleType]:
    """Yield every module of the packages, except modules that need a library which is not installed."""
    for name in PACKAGES:
        package = importlib.import_module(name)
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def every_pattern() -> list[Found]:
    """Return all patterns: module variables, and patterns written in calls."""
    found: dict[tuple[str | bytes, int, bool, bool], Found] = {}
    loaded = list(modules())
    used = _uses(loaded)
    for module in loaded:
        for name, value in vars(module).items():
            for pattern in _inside(value):
                # One in a table is used under another name: then all is possible.
                methods = used.get(name, set()) if isinstance(value, re.Pattern) else set()
                search = not methods or bool(methods & _SEARCHING)
                whole = not methods or "fullmatch" in methods
                key = (pattern.pattern, pattern.flags, search, whole)
                found.setdefault(key, Found(f"{module.__name__}.{name}", *key))
        for one in _written_out(module):
            found.setdefault((one.pattern, one.flags, one.search, one.whole), one)
    return list(found.values())


def _inside(value: Any, depth: int = 4) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from _inside(one, depth - 1)
    elif depth and isinstance(value, dict):
        for one in (*value.keys(), *value.values()):
            yield from _inside(one, depth - 1)


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text("utf-8"))


def _uses(loaded: list[ModuleType]) -> dict[str, set[str]]:
    """Return the methods called on each module variable's pattern; "search" for a pattern passed to a function."""
    found: dict[str, set[str]] = {}
    for module in loaded:
        called: set[int] = set()
        tree = _tree(module)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                owner = node.value
                name = (
                    owner.id
                    if isinstance(owner, ast.Name)
                    else owner.attr
                    if isinstance(owner, ast.Attribute)
                    else None
                )
                if name is not None and node.attr in _FROM_RE:
                    found.setdefault(name, set()).add(node.attr)
                    called.add(id(owner))
                if node.attr == "pattern" and isinstance(owner, ast.Name):
                    called.add(id(owner))
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in called:
                found.setdefault(node.id, set()).update({"search", "fullmatch"})
    return found


def _written_out(module: ModuleType) -> Iterator[Found]:
    """Yield the patterns in calls such as `re.sub(r"…", …)`; text inserted at run time counts as the letter x."""
    for node in ast.walk(_tree(module)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        owner = node.func.value
        if not (isinstance(owner, ast.Name) and owner.id == "re" and node.func.attr in _FROM_RE - {"compile"}):
            continue
        pattern = _text(node.args[0])
        if pattern is None:
            continue
        flags = 0
        for word in ast.walk(ast.Module([], [])) if not node.keywords and len(node.args) < 3 else _flag_names(node):
            flags |= int(getattr(re, word)) if isinstance(word, str) else 0
        search = node.func.attr in _SEARCHING
        where = f"{module.__name__}:{node.lineno}"
        yield Found(where, pattern, flags, search, node.func.attr == "fullmatch")


def _flag_names(node: ast.Call) -> list[str]:
    names = [
        part.attr
        for argument in (*node.args[1:], *(k.value for k in node.keywords))
        for part in ast.walk(argument)
        if isinstance(part, ast.Attribute)
    ]
    return [name for name in names if name.isupper() and hasattr(re, name)]


def _text(node: ast.expr) -> str | bytes | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
    return None
