"""`almanac eval`: from its options to a measurement, and to the verdict on it."""

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
from index.errors import AlmanacError
from index.files import write_atomically

from . import terminal

FOLDER = Path("tests/evals")
"""Our own questions, the conditions and their kept figures; they lie in the checkout and are not installed."""
OWN_QUESTIONS = FOLDER / "questions.jsonl"
EVERYTHING = "all"


@dataclass(frozen=True, slots=True)
class Options:
    """What one measurement is made on."""

    data: Path | None = None
    queries: str = "queries.jsonl"
    qrels: str = "qrels.tsv"
    tasks: Path | None = None
    only: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rewrites: Path | None = None

    @classmethod
    def of(cls, condition: Condition, root: Path | None) -> "Options":
        """Those of a condition, over a folder of data from outside."""
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
    """The measurements over one workplace."""

    def __init__(self, workplace: Workplace, report: Report) -> None:
        self._workplace = workplace
        self._report = report
        self._bench = Bench(workplace.settings.data / "eval", workplace.embedder, report, workplace.reader)

    def run(self, name: str, options: Options) -> dict[str, Any]:
        """Run one measurement.

        Raises:
            EvaluationError: an option is missing, or the data cannot be measured on.
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
            raise EvaluationError(f"there is no {chosen}", hint="name a tasks file with --tasks")
        return chosen

    def inputs(self, name: str, options: Options) -> str:
        """A digest of all that the measurement reads, so that figures are compared on the same data alone."""
        words = [name, *(f"{key}={','.join(values)}" for key, values in sorted(options.only.items()))]
        files = []
        if options.data is None:
            words.append(self._workplace.read().hash)
        elif options.data.is_dir():
            # A BEIR folder has a corpus; any other folder is a catalogue, all of whose files are read.
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
        """The verdict of the condition that was kept for this measurement on these very data, if there is one."""
        if not (FOLDER / conditions.CONDITIONS).is_file():
            return None
        kept = conditions.kept_in(FOLDER)
        inputs = self.inputs(name, options)
        for label, condition in conditions.read(FOLDER).items():
            if condition.measurement == name and kept.get(label, {}).get("inputs") == inputs:
                return label, conditions.judge(condition, figures, kept[label]["figures"])
        return None

    def everything(self, root: Path | None, *, keep: bool = False) -> "Everything":
        """Every condition whose data are there; `keep` makes the new figures the kept ones.

        Raises:
            EvaluationError: the conditions cannot be read, or one of them names a figure that is not measured.
        """
        whole = Everything({}, [], [])
        kept = conditions.kept_in(FOLDER)
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
            before = kept.get(label, {})
            verdicts = conditions.judge(condition, figures, before["figures"] if before.get("inputs") == inputs else {})
            whole.measured[label] = (condition, verdicts)
            terminal.say(
                f"{label}: {', '.join(f'{one.figure} {conditions.shown(one.value)} {one.status}' for one in verdicts)}"
            )
            kept[label] = {"inputs": inputs, "figures": {one.figure: one.value for one in verdicts}}
            if keep:
                conditions.keep(FOLDER, kept)
        return whole


@dataclass(frozen=True, slots=True)
class Everything:
    """All that was measured, what was left out for want of data, and what could not be measured."""

    measured: dict[str, tuple[Condition, list[Verdict]]]
    skipped: list[str]
    broken: list[str]

    @property
    def failed(self) -> bool:
        """Whether a figure fell behind the kept one, or could not be measured."""
        return bool(self.broken) or any(one.status == "FAIL" for _, each in self.measured.values() for one in each)

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return {
            "failed": self.failed,
            "conditions": {
                label: {"command": condition.command, "figures": [verdict_as_dict(one) for one in verdicts]}
                for label, (condition, verdicts) in self.measured.items()
            },
            "skipped": self.skipped,
            "broken": self.broken,
        }

    def as_text(self) -> str:
        """For readers: Markdown, as `--write` puts it into a file."""
        parts = [conditions.table(self.measured)]
        if self.skipped:
            parts.append(f"Left out, as their data are not here (--data-root): {', '.join(self.skipped)}.")
        if self.broken:
            parts.append(f"Not measured: {', '.join(self.broken)}.")
        return "\n".join(parts).strip()

    def write(self, file: Path) -> None:
        """Put the tables into a file; errors as `index.files.write_atomically`."""
        write_atomically(file, f"{self.as_text()}\n".encode())


def _verify(data: Path | None) -> dict[str, Any]:
    if data is None or not data.is_file():
        raise EvaluationError("`eval verify` needs --data: a JSON Lines file of claims with their evidence")
    reader, notice = open_reader()
    if notice is not None:
        terminal.say(notice)
    return verification.measure(Verifier(reader), data)


def verdict_as_dict(one: Verdict) -> dict[str, Any]:
    """A verdict for programs."""
    return {
        "figure": one.figure,
        "value": one.value,
        "interval": one.interval,
        "kept": one.kept,
        "verdict": one.status,
        "bar": one.bar,
        "meets_bar": one.meets_bar,
    }


def only(given: Sequence[str]) -> dict[str, list[str]]:
    """`--only FIELD=VALUE,VALUE`, repeated, as values by field.

    Raises:
        EvaluationError: one of them has another form.
    """
    found: dict[str, list[str]] = {}
    for text in given:
        name, mark, values = text.partition("=")
        if not (name and mark and values):
            raise EvaluationError(f"--only {text!r}: not FIELD=VALUE", hint="for instance --only collection=clapnq")
        found.setdefault(name, []).extend(values.split(","))
    return found
