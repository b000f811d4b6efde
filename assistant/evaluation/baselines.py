"""Conditions: measurements with the figures of an earlier run, and the verdict on new figures.

As in the reproduction tables of pyserini, a condition is a command with the figures that it gave. People write
`conditions.toml`. `almanac eval all --keep` writes `kept.json`, with a digest of the data that were measured.
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
"""Figures that differ by no more than this are the same: the difference is rounding."""
NEAR = 0.005
"""Figures that differ by no more than this are near: processors round vectors differently. So is one question more or less."""
_LESS_IS_BETTER = (
    "false_",
    "first_turns_changed",
    "ms_",
    "peak_mb",
    "words_a_sentence",
    "repeated_share",
    "sentences_mean",
    "forbidden_shown",
    "too_long",
)

FigureStatus = Literal["ok", "near", "better", "FAIL", "new"]


class Condition(BaseModel):
    """One measurement and the names of its judged figures; paths are relative to the data root, or to the checkout."""

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
        """Whether it needs external data."""
        return self.data is not None

    @property
    def tasks_are_ours(self) -> bool:
        """Whether its tasks are in the checkout."""
        return self.tasks is not None and self.tasks.startswith("tests/")

    @property
    def command(self) -> str:
        """The command that runs the measurement."""
        words = [f"almanac eval {self.measurement}"]
        words += [f"--data DATA/{self.data}"] if self.data else []
        words += [f"--{name} {value}" for name in ("queries", "qrels", "rewrites") if (value := getattr(self, name))]
        if self.tasks:
            words.append(f"--tasks {self.tasks if self.tasks_are_ours else f'DATA/{self.tasks}'}")
        words += [f"--only {field}={','.join(values)}" for field, values in self.only.items()]
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class FigureVerdict:
    """One figure compared with the stored one, and with the required value (`bar`) if there is one."""

    figure: str
    value: float
    interval: tuple[float, float] | None
    kept: float | None
    status: FigureStatus
    bar: float | None = None

    @property
    def meets_bar(self) -> bool | None:
        """Whether the figure reaches its bar; None without a bar."""
        if self.bar is None:
            return None
        return self.value <= self.bar if _less_is_better(self.figure) else self.value >= self.bar


def read(folder: Path) -> dict[str, Condition]:
    """Read the conditions in a folder, by name.

    Raises:
        EvaluationError: the file is missing or has an unknown field.
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
    """Read the earlier figures: `inputs` and `figures` by condition; empty if there are none.

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
        raise EvaluationError(f"{file} contains no object")
    return value


def keep(folder: Path, kept: Mapping[str, Any]) -> None:
    """Write figures for later comparisons; errors as `index.files.write_atomically`."""
    write_atomically(folder / KEPT, (json.dumps(kept, indent=1, sort_keys=True) + "\n").encode())


def digest(files: Sequence[Path], *rest: str) -> str:
    """Identify data by the first 16 digits of a SHA-256 over the bytes of files and some words.

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


def judge(condition: Condition, figures: Mapping[str, Any], kept: Mapping[str, float]) -> list[FigureVerdict]:
    """Compare each figure that the condition names with the earlier one.

    Raises:
        EvaluationError: a figure was not measured; that is an error and not a figure of 0.
    """
    verdicts = []
    for name in dict.fromkeys([*condition.judged, *condition.bars]):
        value, bounds, count = _looked_up(figures, name)
        before = kept.get(name)
        status: FigureStatus = "new" if before is None else _status(name, value, before, count)
        if name.rpartition(".")[2].startswith(("ms_", "peak_mb")):
            status = "new"  # the earlier time is from another machine; only the bar counts
        verdicts.append(FigureVerdict(name, value, bounds, before, status, condition.bars.get(name)))
    return verdicts


def _looked_up(figures: Mapping[str, Any], name: str) -> tuple[float, tuple[float, float] | None, int | None]:
    *above, last = name.split(".")
    inner: Any = figures
    for part in above:
        inner = inner.get(part) if isinstance(inner, Mapping) else None
    if not isinstance(inner, Mapping) or not isinstance(inner.get(last), int | float):
        raise EvaluationError(f"the measurement gave no figure {name!r}", hint="fix `judged` in conditions.toml")
    bounds = inner.get(f"{last}_95")
    counts = (inner.get(f"{last}_of"), *(inner.get(word) for word in ("queries", "entries", "tasks", "questions")))
    count = next((number for number in counts if isinstance(number, int) and number > 0), None)
    return float(inner[last]), (bounds[0], bounds[1]) if bounds else None, count


def _status(name: str, value: float, before: float, count: int | None) -> FigureStatus:
    change = (before - value) if _less_is_better(name) else (value - before)
    near = max(NEAR, 1.01 / count if count else 0.0)
    if abs(change) <= SAME:
        return "ok"
    if abs(change) <= near:
        return "near"
    return "better" if change > 0 else "FAIL"


def _less_is_better(name: str) -> bool:
    return name.rpartition(".")[2].startswith(_LESS_IS_BETTER)


def table(measured: Mapping[str, tuple[Condition, Sequence[FigureVerdict]]]) -> str:
    """Verdicts as Markdown: a heading, the command and a table for each condition."""
    return "\n".join(
        line for name, (condition, verdicts) in measured.items() for line in _part(name, condition, verdicts)
    )


def _part(name: str, condition: Condition, verdicts: Sequence[FigureVerdict]) -> Iterator[str]:
    yield f"### {name}\n"
    if condition.about:
        yield f"{condition.about}\n"
    yield f"`{condition.command}`\n"
    yield "| figure | value | 95 % | kept | verdict | bar |\n|---|---|---|---|---|---|"
    for verdict in verdicts:
        low, high = verdict.interval or (None, None)
        bounds = "" if low is None or high is None else f"{shown(low)} to {shown(high)}"
        bar = "" if verdict.bar is None else f"{shown(verdict.bar)} {'met' if verdict.meets_bar else 'missed'}"
        kept = "" if verdict.kept is None else shown(verdict.kept)
        yield f"| {verdict.figure} | {shown(verdict.value)} | {bounds} | {kept} | {verdict.status} | {bar} |"
    yield ""


def shown(value: float) -> str:
    """Format a figure: a share with three decimals and no zero before the point, a larger number with one decimal."""
    if abs(value) > 1:
        return f"{value:.1f}".removesuffix(".0")
    return "0" if value == 0 else "1" if value == 1 else f"{value:.3f}".replace("0.", ".", 1)
