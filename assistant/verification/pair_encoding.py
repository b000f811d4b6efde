"""Encodes two texts as one input for the cross-encoder; training and product use the same encoding.

Each token has one of four types: it is in the first or the second text, and the other text contains it or does not. A small
model must notice a single changed number or name. With these types it learns that from fewer examples, because it does not
have to learn how to compare texts first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

MAX_PAIR_TOKENS = 256
"""In training, the model has seen pairs of up to 192 tokens."""
MAX_FIRST_TOKENS = 96
"""Tokens of the first text, a question or a claim; the rest of the pair is for the second text."""
IN_BOTH = 2
"""Added to the type of a token (0 in the first text, 1 in the second) if the other text contains it too."""
_MAX_TEXT_CHARACTERS = 6000
"""Characters of a text that are tokenised: more than `MAX_PAIR_TOKENS` tokens, and a limit for hostile texts."""
_CLS, _SEP = 101, 102

Tokens = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Encoded:
    """The token numbers of a pair, and the type of each token."""

    ids: list[int]
    types: list[int]


class PairEncoder:
    """Encodes pairs with the tokenizer of the embedder."""

    def __init__(self, tokenizer: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def encode(self, pairs: Sequence[tuple[str, str]], *, max_tokens: int = MAX_PAIR_TOKENS) -> list[Encoded]:
        """Encode pairs of texts, in their order; a text that is in several pairs is tokenised once."""
        texts = list(dict.fromkeys(text for pair in pairs for text in pair))
        # The tokenizer rejects half of a surrogate pair.
        clean = [text[:_MAX_TEXT_CHARACTERS].encode("utf-8", "replace").decode("utf-8") for text in texts]
        encodings = self._tokenizer.encode_batch_fast(clean, add_special_tokens=False)
        ids = {text: item.ids for text, item in zip(texts, encodings, strict=True)}
        return [_pair(ids[first], ids[second], max_tokens) for first, second in pairs]


def _pair(first: list[int], second: list[int], max_tokens: int) -> Encoded:
    first = first[: min(MAX_FIRST_TOKENS, max_tokens // 2)]
    second = second[: max_tokens - len(first) - 3]
    in_first, in_second = set(first), set(second)
    types = [0, *(IN_BOTH if token in in_second else 0 for token in first), 0]
    types += [*(1 + IN_BOTH if token in in_first else 1 for token in second), 1]
    return Encoded([_CLS, *first, _SEP, *second, _SEP], types)


def batch(encoded: Sequence[Encoded]) -> tuple[Tokens, Tokens, Tokens]:
    """Token numbers, attention mask and types of some pairs: three arrays of shape (pairs, tokens of the longest pair)."""
    ids = np.zeros((len(encoded), max(len(pair.ids) for pair in encoded)), np.int64)
    mask, types = np.zeros_like(ids), np.zeros_like(ids)
    for row, pair in enumerate(encoded):
        ids[row, : len(pair.ids)] = pair.ids
        types[row, : len(pair.ids)] = pair.types
        mask[row, : len(pair.ids)] = 1
    return ids, mask, types
