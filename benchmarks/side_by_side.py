"""Our code path beside plain LlamaIndex, in one process and one run: ratios, because machines are shared and noisy.

`python benchmarks/side_by_side.py` prints the table of benchmarks/README.md. The other stack is what its documentation
shows first: a VectorStoreIndex in memory over the same passages, with the same embedding model, batches as they come.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from llama_index.core import VectorStoreIndex
from llama_index.core.schema import TextNode

from assistant.pipeline import Assistant
from assistant.settings.settings import Settings
from assistant.workplace import Workplace
from index import chunk
from index.embed import Embedder

ROUNDS = 5
QUESTIONS = 30


def median_ms(calls: list[Callable[[], object]]) -> float:
    """The median time of the calls, in milliseconds."""
    times = []
    for call in calls:
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def rows(assistant: Assistant, embedder: Embedder) -> list[tuple[str, float, float]]:
    """(what, ours in ms, theirs in ms), the medians of rounds that interleave the two."""
    index = assistant.index
    texts = [chunk.for_embedding(index.catalogue.by_id[p.entry_id], p) for p in index.passages]
    nodes = [TextNode(id_=p.id, text=text) for p, text in zip(index.passages, texts, strict=True)]
    plain = VectorStoreIndex(nodes, embed_model=embedder.model).as_retriever(similarity_top_k=10)
    questions = [
        f"What is known about {entry.title}?"
        for entry in index.catalogue.entries[:: len(index.catalogue.entries) // QUESTIONS]
    ]
    searcher = assistant.searcher
    ours_search, theirs_search, ours_answer, ours_embed, theirs_embed = [], [], [], [], []
    for _ in range(ROUNDS):
        ours_search.append(median_ms([lambda q=q: searcher.passages(q, searcher.embed(q)) for q in questions]))
        theirs_search.append(median_ms([lambda q=q: plain.retrieve(q) for q in questions]))
        ours_answer.append(median_ms([lambda q=q: assistant.ask(q) for q in questions]))
        ours_embed.append(median_ms([lambda: embedder.texts(texts[:200])]))
        theirs_embed.append(median_ms([lambda: embedder.model.get_text_embedding_batch(texts[:200])]))
    return [
        (
            "hybrid search (words, passages, sentences) beside dense search alone",
            statistics.median(ours_search),
            statistics.median(theirs_search),
        ),
        (
            "a whole cited answer beside dense search alone",
            statistics.median(ours_answer),
            statistics.median(theirs_search),
        ),
        (
            "embedding 200 passages, batched by length, beside LlamaIndex's batches",
            statistics.median(ours_embed),
            statistics.median(theirs_embed),
        ),
    ]


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        workplace = Workplace(Settings(data=Path(folder)))
        assistant = workplace.assistant()
        if workplace.embedder is None:
            raise SystemExit(workplace.notice)
        print("| what | ours, ms | theirs, ms | ratio |\n|---|---|---|---|")
        for what, ours, theirs in rows(assistant, workplace.embedder):
            print(f"| {what} | {ours:.1f} | {theirs:.1f} | {ours / theirs:.2f} |")
        assistant.index.close()


if __name__ == "__main__":
    main()
