"""The programs in `examples/` run, and LlamaIndex's standard components work with the assistant's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from llama_index.core.postprocessor import SimilarityPostprocessor
from llama_index.core.query_engine import RetrieverQueryEngine

from assistant.pipeline import Assistant
from assistant.query_engine import QuotingSynthesizer, plain_query
from assistant.settings.settings import Settings


def run_example(project: Path, name: str, data: Path) -> str:
    """Run an example and return its output."""
    done = subprocess.run(
        [sys.executable, project / "examples" / name],
        env=os.environ | {"ALMANAC_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ask.py", "[1] Reinforcement learning from human feedback (RLHF): RLHF, short for"),
        ("rerank.py", "\n- "),
        ("language_model.py", "removed: It was invented by Napoleon in 1805. (number not in the cited entry: 1805)"),
    ],
)
def test_each_example_runs(project: Path, assistant: Assistant, settings: Settings, name: str, expected: str) -> None:
    """Each program prints its expected output, with the index that the tests have built."""
    assert assistant.catalogue.entries
    assert expected in run_example(project, name, settings.data)


def test_every_example_is_described(project: Path) -> None:
    """The table in the folder's README lists each program."""
    table = (project / "examples" / "README.md").read_text("utf-8")
    assert [file.name for file in (project / "examples").glob("*.py") if f"`{file.name}`" not in table] == []


def test_a_plain_string_is_answered_like_a_question(assistant: Assistant) -> None:
    """`engine.query("…")` returns the assistant's own answer, also for lists from fields."""
    engine = assistant.as_query_engine()
    for text in ("What is RLHF?", "How many events did Anthropic publish in 2024?"):
        response = engine.query(text)
        assert str(response) == assistant.ask(text).text
        assert [node.text for node in response.source_nodes] == [c.quote for c in assistant.ask(text).citations]


def test_our_parts_compose_with_a_stock_engine(assistant: Assistant) -> None:
    """The assistant's retriever and synthesizer in a standard engine quote the same entries as the assistant."""
    answerer = assistant._answerer.answer
    synthesizer = QuotingSynthesizer(assistant.index, assistant.searcher, answerer)
    stock = RetrieverQueryEngine(
        assistant.retriever, synthesizer, node_postprocessors=[SimilarityPostprocessor(similarity_cutoff=0.0)]
    )
    draft = (stock.query("What is RLHF?").metadata or {})["draft"]
    assert [c.quote for c in draft.citations] == [c.quote for c in assistant.ask("What is RLHF?").citations]


def test_a_postprocessor_that_drops_everything_leads_to_an_abstention(assistant: Assistant) -> None:
    """The answerer receives only the nodes that the postprocessors keep."""
    synthesizer = QuotingSynthesizer(assistant.index, assistant.searcher, assistant._answerer.answer)
    stock = RetrieverQueryEngine(
        assistant.retriever, synthesizer, node_postprocessors=[SimilarityPostprocessor(similarity_cutoff=99.0)]
    )
    response = stock.query("How did Apollo Research test models for scheming?")
    assert response.source_nodes == []
    assert (response.metadata or {})["draft"].citations == ()


def test_a_foreign_node_is_refused_with_its_id(assistant: Assistant) -> None:
    """A node of another index is not a passage that could be quoted."""
    nodes = assistant.retriever.retrieve("What is RLHF?")[:1]
    nodes[0].node.id_ = "another-index"
    synthesizer = QuotingSynthesizer(assistant.index, assistant.searcher, assistant._answerer.answer)
    with pytest.raises(ValueError, match="'another-index' is not a passage of this index"):
        synthesizer.synthesize("What is RLHF?", nodes)


def test_a_plain_query_knows_its_filters(assistant: Assistant) -> None:
    """A question given as text is restricted by the dates in it."""
    asked = plain_query("What happened in June 2024?", assistant.index, assistant.searcher)
    assert asked.only is not None
    assert {assistant.catalogue.by_id[name].date for name in asked.only} <= {
        entry.date for entry in assistant.catalogue.entries if (entry.date or "").startswith("2024")
    }
