"""The entry reader as a torch model: the BERT of all-MiniLM-L6-v2 with a head for sentences and a head for the entry."""

from typing import cast

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from assistant.answering.reader.entry_encoding import TYPES

from .model import EPSILON, LAYERS, POSITIONS, WIDTH, WORDS, Layer, copy_layers, weights_file


class _Attention(nn.Module):
    """Softmax attention as two matrix products: in bfloat16 on a CPU its backward pass is much faster than torch's own."""

    def forward(self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor) -> Tensor:
        """The mixed values; all shapes are (rows, heads, tokens, width of a head)."""
        scores = (query * query.shape[-1] ** -0.5) @ key.transpose(2, 3) + bias.to(query.dtype)
        with torch.autocast("cpu", enabled=False):  # autocast would copy the scores to float32
            return torch.softmax(scores, dim=-1) @ value


class _SharedDropout(nn.Module):
    """Dropout with one mask for all tokens of a row: as good here, and without millions of random numbers a step."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, hidden: Tensor) -> Tensor:
        """The hidden states, shape (rows, tokens, width), with some columns of each row set to 0."""
        if not self.training:
            return hidden
        kept = torch.rand(hidden.shape[0], 1, hidden.shape[-1], device=hidden.device) >= self.share
        return hidden * (kept.to(hidden.dtype) / (1 - self.share))


class EntryReader(nn.Module):
    """For each sentence the logit that it helps to answer; for the window the logit that the question is answered here.

    A sentence is seen through its marker and through a weighted mean of its tokens, whose weights are learnt.
    """

    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.types = nn.Embedding(TYPES, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.layers = nn.ModuleList(Layer(_SharedDropout(dropout), _Attention()) for _ in range(LAYERS))
        self.weigh = nn.Linear(WIDTH, 1)
        self.sentence_hidden = nn.Linear(2 * WIDTH, WIDTH)
        self.sentence_head = nn.Linear(WIDTH, 1)
        self.entry_hidden = nn.Linear(2 * WIDTH + 2, WIDTH)
        self.entry_head = nn.Linear(WIDTH, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor, sentence_of: Tensor, markers: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Logits of sentences, shape (windows, sentences), and of windows, shape (windows,)."""
        places = torch.arange(input_ids.shape[1], device=input_ids.device).unsqueeze(0)
        summed = self.words(input_ids) + self.positions(places) + self.types(token_type_ids)
        hidden = self.norm(summed)
        bias = ((1.0 - attention_mask.to(hidden.dtype)) * -1e4)[:, None, None, :]
        for layer in self.layers:
            hidden = layer(hidden, bias)
        hidden = hidden.float()
        numbers = torch.arange(1, markers.shape[1] + 1, device=markers.device)
        member = (sentence_of[:, None, :] == numbers[None, :, None]).to(hidden.dtype)
        weight = torch.exp(self.weigh(hidden)[:, :, 0].clamp(-8, 8))
        weighted = member * weight[:, None, :]
        means = (weighted @ hidden) / (weighted.sum(dim=2, keepdim=True) + 1e-6)
        marked = torch.gather(hidden, 1, markers[:, :, None].expand(-1, -1, WIDTH))
        sentences = torch.cat((marked, means), dim=2)
        logits = self.sentence_head(self.dropout(functional.gelu(self.sentence_hidden(sentences))))[:, :, 0]
        is_sentence = (markers > 0).to(hidden.dtype)
        masked = logits * is_sentence - 20.0 * (1.0 - is_sentence)
        share = torch.softmax(masked, dim=1)
        best = (share[:, :, None] * means).sum(dim=1)
        several = torch.logsumexp(masked, dim=1, keepdim=True)
        features = torch.cat((hidden[:, 0], best, masked.amax(dim=1, keepdim=True), several), dim=1)
        entry = self.entry_head(self.dropout(functional.gelu(self.entry_hidden(features))))[:, 0]
        return logits, cast("Tensor", entry)


def pretrained() -> EntryReader:
    """An entry reader with the weights of all-MiniLM-L6-v2; its heads are still to be trained."""
    given = load_file(weights_file())
    reader = EntryReader()
    state = reader.state_dict()
    copy_layers(given, state)
    state["types.weight"] = given["embeddings.token_type_embeddings.weight"][:1].repeat(TYPES, 1)
    reader.load_state_dict(state)
    reader.words.weight.requires_grad_(requires_grad=False)
    return reader
