"""The measurements of `almanac eval`: their figures, their data, and the verdicts."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from assistant.evaluation import answers, baselines, conversations, datasets, measuring
from assistant.evaluation import bench as evaluate
from assistant.evaluation.baselines import Condition
from assistant.evaluation.bench import Bench
from assistant.evaluation.datasets import EvaluationError, Task
from assistant.evaluation.measuring import Measuring, Options
from assistant.pipeline import Assistant
from assistant.settings.settings import Settings
from assistant.workplace import Workplace

FRUIT = {
    "kiwi": ("Kiwi sorting", "The kiwi machine sorts green fruit by size in the harbour."),
    "plum": ("Plum drying", "Plums are dried in the sun for nine days before they are sold."),
    "pear": ("Pear grafting", "A pear branch is grafted on a quince stem in early spring."),
    "nuts": ("Walnut press", "The walnut press gives oil for lamps and for salad."),
}


def silent(_step: str, _done: int, _all: int) -> None:
    """Ignore progress."""


@pytest.fixture
def fruit(tmp_path: Path) -> Path:
    """A small BEIR folder with conversations and refusals."""
    folder = tmp_path / "fruit"
    folder.mkdir()

    def write(name: str, rows: list[dict[str, Any]]) -> None:
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")

    write("corpus.jsonl", [{"_id": i, "title": title, "text": text} for i, (title, text) in FRUIT.items()])
    write("queries.jsonl", [{"_id": i, "text": text} for i, (_, text) in FRUIT.items()])
    write(
        "talk.jsonl",
        [
            {"_id": "kiwi", "text": "|user|: kiwi machine sorting"},
            {"_id": "plum", "text": "|user|: how are plums dried\n|user|: for how many days?"},
        ],
    )
    write(
        "tasks.jsonl",
        [
            {"id": "1", "question": "How many days are plums dried?", "answerability": "ANSWERABLE", "set": "a"},
            {"id": "2", "question": "Who is the mayor of Reykjavik?", "answerability": "UNANSWERABLE", "set": "a"},
            {"id": "3", "question": "What about it?", "answerability": "UNDERSPECIFIED", "set": "b"},
        ],
    )
    (folder / "qrels.tsv").write_text("query\tdocument\tgrade\n" + "".join(f"{i}\t{i}\t1\n" for i in FRUIT), "utf-8")
    return folder


def bench(folder: Path) -> Bench:
    """A bench without an embedder, with its cache in a folder."""
    return Bench(folder / "cache", None, silent)


def assert_intervals(figures: dict[str, Any], names: tuple[str, ...]) -> None:
    """Check that each figure has an interval around it."""
    for name in names:
        low, high = figures[f"{name}_95"]
        assert low <= figures[name] <= high


def test_rankings_have_the_contract_s_figures_each_with_its_interval(fruit: Path) -> None:
    """Each text finds itself first, by words and by vectors."""
    found = evaluate.retrieval(bench(fruit.parent), fruit)
    names = ("ndcg@5", "ndcg@10", "recall@5", "recall@10", "recall@100", "mrr@10")
    for part in (found, found["bm25"]):
        assert_intervals(part, names)
        assert all(part[name] == 1.0 for name in names)
    assert found["queries"] == 4
    assert found["ms_median"] <= found["ms_p95"]
    assert found["peak_mb"] > 10


def test_conversations_are_measured_by_turn(fruit: Path) -> None:
    """First turns, later turns and all turns are measured; a text with user marks is a conversation."""
    found = conversations.conversation(bench(fruit.parent), fruit, tasks=fruit / "talk.jsonl")
    assert found["first_turns"]["queries"] == found["later_turns"]["queries"] == 1
    assert found["all_turns"]["queries"] == 2
    assert found["first_turns_changed"] == 0.0
    assert found["later_turns"]["mrr@10"] == 1.0


def test_abstention_is_measured_on_the_rows_asked_for(fruit: Path) -> None:
    """Rows with other values are left out; without unanswerable tasks there is an error."""
    tasks = fruit / "tasks.jsonl"
    chosen = {"set": ["a"], "answerability": ["ANSWERABLE", "UNANSWERABLE"]}
    found = evaluate.abstention(bench(fruit.parent), fruit, tasks=tasks, only=chosen)
    assert (found["tasks"], found["answerable"]) == (2, 1)
    assert_intervals(found, ("auroc", "false_answers", "false_refusals"))
    with pytest.raises(EvaluationError, match="answerable and unanswerable"):
        evaluate.abstention(bench(fruit.parent), fruit, tasks=tasks, only={"answerability": ["ANSWERABLE"]})
    with pytest.raises(EvaluationError, match="has no task with these values"):
        datasets.tasks(tasks, only={"set": ["c"]})


def test_related_entries_are_measured_against_judgements(fruit: Path) -> None:
    """Queries that are no documents are left out; if none is left, there is an error."""
    (fruit / "pairs.tsv").write_text("query\tdocument\tgrade\nkiwi\tplum\t1\nnobody\tplum\t1\n", "utf-8")
    found = evaluate.related(bench(fruit.parent), fruit, qrels="pairs.tsv")
    assert found["queries"] == 1
    assert_intervals(found, ("ndcg@10", "recall@8", "recall@10"))


def test_lists_are_right_only_if_they_are_whole(assistant: Assistant) -> None:
    """A set with a missing entry, an extra entry or a wrong total is not exact."""
    answer = assistant.ask("What is RLHF?")
    cited = frozenset(answer.cited)

    def exact(gold_all: frozenset[str] | None, total: int | None) -> bool | None:
        return answers._is_exact(
            Task("t", "q", gold_all=None if gold_all is None else tuple(gold_all), total=total), answer
        )

    assert exact(cited, None) is True
    assert exact(cited | {"gpt-3"}, None) is False
    assert exact(frozenset(), None) is False
    assert exact(cited, 99) is False
    assert exact(None, None) is None


def test_answers_are_measured_sentence_by_sentence(assistant: Assistant) -> None:
    """Precision per sentence, recall per entry, facts and refusals are measured."""
    cited = assistant.ask("What is RLHF?").cited
    found = answers.questions(
        assistant,
        [
            Task("a", "What is RLHF?", gold=(*cited, "gpt-3"), must=("human",)),
            Task("b", "Who is the mayor of Reykjavik?", answerable=False),
        ],
    )
    assert found["citation_precision"] == 1.0
    assert found["citation_recall"] == pytest.approx(len(cited) / (len(cited) + 1), abs=1e-4)
    assert found["cited_right"] == found["facts_present"] == found["abstained_right"] == 1.0
    assert_intervals(found, ("cited_right", "citation_recall", "abstained_right", "false_refusals"))
    assert [row["id"] for row in found["details"]] == ["a", "b"]
    with pytest.raises(EvaluationError, match="no task"):
        answers.questions(assistant, [])


def test_levels_are_measured_beside_each_other(assistant: Assistant) -> None:
    """Beginners get more sentences from guides than experts, and right answers stay right."""
    found = answers.levels(assistant, [Task("a", "why do models scheme", gold=("rlhf",))])
    assert list(found) == ["beginner", "intermediate", "advanced"]
    assert found["beginner"]["from_glossary_and_tldr"] >= found["advanced"]["from_glossary_and_tldr"]
    assert found["advanced"]["sentences"] >= found["intermediate"]["sentences"]


@pytest.mark.parametrize(
    ("value", "kept", "figures", "status"),
    [
        (0.7, 0.7, {}, "ok"),
        (0.7004, 0.7, {}, "ok"),
        (0.696, 0.7, {}, "near"),
        (0.69, 0.7, {}, "FAIL"),
        (0.69, 0.7, {"queries": 50}, "near"),
        (0.75, 0.7, {}, "better"),
        (0.1, None, {}, "new"),
    ],
)
def test_a_figure_is_ok_near_better_or_a_failure(
    value: float, kept: float | None, figures: dict[str, Any], status: str
) -> None:
    """Figures are equal up to rounding, near within one question, or worse."""
    condition = Condition(measurement="retrieval", judged=("ndcg@10",))
    before = {} if kept is None else {"ndcg@10": kept}
    (found,) = baselines.judge(condition, {"ndcg@10": value, "ndcg@10_95": [0.6, 0.8], **figures}, before)
    assert found.status == status
    assert found.interval == (0.6, 0.8)


def test_less_may_be_better_and_time_is_no_failure() -> None:
    """More false refusals are a failure; times have a bar but no verdict."""
    condition = Condition(
        measurement="questions",
        judged=("part.false_refusals", "ms_p95"),
        bars={"ms_p95": 300, "part.false_refusals": 0.08},
    )
    figures = {"part": {"false_refusals": 0.2}, "ms_p95": 250.0}
    kept = {"part.false_refusals": 0.05, "ms_p95": 10.0}
    refusals, time = baselines.judge(condition, figures, kept)
    assert (refusals.status, refusals.meets_bar) == ("FAIL", False)
    assert (time.status, time.meets_bar) == ("new", True)
    better, _ = baselines.judge(condition, figures, {"part.false_refusals": 0.4})
    assert better.status == "better"
    with pytest.raises(EvaluationError, match="no figure 'ms_p95'"):
        baselines.judge(condition, {"part": {"false_refusals": 0.1}}, {})


def test_the_conditions_of_the_checkout_can_be_run(project: Path) -> None:
    """Each condition has a known measurement and existing tasks, and its command names its data."""
    found = baselines.read(project / "tests/evals")
    assert len(found) > 10
    for condition in found.values():
        assert condition.command.startswith(f"almanac eval {condition.measurement}")
        assert condition.judged
        if condition.tasks_are_ours:
            assert (project / str(condition.tasks)).is_file()


@pytest.mark.parametrize(
    "text", ["not toml [", '[a]\nmeasurement = "x"', '[a]\nmeasurement="x"\njudged=[]\nodd=1', "\udcff"]
)
def test_conditions_that_cannot_be_read_are_an_error_with_their_place(tmp_path: Path, text: str) -> None:
    """Files that are broken, incomplete, or in another encoding give an error."""
    (tmp_path / baselines.CONDITIONS).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(EvaluationError, match=r"conditions\.toml"):
        baselines.read(tmp_path)
    (tmp_path / baselines.KEPT).write_text("[1]", "utf-8")
    with pytest.raises(EvaluationError, match=r"kept\.json"):
        baselines.kept_in(tmp_path)


def test_all_conditions_are_run_kept_judged_and_written(
    fruit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first run saves figures, the second is ok, a drop fails, changed data are new, missing data are skipped."""
    home = tmp_path / "evals"
    home.mkdir()
    (home / baselines.CONDITIONS).write_text(
        '[fruit]\nmeasurement="retrieval"\ndata="fruit"\njudged=["ndcg@10","bm25.ndcg@10"]\nbars={"ndcg@10"=0.5}\n'
        '[gone]\nmeasurement="retrieval"\ndata="gone"\njudged=["ndcg@10"]\n',
        "utf-8",
    )
    monkeypatch.setattr(measuring, "FOLDER", home)
    messages: list[str] = []
    made = Measuring(Workplace(Settings(data=tmp_path / "data", embedder="none")), silent, messages.append)

    def statuses(*, keep: bool = False) -> list[str]:
        return [one.status for one in made.everything(tmp_path, keep=keep).measured["fruit"][1]]

    assert statuses(keep=True) == ["new", "new"]
    assert messages == ["fruit: ndcg@10 1 new, bm25.ndcg@10 1 new"]
    assert statuses() == ["ok", "ok"]
    options = Options(fruit)
    label, verdicts = made.judged("retrieval", options, made.run("retrieval", options)) or ("", [])
    assert (label, [one.status for one in verdicts]) == ("fruit", ["ok", "ok"])
    kept = baselines.kept_in(home)
    kept["fruit"]["figures"]["bm25.ndcg@10"] = 1.5
    baselines.keep(home, kept)
    whole = made.everything(tmp_path)
    assert whole.failed
    assert whole.skipped == ["gone"]
    whole.write(tmp_path / "table.md")
    table = (tmp_path / "table.md").read_text("utf-8")
    assert "`almanac eval retrieval --data DATA/fruit`" in table
    assert "| ndcg@10 | 1 | 1 to 1 | 1 | ok | .500 met |" in table
    assert json.loads(json.dumps(whole.as_dict()))["conditions"]["fruit"]["figures"][1]["verdict"] == "FAIL"
    with (fruit / "qrels.tsv").open("a", encoding="utf-8") as stream:
        stream.write("kiwi\tpear\t1\n")
    assert statuses() == ["new", "new"]
    assert made.judged("retrieval", options, {}) is None
    (fruit / "qrels.tsv").write_text("no\ttsv", "utf-8")
    assert made.everything(tmp_path).broken == ["fruit"]


def test_options_that_lack_something_say_what(tmp_path: Path) -> None:
    """Missing data, missing tasks and a malformed --only each give an error."""
    made = Measuring(Workplace(Settings(data=tmp_path, embedder="none")), silent, lambda _message: None)
    with pytest.raises(EvaluationError, match="needs --data"):
        made.run("retrieval", Options())
    with pytest.raises(EvaluationError, match="needs --tasks"):
        made.run("abstention", Options(tmp_path))
    with pytest.raises(EvaluationError, match="there is no"):
        made.run("questions", Options(tasks=tmp_path / "missing"))
    assert measuring.only(["a=1,2", "a=3", "b=x"]) == {"a": ["1", "2", "3"], "b": ["x"]}
    for odd in ("a", "=1", "a="):
        with pytest.raises(EvaluationError, match="FIELD=VALUE"):
            measuring.only([odd])


def test_tasks_are_read_in_each_form(tmp_path: Path) -> None:
    """Gzipped files and lists with their whole set are read; a question that is not a text gives an error with its line."""
    file = tmp_path / "tasks.jsonl.gz"
    with gzip.open(file, "wt", encoding="utf-8") as stream:
        stream.write(json.dumps({"id": 1, "question": "Which?", "gold_all": ["a", "b"], "total": 2}) + "\n")
    (task,) = datasets.tasks(file)
    assert (task.gold, task.gold_all, task.total) == (("a", "b"), ("a", "b"), 2)
    plain = tmp_path / "tasks.jsonl"
    plain.write_text('{"id": 1, "question": ["?"]}\n', "utf-8")
    with pytest.raises(EvaluationError, match=r"tasks\.jsonl:1: a task needs a question"):
        datasets.tasks(plain)
