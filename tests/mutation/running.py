"""Tests run in a forked process over a mutated core; and once with a note of which test runs which function."""

import ast
import contextlib
import importlib
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .changes import ROOT, Mutant, core, module_name, mutants_of, mutated
from .planting import Planted, Recorder

TESTS = ("tests/assistant", "tests/index")
SLOW_TESTS = ("tests/assistant/test_always_true.py", "tests/assistant/test_sync.py", "tests/index/fetching")
"""Left out of the map: a mutant would be noticed by a quicker test, or they reach none of the core."""
LAST = "tests/assistant/test_hundred_questions.py"
SAMPLE = 150
SEED = 12
QUICK_SECONDS = 10.0
"""CPU seconds that the tests of one mutant may take by the map; the quickest come first."""
MOST_FILES = 8
"""Test files that are imported for one mutant: each costs time before its first test."""
CPU_LIMIT = 150
"""CPU seconds after which a mutant counts as noticed: it runs for ever."""
NO_TESTS = 5
"""What pytest returns where it ran no test."""
CACHE = ROOT / ".mutation"


def preload() -> None:
    """Import what all tests need and no mutant changes, so that each forked process has it already."""
    os.environ |= {
        "ORT_DISABLE_TELEMETRY": "1",
        "ANONYMIZED_TELEMETRY": "False",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }
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
            base = session.config._tmp_path_factory.getbasetemp()
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
    quiet = ["-q", "-p", "no:cacheprovider", "--assert=plain", f"--basetemp={base / 'tmp'}"]
    try:
        with (
            Path(os.devnull).open("w") as nowhere,
            contextlib.redirect_stdout(nowhere),
            contextlib.redirect_stderr(nowhere),
        ):
            return int(
                pytest.main(
                    [*quiet, "-o", "addopts=--allow-hosts=127.0.0.1,localhost,::1 --allow-unix-socket", *arguments],
                    plugins=[plugin],
                )
            )
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
    return "too long" if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU else "crashed"


def make_map(tests: Sequence[str]) -> None:
    """Run the core's tests once, with every function of the core noting that it runs.

    `.mutation/map.json` gets the notes; those of other tests stay in it, so that a part can be brought up to date.
    """
    CACHE.mkdir(exist_ok=True)
    (CACHE / ".gitignore").write_text("*\n", "utf-8")

    def work() -> str:
        sys._almanac_ran = set()  # type: ignore[attr-defined]
        codes = {}
        for path in core():
            tree = Recorder(module_name(path)).visit(ast.parse(path.read_text("utf-8")))
            codes[module_name(path)] = compile(ast.fix_missing_locations(tree), str(path), "exec")
        sys.meta_path.insert(0, Planted(codes))
        ran: dict[str, dict[str, Any]] = {}
        ignored = [f"--ignore={name}" for name in SLOW_TESTS]
        pytest_run([*(tests or TESTS), *ignored], plugin := _Plugin(None, ran))
        (CACHE / "map.json").write_text(json.dumps((read_map() if tests else {}) | ran, indent=1), "utf-8")
        return plugin.failed

    print("first failure:", forked(work) or "none")

    def build() -> str:
        from assistant.settings.settings import Settings  # noqa: PLC0415
        from assistant.workplace import Workplace  # noqa: PLC0415

        Workplace(Settings(data=CACHE / "data")).build()
        return "built"

    shutil.rmtree(CACHE / "data", ignore_errors=True)
    print("index:", forked(build))


def read_map() -> dict[str, dict[str, Any]]:
    """By test: its CPU seconds, whether it failed, the functions it runs; empty where nothing was noted yet."""
    file = CACHE / "map.json"
    return json.loads(file.read_text("utf-8")) if file.is_file() else {}


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
    chosen, spent, files = [], 0.0, set()
    for test in sorted(reach, key=lambda test: (not test.startswith(folder), reach[test])):
        file = test.partition("::")[0]
        if file not in files and len(files) == MOST_FILES:
            continue
        if spent + reach[test] < QUICK_SECONDS and file != LAST:
            files.add(file)
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
        if status == NO_TESTS:
            return "no test"
        # Any other status without a failed test: a module cannot be imported any more.
        return plugin.failed or ("" if status == 0 else "import")

    killer = str(forked(work, cpu=CPU_LIMIT))
    if killer == "no test":
        raise LookupError(f"the map has tests for {mutant.module} that are gone: make it again")
    return killer


def sample(size: int, seed: int, only: str = "") -> list[Mutant]:
    """Mutants drawn from all of the core; the same seed draws the same ones from the same code."""
    every = [mutant for path in core() for mutant in mutants_of(path) if only in mutant.module]
    return random.Random(seed).sample(every, min(size, len(every)))  # noqa: S311 -- a sample that can be drawn again
