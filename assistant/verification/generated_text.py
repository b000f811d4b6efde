"""Text that a language model wrote, checked sentence by sentence against the entries it was given."""

import time
from collections.abc import Sequence

from assistant.answer import Citation, Removed, Sentence
from assistant.answering.composition import escape
from assistant.draft import Draft
from index import sentences
from index.generation import Index
from index.lexical import terms
from index.models import AnyEntry

from .cross_encoder import CrossEncoder
from .verify import Claim, Judgement, Verifier

MAX_ENTRIES = 20
"""Each sentence is checked against at most this many of the best retrieved entries."""


class Checker:
    """Turns the text of a language model into a cited draft; sentences without support are removed and listed with the reason.

    Args:
        index: The open index.
        cross_encoder: The cross-encoder; None to check by rules alone.
    """

    def __init__(self, index: Index, cross_encoder: CrossEncoder | None) -> None:
        self._catalogue = index.catalogue
        self._verifier = Verifier(cross_encoder)

    def draft(self, text: str, entry_ids: Sequence[str], question: str) -> Draft:
        """A draft of the supported sentences, each citing the passage that supports it.

        Args:
            text: What the language model wrote.
            entry_ids: Ids of the retrieved entries, best first; unknown ids and repeats are ignored.
            question: The question; a pronoun in the first sentence of the text may refer to its subject.
        """
        began = time.perf_counter()
        by_id = self._catalogue.by_id
        entries = [by_id[name] for name in dict.fromkeys(entry_ids) if name in by_id][:MAX_ENTRIES]
        kept: list[Sentence] = []
        citations: list[Citation] = []
        removed: list[Removed] = []
        subject = question
        for start, end in sentences.split(text):
            sentence = text[start:end].strip()
            entry, judgement = self._best(sentence, entries, subject)
            if entry is None or judgement is None or judgement.reason is not None:
                reason = judgement.reason if judgement and judgement.reason else "no entry was retrieved"
                removed.append(Removed(sentence, reason))
                continue
            citations.append(_citation(len(citations) + 1, entry, sentence))
            kept.append(Sentence(sentence, (len(citations),), round(judgement.support, 3)))
            subject = sentence
        found = tuple(entry.id for entry in entries)
        if not kept:
            reason = "Nothing that the language model wrote is supported by the catalogue."
            return Draft("", (), (), 0.0, began, reason, found, removed=tuple(removed))
        written = " ".join(f"{escape(sentence.text)} [{sentence.citations[0]}]" for sentence in kept)
        return Draft(written, tuple(kept), tuple(citations), 1.0, began, found=found, removed=tuple(removed))

    def _best(
        self, sentence: str, entries: Sequence[AnyEntry], subject: str
    ) -> tuple[AnyEntry | None, Judgement | None]:
        """The entry that supports a sentence best, with the judgement."""
        claims = [Claim(sentence, (*entry.texts().values(), entry.date or ""), subject) for entry in entries]
        judged = zip(entries, self._verifier.judge(claims), strict=True) if claims else ()
        return max(judged, key=lambda pair: pair[1].support, default=(None, None))


def _citation(number: int, entry: AnyEntry, sentence: str) -> Citation:
    """A citation of the sentence of an entry that shares the most words with a sentence of the model."""
    words = set(terms(sentence))
    spans = [
        (field, start, end)
        for field, text in entry.texts().items()
        if field != "title"
        for start, end in sentences.split(text)
    ] or [("title", 0, len(entry.title))]
    texts = entry.texts()

    def shared(span: tuple[str, int, int]) -> float:
        field, start, end = span
        held = set(terms(texts[field][start:end]))
        return len(held & words) / (1 + len(held | words))

    field, start, end = max(spans, key=shared)
    source = getattr(entry, "source", None)
    quote = texts[field][start:end]
    return Citation(number, entry.id, entry.kind, entry.title, entry.date, source, entry.url, field, quote, start, end)
