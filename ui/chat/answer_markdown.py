"""Writes an answer as Markdown, for the button that copies it."""

import re

from assistant.answer import Answer, Citation
from ui.html import safe_url

from .brief_text import heading_before
from .layout import Block, after, blocks, runs

_MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]<])")


def markdown(answer: Answer, *, shown: int | None = None) -> str:
    """An answer as Markdown to copy: its sentences with markers such as [1], then the numbered references."""
    count = len(answer.sentences) if shown is None else shown
    if count == 0:
        return _literal(answer.text or answer.reason or "")
    parts: list[str] = []
    for run in runs(blocks(answer, count)):
        heading = heading_before(answer.brief, run[0].sentences[0])
        parts += [f"### {_literal(heading)}"] if heading else []
        parts += [_literal(run[0].before)] if run[0].before and answer.brief is None else []
        parts.append("\n".join(map(_block, run)))
    last = after(answer) if count >= len(answer.sentences) and answer.brief is None else ""
    parts += [_literal(last)] if last else []
    used = {number for sentence in answer.sentences[:count] for number in sentence.citations}
    references = [_reference(citation) for citation in answer.citations if citation.number in used]
    return "\n\n".join([*parts, *(["  \n".join(references)] if references else [])])


def _block(block: Block) -> str:
    line = " ".join(
        _literal(sentence.text) + "".join(f" [{number}]" for number in sentence.citations)
        for sentence in block.sentences
    )
    return f"- {line}" if block.item else line


def _reference(citation: Citation) -> str:
    parts = [_literal(citation.title)]
    if citation.source:
        parts.append(_literal(citation.source))
    if citation.date:
        parts.append(_literal(citation.date))
    address = safe_url(citation.url)
    return f"[{citation.number}] " + ", ".join(parts) + (f". <{address}>" if address else "")


def _literal(words: str) -> str:
    return _MARKDOWN_SIGNS.sub(r"\\\1", " ".join(words.split()))
