"""Writes an answer as Markdown, for the button that copies it."""

from dataclasses import replace

from assistant.answer import Answer, Citation
from ui.export.as_text import literal
from ui.export.numbering import entry_numbers
from ui.html import safe_url

from .brief_text import heading_before
from .layout import Block, after, blocks, runs


def markdown(answer: Answer) -> str:
    """An answer as Markdown to copy: its sentences with markers such as [1], then one reference for each entry."""
    count = len(answer.sentences)
    if count == 0:
        return literal(answer.text or answer.reason or "")
    numbers = entry_numbers(answer.citations)
    parts: list[str] = []
    for run in runs(blocks(answer, count)):
        heading = heading_before(answer.brief, run[0].sentences[0])
        parts += [f"### {literal(heading)}"] if heading else []
        parts += [literal(run[0].before)] if run[0].before and answer.brief is None else []
        parts.append("\n".join(_block(block, numbers) for block in run))
    last = after(answer) if answer.brief is None else ""
    parts += [literal(last)] if last else []
    used = {number for sentence in answer.sentences for number in sentence.citations}
    first: dict[str, Citation] = {}
    for citation in answer.citations:
        if citation.number in used:
            first.setdefault(citation.entry_id, replace(citation, number=numbers[citation.number]))
    return "\n\n".join([*parts, *(["  \n".join(map(_reference, first.values()))] if first else [])])


def _block(block: Block, numbers: dict[int, int]) -> str:
    line = " ".join(
        literal(sentence.text)
        + "".join(f" [{number}]" for number in dict.fromkeys(numbers[n] for n in sentence.citations if n in numbers))
        for sentence in block.sentences
    )
    return f"- {line}" if block.item else line


def _reference(citation: Citation) -> str:
    parts = [literal(citation.title)]
    if citation.source:
        parts.append(literal(citation.source))
    if citation.date:
        parts.append(literal(citation.date))
    address = safe_url(citation.url)
    return f"[{citation.number}] " + ", ".join(parts) + (f". <{address}>" if address else "")
