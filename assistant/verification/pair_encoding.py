"""How two texts become one input of the reader: the same when it is trained and when it runs.

Each token says which text it is of and whether it stands in the other text too, as one of four types. A small model
that must notice one changed number or name learns it from fewer examples when it need not first learn to compare.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

LONGEST = 256
"""Tokens of a pair. The model has seen pairs up to 192 in training."""
LONGEST_FIRST = 96
"""Tokens of the first text, a question or a claim; what is too long is cut from the second."""
IN_BOTH = 2
"""Added to the type of a token, 0 in the first text and 1 in the second, where the other text holds it too."""
_LONGEST_TEXT = 6000
"""Characters that are tokenised: more than `LONGEST` tokens of any text, and a bound on hostile ones."""
_CLS, _SEP = 101, 102

Tokens = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token numbers of a pair and the type of each."""

    ids: list[int]
    types: list[int]


class PairEncoder:
    """Encodes pairs with the tokenizer that is carried for the embedder."""

    def __init__(self, tokenizer: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def encode(self, pairs: Sequence[tuple[str, str]], *, longest: int = LONGEST) -> list[Encoded]:
        """The inputs for pairs of texts, in their order. A text that stands in many pairs is tokenised once."""
        texts = list(dict.fromkeys(text for pair in pairs for text in pair))
        # Half a character pair has no tokens.
        clean = [text[:_LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8") for text in texts]
        found = self._tokenizer.encode_batch_fast(clean, add_special_tokens=False)
        ids = {text: item.ids for text, item in zip(texts, found, strict=True)}
        return [_pair(ids[first], ids[second], longest) for first, second in pairs]


def _pair(first: list[int], second: list[int], longest: int) -> Encoded:
    first = first[: min(LONGEST_FIRST, longest // 2)]
    second = second[: longest - len(first) - 3]
    in_first, in_second = set(first), set(second)
    types = [0, *(IN_BOTH if one in in_second else 0 for one in first), 0]
    types += [*(1 + IN_BOTH if one in in_first else 1 for one in second), 1]
    return Encoded([_CLS, *first, _SEP, *second, _SEP], types)


def batch(encoded: Sequence[Encoded]) -> tuple[Tokens, Tokens, Tokens]:
    """Token numbers, mask and types of some pairs, padded to the longest of them."""
    ids = np.zeros((len(encoded), max(len(one.ids) for one in encoded)), np.int64)
    mask, types = np.zeros_like(ids), np.zeros_like(ids)
    for row, one in enumerate(encoded):
        ids[row, : len(one.ids)] = one.ids
        types[row, : len(one.ids)] = one.types
        mask[row, : len(one.ids)] = 1
    return ids, mask, types
