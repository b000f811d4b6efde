"""Puts a question in another language into English words, so that an English catalogue can be searched with it.

This is not a translation: the words of the lists in `assistant/data/words` are replaced by English ones, the catalogue's names
are kept, and all other words are dropped. "Wer hat OpenAI gegründet?" becomes "who OpenAI founded?".

A key of a list matches at the start of a word, so that it covers inflected forms; with "$" at its end it matches the whole
word, or its plural. In Chinese, Japanese and Korean it matches anywhere.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

_WITHOUT_SPACES = frozenset(("zh", "ja", "ko"))
_DEFINING = ("what is", "what", "explain", "tell me about", "")
_PEOPLE = ("who", "who is")
_QUESTION_WORDS = frozenset(
    (
        "what", "what is", "who", "who is", "when", "where", "why", "how", "how many", "how much", "which", "is there",
        "tell me about", "explain", "difference between", "example", "compare",
    )
)  # fmt: skip
"""English phrases of the lists that begin a question. The first of them in a question is put first in the English words."""
_LONGEST = 600
"""Maximum number of characters that are read."""
_MOST_WORDS = 14
"""Maximum number of English words of a question, without its question words."""
_WORD = re.compile(r"[^\W_]+(?:[-.&][^\W_]+)*")
_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[-.&][A-Za-z0-9]+)*")
_PLURAL = ("s", "es", "x")
_PREFIX = 2
"""Number of characters at the start of a word by which keys are found."""

Key = tuple[tuple[str, ...], bool, str]
"""The words of a key, whether the last one must match whole, and the English words."""


@dataclass(frozen=True, slots=True)
class WordList:
    """The words of one language."""

    by_start: Mapping[str, Sequence[Key]]
    """Keys by the first characters of their first word, longest first; empty for a language without spaces."""
    anywhere: Mapping[str, str]
    """Keys that match anywhere; empty for a language with spaces."""
    longest: int
    """Characters of the longest key in `anywhere`."""


def in_english_words(text: str, language: str, names: Sequence[str]) -> str | None:
    """Return a question in English words; None if no word of it is known.

    Args:
        text: The question.
        language: The code of its language.
        names: The catalogue's names in it.
    """
    words = _words_of(language) or WordList({}, {}, 0)
    text = text[:_LONGEST]
    named = {match.start(): name for name in names if (match := re.search(re.escape(name), text, re.IGNORECASE))}
    read = _without_spaces if language in _WITHOUT_SPACES else _with_spaces
    found = list(dict.fromkeys(read(text, words, named)))
    asked = next((word for word in found if word in _QUESTION_WORDS), "")
    rest = [word for word in found if word not in _QUESTION_WORDS][:_MOST_WORDS]
    if not rest:
        return None
    if len(rest) == 1 and (asked in _DEFINING or (asked in _PEOPLE and rest[0] in named.values())):
        return f"{'Who' if asked in _PEOPLE else 'What'} is {rest[0]}?"
    if asked in _PEOPLE:  # "wer hat ChatGPT erfunden" has the verb last
        rest.sort(key=lambda word: word in named.values())
    return f"{asked} {' '.join(rest)}?".strip()


def _with_spaces(text: str, words: WordList, named: Mapping[int, str]) -> Iterator[str]:
    """Yield the English words of a text in a language that writes spaces, in its order."""
    tokens = [(match.start(), match.group()) for match in _WORD.finditer(text)]
    lowered = [token.casefold() for _, token in tokens]
    at, skip_to = 0, 0
    while at < len(tokens):
        start, token = tokens[at]
        if start in named:
            yield named[start]
            skip_to = start + len(named[start])
        if start < skip_to:
            at += 1
            continue
        key = next(
            (key for key in words.by_start.get(lowered[at][:_PREFIX], ()) if _matches(key, lowered, at)),
            None,
        )
        if key is not None:
            yield key[2]
            at += len(key[0])
            continue
        if _is_number(token):
            yield token
        at += 1


def _without_spaces(text: str, words: WordList, named: Mapping[int, str]) -> Iterator[str]:
    """Yield the English words of a text in a language without spaces; Latin words in it are names."""
    lowered = text.lower()
    at = 0
    while at < len(text):
        if at in named:
            yield named[at]
            at += len(named[at])
            continue
        size = next((size for size in range(words.longest, 0, -1) if lowered[at : at + size] in words.anywhere), 0)
        if size:
            yield words.anywhere[lowered[at : at + size]]
            at += size
        elif latin := _TOKEN.match(text, at):
            yield latin.group()
            at = latin.end()
        else:
            at += 1


def _matches(key: Key, tokens: Sequence[str], at: int) -> bool:
    parts, is_whole, _ = key
    if at + len(parts) > len(tokens):
        return False
    starts = all(tokens[at + place].startswith(part) for place, part in enumerate(parts))
    last = tokens[at + len(parts) - 1]
    return starts and (not is_whole or last in {parts[-1], *(f"{parts[-1]}{ending}" for ending in _PLURAL)})


def _is_number(token: str) -> bool:
    """Whether a word has a digit: years, and versions such as "GPT-4"."""
    return any(map(str.isdigit, token))


@lru_cache(maxsize=32)
def _words_of(language: str) -> WordList | None:
    file = resources.files("assistant") / "data" / "words" / f"{language}.json"
    if not file.is_file():
        return None
    held: dict[str, str] = json.loads(file.read_text("utf-8"))
    if language in _WITHOUT_SPACES:
        anywhere = {key.rstrip("$").lower(): english for key, english in held.items()}
        return WordList({}, anywhere, max(map(len, anywhere)))
    by_start: dict[str, list[Key]] = {}
    for written, english in sorted(held.items(), key=lambda item: -len(item[0])):
        parts = tuple(_WORD.findall(written.rstrip("$").casefold()))
        if parts:
            by_start.setdefault(parts[0][:_PREFIX], []).append((parts, written.endswith("$"), english))
    return WordList(by_start, {}, 0)
