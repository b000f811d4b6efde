"""Runs the measurements of `almanac eval` and judges their figures against those of an earlier run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.pipeline import Assistant
from assistant.verification.cross_encoder import open_cross_encoder
from assistant.verification.verify import Verifier
from assistant.workplace import Workplace
from index.build import ProgressCallback
from index.errors import AlmanacError
from index.files import write_atomically

from . import answers, baselines, bench, conversations, datasets, related, verification
from .baselines import Condition, FigureVerdict
from .bench import Bench
from .datasets import EvaluationError

FOLDER = Path("tests/evals")
"""Our own questions, the conditions and their figures; they are in the checkout and are not installed."""
OWN_QUESTIONS = FOLDER / "questions.jsonl"


@dataclass(frozen=True, slots=True)
class Options:
    """The data of one measurement: files and folders, or their names in the folder `data`."""

    data: Path | None = None
    queries: str = "queries.jsonl"
    qrels: str = "qrels.tsv"
    tasks: Path | None = None
    only: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rewrites: Path | None = None

    @classmethod
    def of(cls, condition: Condition, root: Path | None) -> "Options":
        """The options of a condition; `root` is the folder with the external data sets."""
        tasks = Path(condition.tasks) if condition.tasks else None
        if tasks is not None and root is not None and not condition.tasks_are_ours:
            tasks = root / tasks
        return cls(
            root / condition.data if root is not None and condition.data else None,
            condition.queries or "queries.jsonl",
            condition.qrels or "qrels.tsv",
            tasks,
            condition.only,
            Path(condition.rewrites) if condition.rewrites else None,
        )


class Measuring:
    """Runs measurements with the settings of one workplace."""

    def __init__(self, workplace: Workplace, report: ProgressCallback, say: Callable[[str], None]) -> None:
        """Set up.

        Args:
            workplace: Gives the catalogue, the embedder and the cross-encoder.
            report: Gets the progress.
            say: Shows a message to the user.
        """
        self._workplace = workplace
        self._report = report
        self._say = say
        self._bench = Bench(
            workplace.settings.data / "eval",
            workplace.embedder,
            report,
            workplace.cross_encoder,
            workplace.entry_reader,
        )

    def run(self, name: str, options: Options) -> dict[str, Any]:
        """Run one measurement and return its figures.

        Raises:
            EvaluationError: an option is missing, or the data cannot be used.
        """
        data, only = options.data, options.only
        if name == "verify":
            return self._verify(data)
        if name in {"questions", "levels"}:
            measure = answers.questions if name == "questions" else answers.levels
            return measure(self._assistant(data), datasets.tasks(self._tasks(options), only=only))
        if name == "related" and data is None:
            return related.held_out(self._assistant(None).index)
        if data is None:
            raise EvaluationError(f"`eval {name}` needs --data: a BEIR folder")
        if name == "retrieval":
            return bench.retrieval(self._bench, data, queries=options.queries, qrels=options.qrels)
        if name == "related":
            return bench.related(self._bench, data, queries=options.queries, qrels=options.qrels)
        tasks = self._tasks(options)
        if name == "conversation":
            by_people = datasets.find(data, str(options.rewrites)) if options.rewrites else None
            return conversations.conversation(
                self._bench, data, tasks=tasks, qrels=options.qrels, rewrites=by_people, only=only
            )
        return bench.abstention(self._bench, data, tasks=tasks, only=only)

    def _verify(self, data: Path | None) -> dict[str, Any]:
        if data is None or not data.is_file():
            raise EvaluationError("`eval verify` needs --data: a JSON Lines file of claims with their evidence")
        cross_encoder, notice = open_cross_encoder()
        if notice is not None:
            self._say(notice)
        return verification.measure(Verifier(cross_encoder), data)

    def _assistant(self, data: Path | None) -> Assistant:
        """An assistant over the data, or over the catalogue of the workplace."""
        return self._bench.assistant(data, with_sentences=True) if data else self._workplace.assistant(self._report)

    @staticmethod
    def _tasks(options: Options) -> Path:
        if options.tasks is None and options.data is not None:
            raise EvaluationError("this measurement needs --tasks: a file of questions with their conversations")
        chosen = options.tasks or OWN_QUESTIONS
        if options.data is not None and options.data.is_dir():
            return datasets.find(options.data, str(chosen))
        if not chosen.is_file():
            raise EvaluationError(f"there is no {chosen}", hint="name a tasks file with --tasks")
        return chosen

    def inputs(self, name: str, options: Options) -> str:
        """A digest of everything the measurement reads, so that only figures on the same data are compared."""
        words = [name, *(f"{key}={','.join(values)}" for key, values in sorted(options.only.items()))]
        files = []
        if options.data is None:
            words.append(self._workplace.read().hash)
        elif options.data.is_dir():
            # A BEIR folder has a corpus. Any other folder is a catalogue, and all its files count.
            corpus = [file for file in sorted(options.data.glob("corpus.jsonl*")) if file.suffix in {".jsonl", ".gz"}]
            files += corpus[:1] or sorted(options.data.glob("*.jsonl"))
        else:
            files.append(options.data)
        if options.data is not None:
            files += [datasets.find(options.data, file) for file in _files_in_folder(name, options)]
        if name in {"conversation", "abstention", "questions", "levels"}:
            files.append(self._tasks(options))
        if name == "conversation" and options.data is not None and options.rewrites is not None:
            files.append(datasets.find(options.data, str(options.rewrites)))
        return baselines.digest(files, *words)

    def judged(self, name: str, options: Options, figures: Mapping[str, Any]) -> tuple[str, list[FigureVerdict]] | None:
        """The name and the verdicts of the condition with this measurement on the same data; None if there is none."""
        if not (FOLDER / baselines.CONDITIONS).is_file():
            return None
        kept = baselines.kept_in(FOLDER)
        inputs = self.inputs(name, options)
        for label, condition in baselines.read(FOLDER).items():
            if condition.measurement == name and kept.get(label, {}).get("inputs") == inputs:
                return label, baselines.judge(condition, figures, kept[label]["figures"])
        return None

    def everything(self, root: Path | None, *, keep: bool = False) -> "AllMeasurements":
        """Measure every condition whose data exist.

        Args:
            root: The folder with the external data sets; None skips the conditions that need them.
            keep: Whether later measurements are judged against these figures.

        Raises:
            EvaluationError: the conditions cannot be read, or a condition names a figure that is not measured.
        """
        result = AllMeasurements({}, [], [])
        kept = baselines.kept_in(FOLDER)
        for label, condition in baselines.read(FOLDER).items():
            if condition.is_outside and (root is None or not (root / str(condition.data)).exists()):
                result.skipped.append(label)
                continue
            options = Options.of(condition, root)
            self._report(label, 0, 1)
            try:
                inputs = self.inputs(condition.measurement, options)
                figures = self.run(condition.measurement, options)
            except AlmanacError as error:
                self._say(f"{label}: {error}")
                result.broken.append(label)
                continue
            self._report(label, 1, 1)
            before = kept.get(label, {})
            verdicts = baselines.judge(condition, figures, before["figures"] if before.get("inputs") == inputs else {})
            result.measured[label] = (condition, verdicts)
            figures_shown = [f"{item.figure} {baselines.shown(item.value)} {item.status}" for item in verdicts]
            self._say(f"{label}: {', '.join(figures_shown)}")
            kept[label] = {"inputs": inputs, "figures": {item.figure: item.value for item in verdicts}}
            if keep:
                baselines.keep(FOLDER, kept)
        return result


@dataclass(frozen=True, slots=True)
class AllMeasurements:
    """The verdicts by condition, the conditions without data, and the conditions that failed with an error."""

    measured: dict[str, tuple[Condition, list[FigureVerdict]]]
    skipped: list[str]
    broken: list[str]

    @property
    def failed(self) -> bool:
        """Whether a figure is worse than in the earlier run, or could not be measured."""
        return bool(self.broken) or any(
            item.status == "FAIL" for _, verdicts in self.measured.values() for item in verdicts
        )

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of `almanac eval all --json`."""
        return {
            "failed": self.failed,
            "conditions": {
                label: {"command": condition.command, "figures": [verdict_as_dict(item) for item in verdicts]}
                for label, (condition, verdicts) in self.measured.items()
            },
            "skipped": self.skipped,
            "broken": self.broken,
        }

    def as_text(self) -> str:
        """The results as Markdown."""
        parts = [baselines.table(self.measured)]
        if self.skipped:
            parts.append(f"Skipped, because their data are missing (--data-root): {', '.join(self.skipped)}.")
        if self.broken:
            parts.append(f"Not measured: {', '.join(self.broken)}.")
        return "\n".join(parts).strip()

    def write(self, file: Path) -> None:
        """Write the results as Markdown; errors as `index.files.write_atomically`."""
        write_atomically(file, f"{self.as_text()}\n".encode())


def _files_in_folder(name: str, options: Options) -> list[str]:
    """The names of the files that a measurement reads in a folder of data, besides the corpus and the tasks."""
    files = []
    if name in {"retrieval", "related"}:
        files.append(options.queries)
    if name in {"retrieval", "related", "conversation"}:
        files.append(options.qrels)
    return files


def verdict_as_dict(verdict: FigureVerdict) -> dict[str, Any]:
    """The JSON object of a verdict."""
    return {
        "figure": verdict.figure,
        "value": verdict.value,
        "interval": verdict.interval,
        "kept": verdict.kept,
        "verdict": verdict.status,
        "bar": verdict.bar,
        "meets_bar": verdict.meets_bar,
    }


def only(options: Sequence[str]) -> dict[str, list[str]]:
    """Parse the values of repeated `--only FIELD=VALUE,VALUE` options; return the values by field.

    Raises:
        EvaluationError: an option has another form.
    """
    values_of: dict[str, list[str]] = {}
    for text in options:
        name, mark, values = text.partition("=")
        if not (name and mark and values):
            raise EvaluationError(f"--only {text!r}: not FIELD=VALUE", hint="for instance --only collection=clapnq")
        values_of.setdefault(name, []).extend(values.split(","))
    return values_of
