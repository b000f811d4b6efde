"""The assistant's search and answer as LlamaIndex components: retriever, response synthesizer and query engine.

They work with standard components: ask with a plain string, put node postprocessors between retrieval and answer, or
let a synthesizer with a language model answer from this retriever. `examples/` has a program for each.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import RESPONSE_TYPE, Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.indices.prompt_helper import ChatPromptHelper, PromptHelper
from llama_index.core.llms import LLM, MockLLM
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.prompts.mixin import PromptDictType, PromptMixinType
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.response_synthesizers import BaseSynthesizer, CompactAndRefine
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, QueryType, TextNode

from assistant.conversation.context import NOTHING, Background
from assistant.retrieval.filters import within
from assistant.retrieval.search import Hit, Searcher
from assistant.understanding import reading as reading_of_question
from assistant.understanding.reading import ParsedQuestion
from assistant.verification.generated_text import Checker
from index import deadline
from index.embed import Vectors
from index.generation import Index

from .answer import Answer, Filters, Query
from .draft import Draft

MAX_PASSAGES = 40
"""Maximum number of passages that the retriever returns. The answerer reads fewer; related entries use the rest."""
_OFFSETS = ("entry_id", "field", "start", "end", "cosine", "bm25")
"""Metadata that is hidden from a language model."""


@dataclass
class EngineQuery(QueryBundle):
    """A question with everything that search and answer need, such as its parsed form and its vector."""

    query: Query | None = None
    reading: ParsedQuestion | None = None
    vector: Vectors | None = None
    only: frozenset[str] | None = None
    """Ids of the entries that may be cited; None for all."""
    is_known: bool = False
    """Whether the entry in `only` says that it answers this question."""
    background: Background = NOTHING
    """What the conversation adds to the search."""
    quick: bool = False
    """Whether to skip the cross-encoder: for suggestions, because several of them are tested per answer."""
    said: Callable[[str], bool] = lambda _text: False
    """Returns whether an earlier answer of the conversation contains a sentence."""
    earlier: tuple[str, ...] = ()
    """The user's earlier turns, oldest first, in which the entry reader reads the question."""
    typed: str = ""
    """The question in the user's words, if there are earlier turns."""
    met: str = ""
    """All text that the user has written or read so far. Its words need no explanation."""

    @property
    def to_read(self) -> str:
        """The question for the entry reader: as typed if it is read after earlier turns, else as searched."""
        return self.typed if self.earlier or self.query is None else self.query.searched_for

    @property
    def with_conversation(self) -> str:
        """The question as typed with the earlier turns before it, as one text to search for."""
        return " ".join([*self.earlier, self.typed])


def plain_query(text: str, index: Index, searcher: Searcher, *, quick: bool = False) -> EngineQuery:
    """Return the query for a question outside any conversation."""
    reading = reading_of_question.read(text)
    query = Query(text, text, reading.intent, reading.filters, subject=reading.subject)
    only = within(index.catalogue, reading.filters)
    return EngineQuery(text, query=query, reading=reading, vector=searcher.embed(text), only=only, quick=quick)


class CatalogueRetriever(BaseRetriever):
    """Retrieves passages by words and by vectors, and combines the scores. A node's id is the passage's id.

    Also accepts a plain `QueryBundle` or string, as a stand-alone question.
    """

    def __init__(self, index: Index, searcher: Searcher) -> None:
        super().__init__()
        self._index = index
        self._searcher = searcher

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        asked = (
            query_bundle
            if isinstance(query_bundle, EngineQuery)
            else plain_query(query_bundle.query_str, self._index, self._searcher)
        )
        hits = self._searcher.passages(
            asked.query_str,
            asked.vector,
            only=asked.only,
            favoured=asked.query.carried if asked.query else (),
            background=asked.background,
        )
        return [self._node(hit) for hit in hits[:MAX_PASSAGES]]

    def _node(self, hit: Hit) -> NodeWithScore:
        passage = self._index.passages[hit.place]
        entry = self._index.catalogue.by_id[passage.entry_id]
        metadata = {
            "title": entry.title,
            "date": entry.date or "",
            "entry_id": passage.entry_id,
            "field": passage.field,
            "start": passage.start,
            "end": passage.end,
            "cosine": hit.cosine,
            "bm25": hit.bm25,
        }
        node = TextNode(
            id_=passage.id,
            text=passage.text,
            metadata=metadata,
            excluded_llm_metadata_keys=list(_OFFSETS),
            excluded_embed_metadata_keys=list(_OFFSETS),
        )
        return NodeWithScore(node=node, score=hit.score)


class QuotingSynthesizer(BaseSynthesizer):
    """A response synthesizer that quotes: calls one function with the question and the hits, which returns a `Draft`.

    The draft is in `response.metadata["draft"]`.
    """

    def __init__(self, index: Index, searcher: Searcher, answer: Callable[[EngineQuery, Sequence[Hit]], Draft]) -> None:
        # LlamaIndex requires a language model here and would otherwise open OpenAI's. This model is never called.
        # The tokenizer is never used either; loading LlamaIndex's own tokenizer takes a third of a second.
        super().__init__(
            llm=MockLLM(),
            prompt_helper=PromptHelper(tokenizer=str.split),
            chat_prompt_helper=ChatPromptHelper(tokenizer=str.split),
        )
        self._index = index
        self._searcher = searcher
        self._answer = answer

    def synthesize(
        self,
        query: QueryType,
        nodes: list[NodeWithScore],
        additional_source_nodes: Sequence[NodeWithScore] | None = None,
        **response_kwargs: Any,  # noqa: ARG002 -- the library's signature
    ) -> RESPONSE_TYPE:
        """Answer from the nodes of a `CatalogueRetriever`, also after postprocessors have reordered or filtered them.

        Raises:
            ValueError: a node is not a passage of this index.
        """
        text = query if isinstance(query, str) else query.query_str
        asked = query if isinstance(query, EngineQuery) else plain_query(text, self._index, self._searcher)
        draft = self._answer(asked, [self._hit(node) for node in nodes])
        return Response(draft.text, source_nodes=[*nodes, *(additional_source_nodes or [])], metadata={"draft": draft})

    def _hit(self, node: NodeWithScore) -> Hit:
        try:
            place = self._index.position(node.node.node_id)
        except KeyError as error:
            raise ValueError(f"the node {node.node.node_id!r} is not a passage of this index") from error
        metadata = node.node.metadata
        return Hit(place, node.score or 0.0, metadata.get("cosine"), metadata.get("bm25", 0.0))

    async def asynthesize(
        self,
        query: QueryType,
        nodes: list[NodeWithScore],
        additional_source_nodes: Sequence[NodeWithScore] | None = None,
        **response_kwargs: Any,
    ) -> RESPONSE_TYPE:
        """The same as `synthesize`; it runs synchronously."""
        return self.synthesize(query, nodes, additional_source_nodes, **response_kwargs)

    def get_response(self, query_str: str, text_chunks: Sequence[str], **response_kwargs: Any) -> str:
        """Not supported: a cited answer needs nodes, because a plain text has no position in an entry."""
        raise NotImplementedError("use `synthesize`: a cited answer needs nodes, not bare texts")

    async def aget_response(self, query_str: str, text_chunks: Sequence[str], **response_kwargs: Any) -> str:
        """Not supported; see `get_response`."""
        raise NotImplementedError("use `asynthesize`: a cited answer needs nodes, not bare texts")

    def _get_prompts(self) -> PromptDictType:
        return {}

    def _update_prompts(self, prompts: PromptDictType) -> None:
        pass


class LookupEngine:
    """Runs retrieval, postprocessors and answerer for a question that needs a search.

    Args:
        index: The open index.
        searcher: Searches the index.
        answer: The default answerer.
        synthesizer: A LlamaIndex synthesizer to use in place of the default answerer. Each sentence that it writes is
            checked against the retrieved entries, and removed if they do not support it.
        node_postprocessors: Applied between retrieval and answer, in this order.
        checker: Checks the sentences of that synthesizer.
    """

    def __init__(
        self,
        index: Index,
        searcher: Searcher,
        answer: Callable[[EngineQuery, Sequence[Hit]], Draft],
        *,
        synthesizer: BaseSynthesizer | None = None,
        node_postprocessors: Sequence[BaseNodePostprocessor] = (),
        checker: Checker,
    ) -> None:
        self.retriever = CatalogueRetriever(index, searcher)
        self.synthesizer = synthesizer or QuotingSynthesizer(index, searcher, answer)
        self.answerer = "extractive" if synthesizer is None else type(synthesizer).__name__
        self._checker = checker
        self._engine = RetrieverQueryEngine(
            self.retriever, self.synthesizer, node_postprocessors=list(node_postprocessors)
        )

    def run(self, asked: EngineQuery) -> Draft:
        """Return the draft for a question."""
        deadline.check()
        response = self._engine.query(asked)
        draft = (response.metadata or {}).get("draft")
        if isinstance(draft, Draft):
            return draft
        entries = [node.node.metadata.get("entry_id", "") for node in response.source_nodes]
        return self._checker.draft(str(response), entries, asked.query_str)

    def widened(self, asked: EngineQuery) -> tuple[Query, Draft]:
        """Return the draft for a question, and the query; if nothing within its dates answers, without these dates.

        The date may be part of the question ("the law proposed in 2021") and not a restriction. In that case, an answer
        that contains the date may come from any entry.
        """
        assert asked.query is not None
        query, draft = asked.query, self.run(asked)
        filters = query.filters
        # A summary is never widened to other dates: its reader wants everything from that time, and nothing else.
        if query.intent == "summary" or draft.citations or asked.only is None or not (filters.since or filters.until):
            return query, draft
        wider = self.run(replace(asked, only=None))
        year = (filters.since or filters.until or "")[:4]
        if any(year in citation.quote for citation in wider.citations):
            return replace(query, filters=Filters(filters.kinds)), wider
        return query, draft


class AlmanacQueryEngine(BaseQueryEngine):
    """The whole assistant as a LlamaIndex query engine: `engine.query("What is RLHF?")`.

    Lists, counts, timelines and comparisons are answered from the entries' fields and not from the retriever, because
    a ranking cut after the best passages would lose entries. Briefs and everything else go through the retriever.
    The response's `metadata["answer"]` is the answer as JSON, and its source nodes are the quoted sentences.
    """

    def __init__(self, ask: Callable[[str], Answer], callback_manager: CallbackManager | None = None) -> None:
        super().__init__(callback_manager)
        self._ask = ask

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        answer = self._ask(query_bundle.query_str)
        nodes = [
            NodeWithScore(
                node=TextNode(
                    id_=f"{citation.entry_id}:{citation.field}:{citation.start}",
                    text=citation.quote,
                    metadata={name: value for name, value in asdict(citation).items() if name != "quote"},
                )
            )
            for citation in answer.citations
        ]
        return Response(answer.text, source_nodes=nodes, metadata={"answer": answer.as_dict()})

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        return self._query(query_bundle)

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}


def synthesizer_of(llm: LLM) -> BaseSynthesizer:
    """Return LlamaIndex's usual synthesizer: all passages in one prompt, or in several refining prompts if too long."""
    return CompactAndRefine(llm=llm)
