"""`almanac eval`: runs measurements and compares their figures with stored baselines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.evaluation import answers, bench, conditions, conversations, datasets, related, verification
from assistant.evaluation.bench import Bench
from assistant.evaluation.conditions import Condition, Verdict
from assistant.evaluation.datasets import EvaluationError
from assistant.verification.cross_encoder import open_reader
from assistant.verification.verify import Verifier
from assistant.workplace import Workplace
from index.build import Report
from index.catalogue import write_atomically
from index.errors import AlmanacError

from . import terminal

FOLDER = Path("tests/evals")
"""Our own questions, the conditions and their baselines. They are in the repository, not in the installed package."""
OWN_QUESTIONS = FOLDER / "questions.jsonl"
EVERYTHING = "all"


@dataclass(frozen=True, slots=True)
class Options:
    """The input of one measurement: data, queries, judgements and tasks."""

    data: Path | None = None
    queries: str = "queries.jsonl"
    qrels: str = "qrels.tsv"
    tasks: Path | None = None
    only: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rewrites: Path | None = None

    @classmethod
    def of(cls, condition: Condition, root: Path | None) -> "Options":
        """The options of a condition. `root` is the folder with external data sets."""
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
    """Runs measurements with the settings of one workplace.

    Args:
        workplace: Supplies the embedder, the starter catalogue and the data folder.
        report: Receives the progress.
    """

    def __init__(self, workplace: Workplace, report: Report) -> None:
        self._workplace = workplace
        self._report = report
        self._bench = Bench(workplace.settings.data / "eval", workplace.embedder, report, workplace.reader)

    def run(self, name: str, options: Options) -> dict[str, Any]:
        """Run one measurement.

        Raises:
            EvaluationError: an option is missing, or the data cannot be used for this measurement.
        """
        data, only = options.data, options.only
        if name == "verify":
            return _verify(data)
        if name in {"questions", "levels"}:
            measure = answers.questions if name == "questions" else answers.levels
            return measure(self._over(data), datasets.tasks(self._tasks(options), only=only))
        if name == "related" and data is None:
            return related.held_out(self._over(None).index)
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

    def _over(self, data: Path | None) -> Any:
        return self._bench.assistant(data, with_sentences=True) if data else self._workplace.assistant(self._report)

    @staticmethod
    def _tasks(options: Options) -> Path:
        if options.tasks is None and options.data is not None:
            raise EvaluationError("this measurement needs --tasks: a file of questions with their conversations")
        chosen = options.tasks or OWN_QUESTIONS
        if options.data is not None and options.data.is_dir():
            return datasets.find(options.data, str(chosen))
        if not chosen.is_file():
            raise EvaluationError(f"{chosen} does not exist", hint="pass a tasks file with --tasks")
        return chosen

    def inputs(self, name: str, options: Options) -> str:
        """A digest of everything that the measurement reads, so that figures are compared only on the same data."""
        words = [name, *(f"{key}={','.join(values)}" for key, values in sorted(options.only.items()))]
        files = []
        if options.data is None:
            words.append(self._workplace.read().hash)
        elif options.data.is_dir():
            # A BEIR folder has a corpus file. In any other folder, all files together are a catalogue.
            corpus = [file for file in sorted(options.data.glob("corpus.jsonl*")) if file.suffix in {".jsonl", ".gz"}]
            files += corpus[:1] or sorted(options.data.glob("*.jsonl"))
        else:
            files.append(options.data)
        if name in {"retrieval", "related"} and options.data is not None:
            files.append(datasets.find(options.data, options.queries))
        if name in {"retrieval", "related", "conversation"} and options.data is not None:
            files.append(datasets.find(options.data, options.qrels))
        if name in {"conversation", "abstention", "questions", "levels"}:
            files.append(self._tasks(options))
        if name == "conversation" and options.data is not None and options.rewrites is not None:
            files.append(datasets.find(options.data, str(options.rewrites)))
        return conditions.digest(files, *words)

    def judged(self, name: str, options: Options, figures: Mapping[str, Any]) -> tuple[str, list[Verdict]] | None:
        """The condition with a baseline for this measurement on the same data, and the verdicts; None if there is none."""
        if not (FOLDER / conditions.CONDITIONS).is_file():
            return None
        baselines = conditions.kept_in(FOLDER)
        inputs = self.inputs(name, options)
        for label, condition in conditions.read(FOLDER).items():
            if condition.measurement == name and baselines.get(label, {}).get("inputs") == inputs:
                return label, conditions.judge(condition, figures, baselines[label]["figures"])
        return None

    def everything(self, root: Path | None, *, keep: bool = False) -> "Everything":
        """Run every condition whose data are available. `keep` stores the new figures as the baseline.

        Raises:
            EvaluationError: the conditions cannot be read, or a condition refers to an unknown figure.
        """
        whole = Everything({}, [], [])
        baselines = conditions.kept_in(FOLDER)
        for label, condition in conditions.read(FOLDER).items():
            if condition.is_outside and (root is None or not (root / str(condition.data)).exists()):
                whole.skipped.append(label)
                continue
            options = Options.of(condition, root)
            self._report(label, 0, 1)
            try:
                inputs = self.inputs(condition.measurement, options)
                figures = self.run(condition.measurement, options)
            except AlmanacError as error:
                terminal.say(f"{label}: {error}")
                whole.broken.append(label)
                continue
            self._report(label, 1, 1)
            before = baselines.get(label, {})
            verdicts = conditions.judge(condition, figures, before["figures"] if before.get("inputs") == inputs else {})
            whole.measured[label] = (condition, verdicts)
            terminal.say(
                f"{label}: {', '.join(f'{item.figure} {conditions.shown(item.value)} {item.status}' for item in verdicts)}"
            )
            baselines[label] = {"inputs": inputs, "figures": {item.figure: item.value for item in verdicts}}
            if keep:
                conditions.keep(FOLDER, baselines)
        return whole


@dataclass(frozen=True, slots=True)
class Everything:
    """The result of `eval all`: measured conditions, skipped ones (their data are missing) and broken ones (errors)."""

    measured: dict[str, tuple[Condition, list[Verdict]]]
    skipped: list[str]
    broken: list[str]

    @property
    def failed(self) -> bool:
        """Whether a figure is worse than its baseline, or could not be measured."""
        return bool(self.broken) or any(
            verdict.status == "FAIL" for _, verdicts in self.measured.values() for verdict in verdicts
        )

    def as_dict(self) -> dict[str, Any]:
        """As JSON-ready values."""
        return {
            "failed": self.failed,
            "conditions": {
                label: {"command": condition.command, "figures": [verdict_as_dict(verdict) for verdict in verdicts]}
                for label, (condition, verdicts) in self.measured.items()
            },
            "skipped": self.skipped,
            "broken": self.broken,
        }

    def as_text(self) -> str:
        """As Markdown tables, which `--write` writes to a file."""
        parts = [conditions.table(self.measured)]
        if self.skipped:
            parts.append(f"Skipped, because their data are missing (--data-root): {', '.join(self.skipped)}.")
        if self.broken:
            parts.append(f"Not measured: {', '.join(self.broken)}.")
        return "\n".join(parts).strip()

    def write(self, file: Path) -> None:
        """Write the tables to a file. Raises the errors of `index.catalogue.write_atomically`."""
        write_atomically(file, f"{self.as_text()}\n".encode())


def _verify(data: Path | None) -> dict[str, Any]:
    if data is None or not data.is_file():
        raise EvaluationError("`eval verify` needs --data: a JSON Lines file of claims with their evidence")
    reader, notice = open_reader()
    if notice is not None:
        terminal.say(notice)
    return verification.measure(Verifier(reader), data)


def verdict_as_dict(verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON-ready values."""
    return {
        "figure": verdict.figure,
        "value": verdict.value,
        "interval": verdict.interval,
        "kept": verdict.kept,
        "verdict": verdict.status,
        "bar": verdict.bar,
        "meets_bar": verdict.meets_bar,
    }


def only(given: Sequence[str]) -> dict[str, list[str]]:
    """Parse repeated options `--only FIELD=VALUE,VALUE` into the accepted values of each field.

    Raises:
        EvaluationError: an option is not of this form.
    """
    accepted: dict[str, list[str]] = {}
    for text in given:
        name, mark, values = text.partition("=")
        if not (name and mark and values):
            raise EvaluationError(f"--only {text!r} is not FIELD=VALUE", hint="for example --only collection=clapnq")
        accepted.setdefault(name, []).extend(values.split(","))
    return accepted
