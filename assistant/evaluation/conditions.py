"""Conditions as data: what is measured, with which figures kept, and the verdict on a new measurement.

As in pyserini's reproduction tables, a condition is a command with the figures it gave. `conditions.toml` is written by hand;
`kept.json` beside it is written by `almanac eval all --keep`, with a digest of the data the figures were measured on.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from index.files import write_atomically

from .datasets import EvaluationError

CONDITIONS = "conditions.toml"
KEPT = "kept.json"
SAME = 0.0005
"""Figures this close are the same but for rounding …"""
NEAR = 0.005
"""… and this close they are near: another processor rounds its vectors otherwise. One question more or less is near too."""
_LESS_IS_BETTER = ("false_", "first_turns_changed", "ms_", "peak_mb", "words_a_sentence")

Status = Literal["ok", "near", "better", "FAIL", "new"]


class Condition(BaseModel):
    """One command with the figures that are judged; paths are relative to the data root, or to the checkout."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    measurement: str
    judged: tuple[str, ...]
    about: str = ""
    data: str | None = None
    queries: str | None = None
    qrels: str | None = None
    tasks: str | None = None
    rewrites: str | None = None
    only: Mapping[str, tuple[str, ...]] = {}
    bars: Mapping[str, float] = {}

    @property
    def is_outside(self) -> bool:
        """Whether it needs data that are not in the repository."""
        return self.data is not None

    @property
    def tasks_are_ours(self) -> bool:
        """Whether its tasks lie in the checkout."""
        return self.tasks is not None and self.tasks.startswith("tests/")

    @property
    def command(self) -> str:
        """The command that measures it."""
        words = [f"almanac eval {self.measurement}"]
        words += [f"--data DATA/{self.data}"] if self.data else []
        words += [f"--{name} {value}" for name in ("queries", "qrels", "rewrites") if (value := getattr(self, name))]
        if self.tasks:
            words.append(f"--tasks {self.tasks if self.tasks_are_ours else f'DATA/{self.tasks}'}")
        words += [f"--only {field}={','.join(values)}" for field, values in self.only.items()]
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One figure against the kept one, and against its bar where it has one."""

    figure: str
    value: float
    interval: tuple[float, float] | None
    kept: float | None
    status: Status
    bar: float | None = None

    @property
    def meets_bar(self) -> bool | None:
        """Whether the bar is reached; None without one."""
        if self.bar is None:
            return None
        return self.value <= self.bar if _less_is_better(self.figure) else self.value >= self.bar


def read(folder: Path) -> dict[str, Condition]:
    """The conditions of a folder, by name.

    Raises:
        EvaluationError: the file is missing or says what no condition says.
    """
    file = folder / CONDITIONS
    try:
        with file.open("rb") as stream:
            return {name: Condition.model_validate(values) for name, values in tomllib.load(stream).items()}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EvaluationError(f"cannot read {file}: {error}", hint="run it in the checkout") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise EvaluationError(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def kept_in(folder: Path) -> dict[str, Any]:
    """What was kept: by condition, `inputs` and `figures`; empty where nothing is.

    Raises:
        EvaluationError: the file cannot be read.
    """
    file = folder / KEPT
    try:
        value = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise EvaluationError(f"cannot read {file}: {error}") from error
    if not isinstance(value, dict):
        raise EvaluationError(f"{file} holds no object")
    return value


def keep(folder: Path, kept: Mapping[str, Any]) -> None:
    """Write what is to be kept; errors as `index.files.write_atomically`."""
    write_atomically(folder / KEPT, (json.dumps(kept, indent=1, sort_keys=True) + "\n").encode())


def digest(files: Sequence[Path], *rest: str) -> str:
    """What tells data from other data: SHA-256 over the files' bytes and some words.

    Raises:
        EvaluationError: a file cannot be read.
    """
    whole = hashlib.sha256("\0".join(rest).encode())
    for file in files:
        try:
            with file.open("rb") as stream:
                whole.update(hashlib.file_digest(stream, "sha256").digest())
        except OSError as error:
            raise EvaluationError(f"cannot read {file}: {error}") from error
    return whole.hexdigest()[:16]


def judge(condition: Condition, figures: Mapping[str, Any], kept: Mapping[str, float]) -> list[Verdict]:
    """The verdict on each figure that the condition names.

    Raises:
        EvaluationError: a figure was not measured; a failed measurement is no 0.0.
    """
    found = []
    for name in dict.fromkeys([*condition.judged, *condition.bars]):
        value, bounds, count = _looked_up(figures, name)
        before = kept.get(name)
        status: Status = "new" if before is None else _status(name, value, before, count)
        if name.rpartition(".")[2].startswith(("ms_", "peak_mb")):
            status = "new"  # time is another machine's; only its bar says anything
        found.append(Verdict(name, value, bounds, before, status, condition.bars.get(name)))
    return found


def _looked_up(figures: Mapping[str, Any], name: str) -> tuple[float, tuple[float, float] | None, int | None]:
    *above, last = name.split(".")
    inner: Any = figures
    for part in above:
        inner = inner.get(part) if isinstance(inner, Mapping) else None
    if not isinstance(inner, Mapping) or not isinstance(inner.get(last), int | float):
        raise EvaluationError(f"the measurement gave no figure {name!r}", hint="mend `judged` in conditions.toml")
    bounds = inner.get(f"{last}_95")
    counts = (inner.get(f"{last}_of"), *(inner.get(word) for word in ("queries", "entries", "tasks", "questions")))
    count = next((one for one in counts if isinstance(one, int) and one > 0), None)
    return float(inner[last]), (bounds[0], bounds[1]) if bounds else None, count


def _status(name: str, value: float, before: float, count: int | None) -> Status:
    change = (before - value) if _less_is_better(name) else (value - before)
    near = max(NEAR, 1.01 / count if count else 0.0)
    if abs(change) <= SAME:
        return "ok"
    if abs(change) <= near:
        return "near"
    return "better" if change > 0 else "FAIL"


def _less_is_better(name: str) -> bool:
    return name.rpartition(".")[2].startswith(_LESS_IS_BETTER)


def table(measured: Mapping[str, tuple[Condition, Sequence[Verdict]]]) -> str:
    """What was measured as Markdown: a heading, the command and a table for each condition."""
    return "\n".join(
        line for name, (condition, verdicts) in measured.items() for line in _part(name, condition, verdicts)
    )


def _part(name: str, condition: Condition, verdicts: Sequence[Verdict]) -> Iterator[str]:
    yield f"### {name}\n"
    if condition.about:
        yield f"{condition.about}\n"
    yield f"`{condition.command}`\n"
    yield "| figure | value | 95 % | kept | verdict | bar |\n|---|---|---|---|---|---|"
    for one in verdicts:
        bounds = f"{shown(one.interval[0])} to {shown(one.interval[1])}" if one.interval else ""
        bar = "" if one.bar is None else f"{shown(one.bar)} {'met' if one.meets_bar else 'missed'}"
        kept = "" if one.kept is None else shown(one.kept)
        yield f"| {one.figure} | {shown(one.value)} | {bounds} | {kept} | {one.status} | {bar} |"
    yield ""


def shown(value: float) -> str:
    """A share with three places and no zero before the point; larger numbers with one place."""
    if abs(value) > 1:
        return f"{value:.1f}".removesuffix(".0")
    return "0" if value == 0 else "1" if value == 1 else f"{value:.3f}".replace("0.", ".", 1)
