"""Mutation testing of the core: small faults are planted into the code, and the tests have to notice.

    python -m tests.mutation map                    which test runs which function, once (minutes)
    python -m tests.mutation run --sample 150       plant faults and run the tests that reach them

A mutant is a module with one change: a comparison turned, a number moved, a `not` removed, a statement deleted. Each
mutant runs in a forked process, which compiles the changed module in memory; no file of the project is ever written.
It first runs the quick tests that execute the changed function, then the hundred questions. A mutant that no test
notices has survived: either the change makes no difference, or a test is missing. See docs/testing.md.
"""

import argparse
import ast
import contextlib
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

ROOT = Path(__file__).parent.parent
CORE = ("assistant/understanding", "assistant/conversation", "assistant/retrieval", "assistant/answering", "index")
TESTS = ("tests/assistant", "tests/index")
SLOW_TESTS = ("tests/assistant/test_always_true.py", "tests/assistant/test_sync.py", "tests/index/fetching")
"""Left out of the map: a mutant would be noticed by a quicker test, or they reach none of the core."""
LAST = "tests/assistant/test_hundred_questions.py"
SAMPLE = 150
SEED = 12
QUICK_SECONDS = 25.0
"""CPU seconds that the tests of one mutant may take by the map; the quickest come first."""
CPU_LIMIT = 150
"""CPU seconds after which a mutant counts as noticed: it runs for ever."""
CACHE = ROOT / ".mutation"


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


# The changes -----------------------------------------------------------------------------------------------------

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


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
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
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
            return node
        return super().generic_visit(node)


def mutants_of(path: Path) -> list[Mutant]:
    """Every change of a module, in the order of its source."""
    places = _Places(_module(path))
    places.visit(ast.parse(path.read_text("utf-8")))
    return places.found


def mutated(path: Path, number: int) -> CodeType:
    """The module with one change."""
    tree = _Places(_module(path), number).visit(ast.parse(path.read_text("utf-8")))
    return compile(ast.fix_missing_locations(tree), str(path), "exec")


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def core() -> list[Path]:
    """The modules that faults are planted in."""
    return [path for folder in CORE for path in sorted((ROOT / folder).glob("*.py")) if path.name != "__init__.py"]


# Modules compiled in memory ----------------------------------------------------------------------------------------


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


class _Recorder(ast.NodeTransformer):
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


# Running tests -----------------------------------------------------------------------------------------------------


def preload() -> None:
    """Import what all tests need and no mutant changes, so that each forked process has it already."""
    os.environ |= {"ORT_DISABLE_TELEMETRY": "1", "ANONYMIZED_TELEMETRY": "False", "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    names = "pytest hypothesis.strategies numpy chromadb llama_index.core llama_index.vector_stores.chroma onnxruntime"
    for name in [*names.split(), "tokenizers", "bm25s", "Stemmer", "rapidfuzz", "pydantic", "markdown_it", "httpx"]:
        importlib.import_module(name)


class _Plugin:
    """Gives a run the ready index of the starter catalogue, and notes what each test runs and costs."""

    def __init__(
        self, data: Path | None, ran: dict[str, dict[str, Any]] | None = None, chosen: Sequence[str] = ()
    ) -> None:
        self._data, self._ran, self._chosen = data, ran, chosen
        self.failed = ""
        self.failures: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Keep the chosen tests, in the order in which they were chosen."""
        if self._chosen:
            by_name = {item.nodeid: item for item in items}
            items[:] = [by_name[name] for name in self._chosen if name in by_name]

    def pytest_collection_finish(self, session: Any) -> None:
        """Put the index where the session's fixtures will look for one."""
        if self._data is not None:
            base = session.config._tmp_path_factory.getbasetemp()  # noqa: SLF001
            shutil.copytree(self._data, base / "data", dirs_exist_ok=True)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Remember the first failure."""
        if report.failed:
            self.failed = self.failed or report.nodeid
            self.failures.add(report.nodeid)

    def pytest_runtest_protocol(self, item: Any, nextitem: Any) -> None:  # noqa: ARG002 -- the library's signature
        """Start a note; the test itself runs as always."""
        if self._ran is not None:
            sys._almanac_ran = set()  # type: ignore[attr-defined]
            self._started = time.process_time()
            self._item = item.nodeid

    def pytest_runtest_logfinish(self, nodeid: str, location: Any) -> None:  # noqa: ARG002 -- the library's signature
        """End a note."""
        if self._ran is not None:
            functions = sorted(sys._almanac_ran)  # type: ignore[attr-defined]
            failed = nodeid in self.failures
            seconds = round(time.process_time() - self._started, 3)
            self._ran[nodeid] = {"seconds": seconds, "failed": failed, "functions": functions}


def pytest_run(arguments: Sequence[str], plugin: _Plugin) -> int:
    """Run pytest in this process, without its output."""
    import pytest  # noqa: PLC0415 -- preloaded

    base = Path(tempfile.mkdtemp(prefix="mutant-"))
    quiet = ["-q", "-p", "no:cacheprovider", "-p", "no:terminal", "--assert=plain", f"--basetemp={base / 'tmp'}"]
    try:
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
            return int(pytest.main([*quiet, "-o", "addopts=--allow-hosts=127.0.0.1,localhost,::1 --allow-unix-socket", *arguments], plugins=[plugin]))
    finally:
        shutil.rmtree(base, ignore_errors=True)


def forked(work: Callable[[], Any], *, cpu: int = 3_600) -> Any:
    """What `work` returns in a process of its own; "crashed" or "too long" where it does not return."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
        result = json.dumps(work())
        with os.fdopen(writing, "w") as stream:
            stream.write(result)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        text = stream.read()
    _, status = os.waitpid(child, 0)
    if text:
        return json.loads(text)
    return "too long" if os.WIFSIGNALED(status) and os.WTERMSIG(status) == 24 else "crashed"


def make_map() -> None:
    """Run the core's tests once, with every function of the core noting that it runs; writes `.mutation/map.json`."""
    CACHE.mkdir(exist_ok=True)
    (CACHE / ".gitignore").write_text("*\n", "utf-8")
    shutil.rmtree(CACHE / "data", ignore_errors=True)

    def work() -> str:
        sys._almanac_ran = set()  # type: ignore[attr-defined]
        codes = {}
        for path in core():
            tree = _Recorder(_module(path)).visit(ast.parse(path.read_text("utf-8")))
            codes[_module(path)] = compile(ast.fix_missing_locations(tree), str(path), "exec")
        sys.meta_path.insert(0, Planted(codes))
        ran: dict[str, dict[str, Any]] = {}
        ignored = [f"--ignore={name}" for name in SLOW_TESTS]
        pytest_run([*TESTS, *ignored], plugin := _Plugin(None, ran))
        (CACHE / "map.json").write_text(json.dumps(ran, indent=1), "utf-8")
        return plugin.failed

    print("first failure:", forked(work) or "none")

    def build() -> str:
        from assistant.settings.settings import Settings  # noqa: PLC0415
        from assistant.workplace import Workplace  # noqa: PLC0415

        Workplace(Settings(data=CACHE / "data")).build()
        return "built"

    print("index:", forked(build))


def tests_of(mutant: Mutant, ran: dict[str, dict[str, Any]]) -> list[str]:
    """The tests that run the changed function (of a change outside functions: any of the module), quickest first."""
    module = f"{mutant.module}:"
    name = f"{module}{mutant.function}"
    in_function = bool(mutant.function) and any(name in test["functions"] for test in ran.values())
    reach = {
        test: one["seconds"]
        for test, one in ran.items()
        if not one["failed"]
        and (name in one["functions"] if in_function else any(f.startswith(module) for f in one["functions"]))
    }
    # Tests of the module's own folder first: they were written to notice.
    folder = f"tests/{Path(*mutant.module.split('.')[:-1])}"
    chosen, spent = [], 0.0
    for test in sorted(reach, key=lambda test: (not test.startswith(folder), reach[test])):
        if spent + reach[test] < QUICK_SECONDS and not test.startswith(LAST):
            chosen.append(test)
            spent += reach[test]
    return [*chosen, *(test for test in ran if test.startswith(LAST) and not ran[test]["failed"])]


def try_out(mutant: Mutant, ran: dict[str, dict[str, Any]]) -> str:
    """The test that notices a mutant, "too long" or "crashed"; "" where it survives."""

    def work() -> str:
        path = ROOT / f"{mutant.module.replace('.', '/')}.py"
        sys.meta_path.insert(0, Planted({mutant.module: mutated(path, mutant.number)}))
        # A fault in the building of an index shows only where one is built.
        data = None if mutant.module.startswith("index.") else CACHE / "data"
        chosen = tests_of(mutant, ran)
        plugin = _Plugin(data, chosen=chosen)
        status = pytest_run(["-x", *sorted({name.partition("::")[0] for name in chosen})], plugin)
        return plugin.failed or ("" if status == 0 else f"pytest ended with {status}")

    return str(forked(work, cpu=CPU_LIMIT))


def sample(size: int, seed: int, only: str = "") -> list[Mutant]:
    """Mutants drawn from all of the core; the same seed draws the same ones from the same code."""
    every = [mutant for path in core() for mutant in mutants_of(path) if only in mutant.module]
    return random.Random(seed).sample(every, min(size, len(every)))  # noqa: S311 -- a sample that can be drawn again


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["map", "run", "count"])
    parser.add_argument("--sample", type=int, default=SAMPLE, help="how many mutants (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="of the sample (default: %(default)s)")
    parser.add_argument("--only", default="", help="modules whose dotted name holds this text")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so many seconds")
    parser.add_argument("--survivors", type=Path, help="a file of earlier results: run those that survived once more")
    parser.add_argument("--results", type=Path, default=CACHE / "results.jsonl")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    drawn = sample(options.sample, options.seed, options.only)
    if options.command == "count":
        print(len(sample(10**9, 0, options.only)))
        return
    preload()
    if options.command == "map":
        make_map()
        return
    ran = json.loads((CACHE / "map.json").read_text("utf-8"))
    if options.survivors:
        rows = [json.loads(row) for row in options.survivors.read_text("utf-8").splitlines()]
        alive = {(row["module"], row["number"]) for row in rows if not row["killer"]}
        drawn = [mutant for mutant in drawn if (mutant.module, mutant.number) in alive]
    killed, tried, started = 0, 0, time.monotonic()
    with options.results.open("w", encoding="utf-8") as stream:
        for mutant in drawn:
            if time.monotonic() - started > options.seconds:
                break
            killer = try_out(mutant, ran)
            tried += 1
            killed += bool(killer)
            fields = {name: getattr(mutant, name) for name in Mutant.__slots__}
            stream.write(json.dumps(fields | {"killer": killer}, ensure_ascii=False) + "\n")
            stream.flush()
            fate = f"killed by {killer}" if killer else "SURVIVED"
            print(f"{mutant.module}:{mutant.line} {mutant.what}: {mutant.before} -> {mutant.after}: {fate}", flush=True)
    print(f"{killed} of {tried} mutants killed ({killed / max(1, tried):.0%}), seed {options.seed}")


if __name__ == "__main__":
    main()
