"""The query engine: a LlamaIndex retriever and a response synthesizer over our searches.

The synthesizer is where an answer is made. The default one quotes; another that writes with a language model can
take its place without touching the rest, as both give a `Draft`.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llama_index.core.base.response.schema import RESPONSE_TYPE, Response
from llama_index.core.indices.prompt_helper import ChatPromptHelper, PromptHelper
from llama_index.core.llms import MockLLM
from llama_index.core.prompts.mixin import PromptDictType
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.response_synthesizers import BaseSynthesizer
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, QueryType, TextNode

from assistant.conversation.context import NOTHING, Background
from assistant.retrieval.search import Hit, Searcher
from assistant.understanding.reading import Reading
from index import deadline
from index.embed import Vectors
from index.generation import Index

from .answer import Brief, Citation, Query, Sentence

KEPT = 40
"""Passages handed on; the answerer looks into fewer, related items use the rest."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a synthesizer makes of a question: an answer with citations, or the reason why there is none."""

    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    probability: float
    """The gate's, that the evidence answers."""
    began: float
    """When the answerer had its hits, on the performance counter."""
    reason: str | None = None
    found: tuple[str, ...] = ()
    """Ids of the entries found, best first."""
    signals: Mapping[str, float] = field(default_factory=dict)
    """What the gate saw; empty where it was not asked."""
    leading: tuple[str, ...] = ()
    """Ids of the entries that the best sentences are of: what would be cited if the gate were open."""
    brief: Brief | None = None
    """What frames a summary."""
    total: int | None = None
    """For a list or a count: the number of entries that match, each of which is cited."""

    def timings_ms(self, started: float) -> dict[str, float]:
        """Milliseconds until now of a question that came at `started`, on the performance counter."""
        ended = time.perf_counter()
        return {
            "retrieve": round((self.began - started) * 1000, 1),
            "answer": round((ended - self.began) * 1000, 1),
            "total": round((ended - started) * 1000, 1),
        }


@dataclass
class Asked(QueryBundle):
    """A question on its way through the engine, with all that is known about it."""

    query: Query | None = None
    reading: Reading | None = None
    vector: Vectors | None = None
    only: frozenset[str] | None = None
    background: Background = NOTHING
    """What the conversation adds to the search."""
    quick: bool = False
    """Whether to do without the reader: a suggestion is tried, and several are tried for one answer."""
    said: Callable[[str], bool] = lambda _text: False
    """Whether the conversation holds a sentence already."""
    met: str = ""
    """All that the reader has written and read so far: its words need no explaining."""


class CatalogueRetriever(BaseRetriever):
    """Passages by words and by meaning, fused; a node's id is the passage's."""

    def __init__(self, index: Index, searcher: Searcher) -> None:
        super().__init__()
        self._index = index
        self._searcher = searcher

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        vector: Vectors | None = None
        only: frozenset[str] | None = None
        carried: tuple[str, ...] = ()
        background = NOTHING
        if isinstance(query_bundle, Asked):
            vector, only, background = query_bundle.vector, query_bundle.only, query_bundle.background
            carried = query_bundle.query.carried if query_bundle.query else ()
        else:
            vector = self._searcher.embed(query_bundle.query_str)
        hits = self._searcher.passages(
            query_bundle.query_str, vector, only=only, favoured=carried, background=background
        )
        return [self._node(hit) for hit in hits[:KEPT]]

    def _node(self, hit: Hit) -> NodeWithScore:
        passage = self._index.passages[hit.place]
        node = TextNode(
            id_=passage.id,
            text=passage.text,
            metadata={
                "entry_id": passage.entry_id,
                "field": passage.field,
                "start": passage.start,
                "end": passage.end,
                "cosine": hit.cosine,
                "bm25": hit.bm25,
            },
        )
        return NodeWithScore(node=node, score=hit.score)


class DraftSynthesizer(BaseSynthesizer):
    """A response synthesizer that calls one function: question and hits in, `Draft` out."""

    def __init__(self, index: Index, answer: Callable[[Asked, Sequence[Hit]], Draft]) -> None:
        # LlamaIndex wants a language model here and would else open OpenAI's; this one is never asked.
        # Nor does anything count its tokens: the library's own counter takes a third of a second to load.
        super().__init__(
            llm=MockLLM(),
            prompt_helper=PromptHelper(tokenizer=str.split),
            chat_prompt_helper=ChatPromptHelper(tokenizer=str.split),
        )
        self._index = index
        self._answer = answer

    def synthesize(
        self,
        query: QueryType,
        nodes: list[NodeWithScore],
        additional_source_nodes: Sequence[NodeWithScore] | None = None,
        **response_kwargs: Any,  # noqa: ARG002 -- the library's signature
    ) -> RESPONSE_TYPE:
        """Answer from the nodes; the draft is in `response.metadata["draft"]`."""
        if not isinstance(query, Asked):
            raise TypeError(f"the engine is asked with `Asked`, got {type(query).__name__}")
        hits = [
            Hit(
                self._index.place(one.node.node_id),
                one.score or 0.0,
                one.node.metadata["cosine"],
                one.node.metadata["bm25"],
            )
            for one in nodes
        ]
        draft = self._answer(query, hits)
        return Response(draft.text, source_nodes=[*nodes, *(additional_source_nodes or [])], metadata={"draft": draft})

    async def asynthesize(
        self,
        query: QueryType,
        nodes: list[NodeWithScore],
        additional_source_nodes: Sequence[NodeWithScore] | None = None,
        **response_kwargs: Any,
    ) -> RESPONSE_TYPE:
        """The same; nothing here waits."""
        return self.synthesize(query, nodes, additional_source_nodes, **response_kwargs)

    def get_response(self, query_str: str, text_chunks: Sequence[str], **response_kwargs: Any) -> str:
        """Not offered: a draft needs the passages' places, which bare texts have lost."""
        raise NotImplementedError("use `synthesize`: a cited answer needs nodes, not bare texts")

    async def aget_response(self, query_str: str, text_chunks: Sequence[str], **response_kwargs: Any) -> str:
        """Not offered, as `get_response`."""
        raise NotImplementedError("use `asynthesize`: a cited answer needs nodes, not bare texts")

    def _get_prompts(self) -> PromptDictType:
        return {}

    def _update_prompts(self, prompts: PromptDictType) -> None:
        pass


def make_engine(
    index: Index, searcher: Searcher, answer: Callable[[Asked, Sequence[Hit]], Draft]
) -> RetrieverQueryEngine:
    """The engine over one open index, with the function that answers."""
    return RetrieverQueryEngine(CatalogueRetriever(index, searcher), DraftSynthesizer(index, answer))


def run(engine: RetrieverQueryEngine, asked: Asked) -> Draft:
    """Ask the engine; ends with a `BusyError` where the question's time is over."""
    deadline.check()
    response = engine.query(asked)
    draft = (response.metadata or {}).get("draft")
    if not isinstance(draft, Draft):
        raise TypeError("the synthesizer gave no draft")
    return draft
