"""`almanac eval`: from its options to a measurement."""

from pathlib import Path
from typing import Any

from assistant import evaldata, evaluate, evaluate_conversation, evaluate_verify
from assistant.evaldata import EvaluationError
from assistant.evaluate import Bench
from assistant.factory import Workplace
from assistant.reader import open_reader
from assistant.verify import Verifier

from . import terminal

OWN_QUESTIONS = Path("tests/evals/questions.jsonl")
"""Our own questions over the starter catalogue; they lie in the checkout and are not installed."""


def run(
    name: str,
    workplace: Workplace,
    *,
    data: Path | None,
    queries: str,
    qrels: str,
    tasks: Path | None,
    rewrites: Path | None = None,
) -> dict[str, Any]:
    """Run one measurement.

    Raises:
        EvaluationError: an option is missing, or the data cannot be measured on.
    """
    if name == "verify":
        return _verify(data)
    with terminal.progress() as report:
        bench = Bench(workplace.settings.data / "eval", workplace.embedder, report, workplace.reader)
        if name == "questions":
            chosen = tasks or OWN_QUESTIONS
            if not chosen.is_file():
                raise EvaluationError(f"there is no {chosen}", hint="name a tasks file with --tasks")
            assistant = bench.assistant(data, with_sentences=True) if data else workplace.assistant(report)
            return evaluate.questions(assistant, evaldata.tasks(chosen))
        if data is None:
            raise EvaluationError(f"`eval {name}` needs --data: a BEIR folder")
        if name == "retrieval":
            return evaluate.retrieval(bench, data, queries=queries, qrels=qrels)
        if name == "related":
            return evaluate.related(bench, data, queries=queries, qrels=qrels)
        if tasks is None:
            raise EvaluationError(f"`eval {name}` needs --tasks: a file of questions with their conversations")
        chosen = evaldata.find(data, str(tasks))
        if name == "conversation":
            by_people = evaldata.find(data, str(rewrites)) if rewrites is not None else None
            return evaluate_conversation.conversation(bench, data, tasks=chosen, qrels=qrels, rewrites=by_people)
        return evaluate.abstention(bench, data, tasks=chosen)


def _verify(data: Path | None) -> dict[str, Any]:
    if data is None or not data.is_file():
        raise EvaluationError("`eval verify` needs --data: a JSON Lines file of claims with their evidence")
    reader, notice = open_reader()
    if notice is not None:
        terminal.say(notice)
    return evaluate_verify.measure(Verifier(reader), data)
