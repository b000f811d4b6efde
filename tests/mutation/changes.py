"""The small faults that are planted: where a module can be changed, and the module with one change."""

import ast
import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

ROOT = Path(__file__).parent.parent.parent
CORE = ("assistant/understanding", "assistant/conversation", "assistant/retrieval", "assistant/answering", "index")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: in which module and function, at which line, and the source before and after."""

    module: str
    function: str
    line: int
    what: str
    before: str
    after: str
    number: int
    """Its place among all changes of the module, by which it can be made again."""


_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_SKIPPED_CALLS = {"log", "report", "deadline"}
"""Calls on these names have no effect on an answer: log lines, progress, the check of the time limit."""


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:  # noqa: C901 -- one short case for each change
    """The changes of one node, each with its name and the node that takes its place."""
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in _COMPARISONS:
            changed = copy.deepcopy(node)
            changed.ops = [_COMPARISONS[type(operator)]()]
            yield "comparison", changed
        case ast.BoolOp():
            changed = copy.deepcopy(node)
            changed.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield "and/or", changed
        case ast.UnaryOp(op=ast.Not()):
            yield "not removed", node.operand
        case ast.BinOp(op=operator) if type(operator) in _OPERATORS and not _is_type(node):
            changed = copy.deepcopy(node)
            changed.op = _OPERATORS[type(operator)]()
            yield "arithmetic", changed
        case ast.Constant(value=bool() as value):
            yield "constant", ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield "constant", ast.Constant(value + 1)
        case ast.Constant(value=float() as value):
            yield "constant", ast.Constant(value * 1.5 + (0.1 if not value else 0))
        case ast.If() | ast.IfExp() | ast.While():
            changed = copy.deepcopy(node)
            changed.test = ast.UnaryOp(ast.Not(), changed.test)
            yield "condition negated", changed
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield "return None", ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call() as call) if not _is_skipped(call):
            yield "statement deleted", ast.Pass()
        case ast.AugAssign() | ast.Continue() | ast.Break() | ast.Raise():
            yield "statement deleted", ast.Pass()


def _is_type(node: ast.BinOp) -> bool:
    """Whether `X | Y` joins types."""
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    is_none = any(isinstance(part, ast.Constant) and part.value is None for part in ast.walk(node))
    return isinstance(node.op, ast.BitOr) and (is_none or bool(names & {"str", "int", "float", "Path", "bytes"}))


def _is_skipped(call: ast.Call) -> bool:
    name = call.func
    while isinstance(name, ast.Attribute):
        name = name.value
    return isinstance(name, ast.Name) and name.id in _SKIPPED_CALLS


class _Places(ast.NodeTransformer):
    """Walks a module, numbers every change, and makes the one whose number is asked for."""

    def __init__(self, module: str, make: int = -1) -> None:
        self.module, self.make = module, make
        self.found: list[Mutant] = []
        self._inside: list[str] = []

    def visit(self, node: ast.AST) -> Any:
        """Number the changes of a node and of those below it, names of functions kept."""
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return self._within(node)
        taken = None
        for what, changed in changes(node):
            line, function = getattr(node, "lineno", 0), ".".join(self._inside)
            number = len(self.found)
            before, after = (ast.unparse(part).split("\n")[0][:100] for part in (node, changed))
            self.found.append(Mutant(self.module, function, line, what, before, after, number))
            if number == self.make:
                taken = ast.copy_location(changed, node)
        if taken is not None:
            return taken
        return self._children(node)

    def _within(self, node: Any) -> Any:
        if isinstance(node, ast.ClassDef):
            self._inside.append(node.name)
            node.body = self._all(node.body)
        else:
            self._inside.append(node.name)
            node.body = self._all(node.body)
            self._inside.pop()
            node.args.defaults = self._all(node.args.defaults)
            node.args.kw_defaults = self._all(node.args.kw_defaults)
            return node
        self._inside.pop()
        return node

    def _all(self, nodes: Iterable[Any]) -> list[Any]:
        return [None if node is None else self.visit(node) for node in nodes]

    def _children(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.AnnAssign):
            node.value = self.visit(node.value) if node.value is not None else None
            return node
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets
        ):
            return node
        return super().generic_visit(node)


def mutants_of(path: Path) -> list[Mutant]:
    """Every change of a module, in the order of its source."""
    places = _Places(module_name(path))
    places.visit(ast.parse(path.read_text("utf-8")))
    return places.found


def mutated(path: Path, number: int) -> CodeType:
    """The module with one change."""
    tree = _Places(module_name(path), number).visit(ast.parse(path.read_text("utf-8")))
    return compile(ast.fix_missing_locations(tree), str(path), "exec")


def module_name(path: Path) -> str:
    """The dotted name of a file of the project."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def core() -> list[Path]:
    """The modules that faults are planted in."""
    return [path for folder in CORE for path in sorted((ROOT / folder).glob("*.py")) if path.name != "__init__.py"]
