"""Mutation testing of the core: small faults are planted into the code, and the tests have to notice.

    python -m tests.mutation map                    which test runs which function, once (minutes)
    python -m tests.mutation run --sample 150       plant faults and run the tests that reach them

A mutant is a module with one change: a comparison turned, a number moved, a `not` removed, a statement deleted. Each
mutant runs in a forked process, which compiles the changed module in memory; no file of the project is ever written.
It first runs the quick tests that execute the changed function, then the hundred questions. A mutant that no test
notices has survived: either the change makes no difference, or a test is missing. See docs/testing.md.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from .changes import ROOT, Mutant
from .running import CACHE, SAMPLE, SEED, make_map, preload, read_map, sample, try_out


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["map", "run", "count"])
    parser.add_argument("tests", nargs="*", help="map: only these test files or folders (default: those of the core)")
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
        make_map(options.tests)
        return
    ran = read_map()
    if options.survivors:
        rows = [json.loads(row) for row in options.survivors.read_text("utf-8").splitlines()]
        alive = {(row["module"], row["number"]) for row in rows if not row["killer"]}
        drawn = [mutant for mutant in drawn if (mutant.module, mutant.number) in alive]
    # Without a fault no test may fail: else every mutant would count as noticed.
    if failed := try_out(Mutant("assistant.retrieval.search", "", 0, "", "", "", -1), ran):
        raise SystemExit(f"{failed} fails without any fault")
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
