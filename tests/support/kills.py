"""Kill import, serve, sync and build with SIGKILL at random moments, and check that no data is lost.

`python -m tests.support.kills FOLDER --kills 200 --entries 2000` prints a report as JSON. Its exit status is 1 if the
final catalogue or index differs from that of a clean build, or if part files are left over. Each round has four steps;
each step is killed several times and then runs to its end:

    import  a file of new entries           serve   build the index, then answer a question
    sync    a source that has more entries  build   build the whole index again

Each command is the real command. It runs in a process forked from this process, which has imported all modules, so that
200 kills take minutes. The embedder only hashes texts, because the test is about files.
"""

import argparse
import gc
import hashlib
import json
import os
import random
import re
import shutil
import signal
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from llama_index.core.embeddings import BaseEmbedding

from assistant import workplace as factory
from assistant.settings.settings import Settings
from assistant.workplace import Workplace
from index import build, catalogue, generation, integrity
from index.embed import Embedder
from index.files import PART
from index.models import ENTRY, AnyEntry
from index.store import COLLECTION, _client
from ui.cli.commands import app

WIDTH = 16
SHARE_AT_FIRST = 0.5
"""Share of the entries in the first import; the rest follows in equal parts, by sync and import in turn."""


class Hashed(BaseEmbedding):
    """An embedder whose vectors are random numbers seeded with the hash of the text."""

    def _get_text_embedding(self, text: str) -> list[float]:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        return [float(number) for number in np.random.default_rng(seed).normal(size=WIDTH)]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


def embedder() -> Embedder:
    """The embedder of every process in this test."""
    return Embedder("hashed", "hashed", Hashed(model_name="hashed"))


def make_entries(count: int) -> list[AnyEntry]:
    """Return events with random words, the same at each call."""
    chance = random.Random(11)  # noqa: S311 -- repeatable random numbers, not secrets
    words = [f"{chance.choice('bdfgklmnprstvz')}{chance.choice('aeiou')}{n:x}on" for n in range(400)]
    return [
        ENTRY.validate_python(
            {
                "id": f"e{number}",
                "kind": "event",
                "title": f"The {' '.join(chance.sample(words, 3))} report, number {number}",
                "date": f"{2000 + number % 25}-{1 + number % 12:02}",
                "summary": f"Laboratory {number} published {' '.join(chance.sample(words, 6))}. It had {number} parts.",
            }
        )
        for number in range(count)
    ]


class Place:
    """A working folder with settings, a data folder, and the source that is synced."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "source.jsonl"
        self.log = folder / "log.txt"
        folder.mkdir(parents=True)
        (folder / "almanac.toml").write_text(
            f"data = '{folder / 'data'}'\n[[sources]]\npath = '{self.source}'\n", "utf-8"
        )
        self.settings = Settings(data=folder / "data")

    def workplace(self) -> Workplace:
        """The workplace that the commands open."""
        return Workplace(self.settings)

    def fork(self, action: Callable[[], object]) -> int:
        """Run an action in a forked process and return its process id; the exit status is 0 if the action succeeded."""
        child = os.fork()
        if child:
            return child
        status = 1
        try:
            log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 1)
            os.dup2(log, 2)
            os.chdir(self.folder)
            action()
            status = 0
        except SystemExit as ended:
            status = int(ended.code or 0) if isinstance(ended.code, int | None) else 1
        except BaseException as error:  # noqa: BLE001 -- the parent only needs the exit status
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(status)

    def run(self, *command: str) -> int:
        """Start `almanac COMMAND` in a forked process."""
        return self.fork(lambda: app(list(command), standalone_mode=False))

    def finish(self, child: int, what: str) -> None:
        """Wait until a process has succeeded; `what` names the process in the error.

        Raises:
            AssertionError: the process failed; the message has the end of its output.
        """
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        output = self.log.read_text("utf-8", "replace")[-2_000:] if self.log.exists() else ""
        assert status == 0, f"{what} ended with status {status}\n{output}"

    def check(self, expected: dict[str, AnyEntry]) -> None:
        """Check in a forked process that all `expected` entries are there, and that the index in use is undamaged."""
        self.finish(self.fork(lambda: self._check(expected)), "the check after a kill")

    def _check(self, expected: dict[str, AnyEntry]) -> None:
        file = self.settings.catalogue_file
        if file.exists():
            loaded = catalogue.load(file)
            assert not loaded.problems, loaded.problems[:3]
            lost = expected.keys() - loaded.by_id.keys()
            assert not lost, f"{len(lost)} entries are lost"
            changed = [name for name, entry in expected.items() if loaded.by_id[name] != entry]
            assert not changed, changed[:3]
        else:
            assert not expected, "the catalogue is lost"
        workplace = self.workplace()
        if generation.current(workplace.home) is not None:
            index = build.open_current(workplace.home, workplace.embedder)
            integrity.check(index.folder, index.manifest.files)
            assert index.store is not None
            assert len(index.store) == len(index.passages)
            index.close()

    def contents(self, name: str) -> Path:
        """Write the hashes of all files of the generation in use, and Chroma's rows in order, to a JSON file."""
        out = self.folder / name
        self.finish(self.fork(lambda: out.write_text(json.dumps(self._contents(), sort_keys=True), "utf-8")), "reading")
        return out

    def _contents(self) -> dict[str, object]:
        folder = generation.current(self.workplace().home)
        assert folder is not None
        files: dict[str, object] = {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != "manifest.json" and "chroma" not in path.relative_to(folder).parts
        }
        rows = _client(folder / "chroma").get_collection(COLLECTION, embedding_function=None)
        stored = rows.get(include=["embeddings", "metadatas", "documents"])
        vectors = np.asarray(stored["embeddings"], np.float32)
        files["chroma"] = sorted(
            [name, document, metadata, hashlib.sha256(vector.tobytes()).hexdigest()]
            for name, document, metadata, vector in zip(
                stored["ids"], stored["documents"], stored["metadatas"], vectors, strict=True
            )
        )
        return files


def served(place: Place, child: int, seconds: float) -> bool:
    """Whether a server that was just started answers a question within `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        addresses = re.findall(r"the almanac is at (\S+?)/?\s", place.log.read_text("utf-8", "replace"))
        if addresses:
            question = f"{addresses[-1]}/api/ask?q=What%20did%20Laboratory%207%20publish%3F"
            with urllib.request.urlopen(question, timeout=60) as response:  # noqa: S310 -- our own server
                return bool(json.loads(response.read())["status"])
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            return False
        time.sleep(0.02)
    return False


class Rounds:
    """All rounds of steps in one place.

    `expected` holds the entries of all finished steps, `longest` the seconds that each command took, `killed` how often
    each was killed, `too_late` how often a command had finished before it could be killed.
    """

    def __init__(self, place: Place, entries: Sequence[AnyEntry], rounds: int) -> None:
        self.place = place
        self.entries = list(entries)
        self.rounds = rounds
        first = int(len(entries) * SHARE_AT_FIRST)
        size = (len(entries) - first) // (2 * rounds - 1)
        ends = [first + size * step for step in range(1, 2 * rounds - 1)] + [len(entries)]
        self.ends = [first, *ends]
        self.expected: dict[str, AnyEntry] = {}
        self.chance = random.Random(rounds)  # noqa: S311
        self.longest: dict[str, float] = {}
        self.killed: dict[str, int] = {}
        self.too_late = 0

    def step(self, number: int, what: str, kills: int) -> None:
        """Run one step: kill it `kills` times, let it finish, then add its entries to `expected`."""
        place = self.place
        if what == "import":
            part = (
                self.entries[: self.ends[0]]
                if number == 0
                else self.entries[self.ends[2 * number - 1] : self.ends[2 * number]]
            )
            file = place.folder / f"import-{number}.jsonl"
            catalogue.save(file, part)
            command: tuple[str, ...] = ("import", str(file))
        elif what == "sync":
            part = [
                entry for at in range(number + 1) for entry in self.entries[self.ends[2 * at] : self.ends[2 * at + 1]]
            ]
            catalogue.save(place.source, part)
            command = ("sync",)
        else:
            part, command = [], ("serve", "--port", "0") if what == "serve" else ("build", "--full")
        for _ in range(kills):
            self._kill(what, command)
            place.check(self.expected)
        started = time.monotonic()
        place.log.write_text("", "utf-8")
        child = place.run(*command)
        if what == "serve":
            assert served(place, child, 120), place.log.read_text("utf-8")[-2_000:]
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        else:
            place.finish(child, what)
        self.longest[what] = max(self.longest.get(what, 0.0), time.monotonic() - started)
        self.expected |= {entry.id: entry for entry in part}
        place.check(self.expected)

    def _kill(self, what: str, command: Sequence[str]) -> None:
        """Kill a command at a random moment; if it had already finished, start it again and kill it earlier."""
        place = self.place
        latest = self.longest.get(what, 2.0)
        while True:
            place.log.write_text("", "utf-8")
            child = place.run(*command)
            time.sleep(self.chance.uniform(0, latest))
            ended, status = os.waitpid(child, os.WNOHANG)
            if not ended:
                break
            assert status == 0, f"{what} failed\n{place.log.read_text('utf-8')[-2_000:]}"
            self.too_late += 1
            latest *= 0.7
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        self.killed[what] = self.killed.get(what, 0) + 1

    def all(self, kills: int) -> None:
        """Run every step of every round, with `kills` kills in total."""
        steps = [(number, what) for number in range(self.rounds) for what in ("import", "serve", "sync", "build")]
        for at, (number, what) in enumerate(steps):
            self.step(number, what, kills * (at + 1) // len(steps) - kills * at // len(steps))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the test; 0 if nothing was lost and the result equals that of a clean build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--entries", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args(arguments)
    folder = options.folder.resolve()
    for name in [name for name in os.environ if name.upper().startswith("ALMANAC_")]:
        del os.environ[name]
    factory.open_embedder = lambda *_, **__: (embedder(), None)  # type: ignore[assignment]
    gc.freeze()
    started = time.monotonic()
    killed = Rounds(Place(folder / "killed"), make_entries(options.entries), options.rounds)
    killed.all(options.kills)
    seconds = time.monotonic() - started
    clean = Rounds(Place(folder / "clean"), make_entries(options.entries), options.rounds)
    for number in range(clean.rounds):
        for what in ("import", "sync"):
            clean.step(number, what, 0)
    shutil.rmtree(clean.place.settings.data / "indexes")
    clean.place.finish(clean.place.run("build", "--full"), "the clean build")
    catalogues = [run.place.settings.catalogue_file.read_bytes() for run in (killed, clean)]
    contents = [run.place.contents("contents.json").read_bytes() for run in (killed, clean)]
    left = [path.name for path in (folder / "killed" / "data").rglob(f"*{PART}")]
    result = {
        "killed": killed.killed, "too_late": killed.too_late, "seconds": round(seconds), "entries": len(killed.expected),
        "catalogue_equal": catalogues[0] == catalogues[1], "index_equal": contents[0] == contents[1], "left_behind": left,
    }  # fmt: skip
    sys.stdout.write(json.dumps(result) + "\n")
    return int(not (result["catalogue_equal"] and result["index_equal"] and not left))


if __name__ == "__main__":
    raise SystemExit(main())
