"""Runs many commands quickly: imports all modules once, then forks a process for each command.

Standard input: a JSON list of {arguments, stdin, settings}; standard output: a JSON list of {code, out, err}. Text that
stands for bytes is in Latin-1. With the argument `lines`, each line of standard input is one command, and is answered at
once with one line.
"""

import importlib
import json
import os
import sys
import tempfile
import traceback
from typing import Any

from ui.cli import main

for part in (
    "ui.cli.commands",
    "assistant.workplace",
    "assistant.retrieval.filters",
    "assistant.export.bibliography",
    "assistant.answering.related",
    "index.importers",
    "assistant.evaluation.measuring",
    "index.editing.editor",
    "index.sync.changes",
):
    importlib.import_module(part)  # before the first fork


def run(case: dict[str, Any]) -> dict[str, Any]:
    """One command in a child: its own arguments, streams and settings."""
    files = [tempfile.TemporaryFile() for _ in range(3)]  # noqa: SIM115 -- closed below, after the child has ended
    files[0].write(case["stdin"].encode("latin-1"))
    files[0].seek(0)
    child = os.fork()
    if child == 0:
        for number, file in enumerate(files):
            os.dup2(file.fileno(), number)
        os.environ.update(case["settings"])
        sys.argv = ["almanac", *(os.fsdecode(one.encode("latin-1")) for one in case["arguments"])]
        code: Any = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        except BaseException:  # noqa: BLE001 -- whatever it is, the test reports it
            traceback.print_exc()
            code = 70
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code or 0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    found = {"code": code}
    for name, file in zip(("out", "err"), files[1:], strict=True):
        file.seek(0)
        found[name] = file.read().decode("utf-8")
    for file in files:
        file.close()
    return found


if __name__ == "__main__" and sys.argv[1:] == ["lines"]:
    for line in sys.stdin:
        sys.__stdout__.write(json.dumps(run(json.loads(line))) + "\n")  # type: ignore[union-attr]
        sys.__stdout__.flush()  # type: ignore[union-attr]
elif __name__ == "__main__":
    json.dump([run(case) for case in json.load(sys.stdin)], sys.stdout)
