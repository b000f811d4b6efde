"""Modules compiled in memory take the place of those on the disk, in this process alone."""

import ast
import importlib.abc
import importlib.machinery
import importlib.util
from collections.abc import Sequence
from types import CodeType, ModuleType


class _Loader(importlib.machinery.SourceFileLoader):
    code: CodeType

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 -- the library's signature
        return self.code


class Planted(importlib.abc.MetaPathFinder):
    """Finds some modules in memory; all others are found where they always are."""

    def __init__(self, codes: dict[str, CodeType]) -> None:
        self._codes = codes

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The ordinary place of a module with our code in it, or None."""
        if fullname not in self._codes:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        assert spec.origin is not None
        loader = _Loader(fullname, spec.origin)
        loader.code = self._codes[fullname]
        return importlib.util.spec_from_file_location(
            fullname, spec.origin, loader=loader, submodule_search_locations=spec.submodule_search_locations
        )


class Recorder(ast.NodeTransformer):
    """Puts a call at the start of every function, which notes that it ran."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._inside: list[str] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        """Names of methods hold the class."""
        self._inside.append(node.name)
        self.generic_visit(node)
        self._inside.pop()
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """One statement more, behind the docstring."""
        self._inside.append(node.name)
        self.generic_visit(node)
        name = f"{self._module}:{'.'.join(self._inside)}"
        self._inside.pop()
        call = ast.parse(f"__import__('sys')._almanac_ran.add({name!r})").body
        node.body[ast.get_docstring(node) is not None : 0] = call
        return node
