"""The sentences of an answer as a reader sees them: which one comes first, how many there are, which are repeated."""

import re
from collections.abc import Iterable, Iterator, Sequence

from assistant.answer import Answer, Sentence, Turn
from assistant.answering.composition import escape
from index import sentences
from index.lexical import fold

_MARKER = re.compile(r"\[\d+\]")
_WORD = re.compile(r"[^\W_]+")
_BACKSLASH = re.compile(r"\\(.)")


def quoted(answer: Answer) -> list[Sentence]:
    """The sentences with a source. Remarks such as "14 events since 2024:" have none."""
    return [sentence for sentence in answer.sentences if sentence.citations]


def first(answer: Answer) -> str:
    """The first sentence that gives content: the first quoted one, or, without quotations, the first of the text.

    For a list or a count, the line above the sentence is included: "18 guides:" answers "How many guides are there?".
    """
    opening = next(iter(quoted(answer)), None)
    if opening is None:
        text = plain(answer.text)
        return next((text[start:end] for start, end in sentences.split(text, by_line=True)), "")
    above = answer.text.partition("\n")[0]
    if answer.total is None or escape(opening.text) in above:
        return opening.text
    return f"{plain(above)} {opening.text}"


def plain(text: str) -> str:
    """The text of an answer without the backslashes of Markdown."""
    return _BACKSLASH.sub(r"\1", text)


def repeats(answer: Answer, conversation: Sequence[Turn], earlier: Iterable[Answer]) -> list[bool]:
    """For each quoted sentence: was it shown before in this answer or in its conversation?

    Quotations are compared, without the words that introduce them. Titles are not sentences and are left out. So are
    lists and counts, because they must show every matching entry, whether or not it was shown before.

    Args:
        answer: The answer.
        conversation: The turns before it.
        earlier: The answers of these turns. If there are none, the assistant's turns are split into sentences.
    """
    if answer.total is not None:
        return []
    said = {key for one in earlier for key in _keys(one)}
    if not said:
        said = {key for turn in conversation if turn.role == "assistant" for key in _keys_of_text(turn.content)}
    result = []
    for key in _keys(answer):
        result.append(key in said)
        said.add(key)
    return result


def _keys(answer: Answer) -> Iterator[str]:
    """Each sentence in the form in which sentences are compared: the quotation if it ends with one, else the whole."""
    by_number = {citation.number: citation for citation in answer.citations}
    for sentence in quoted(answer):
        cited = [by_number[number] for number in sentence.citations if number in by_number]
        if cited and all(citation.field == "title" for citation in cited):
            continue
        whole = _key(sentence.text)
        quotes = [_key(citation.quote) for citation in cited]
        key = next((quote for quote in quotes if quote and f" {whole}".endswith(f" {quote}")), whole)
        if key:
            yield key


def _keys_of_text(text: str) -> Iterator[str]:
    """The sentences of an answer of which only the text is known, each with and without an introduction."""
    for part in _MARKER.split(plain(text)):
        for start, end in sentences.split(part, by_line=True):
            sentence = part[start:end]
            yield _key(sentence)
            yield _key(sentence.partition(": ")[2])


def _key(text: str) -> str:
    return " ".join(_WORD.findall(fold(text)))
