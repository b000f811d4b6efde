"""Writes the document of an answer as Markdown and as an HTML page that needs no other file."""

import re

from markdown_it import MarkdownIt
from markupsafe import Markup

from ui.templating import render

from .document import Document, NumberedSentence, Section

_MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]<])")
_BLOCK_START = re.compile(r"^([-+>#=~]|\d{1,9}[.)])")
"""A line that starts like this would become a list, a quotation or a heading."""
_INLINE = MarkdownIt("commonmark", {"html": False})


def as_markdown(document: Document) -> str:
    """The whole answer as Markdown: title, paragraphs with markers such as [1], and numbered sources."""
    parts = [f"# {literal(document.title)}"]
    parts += [f"Searched for: {literal(document.searched_for)}"] if document.searched_for else []
    parts += body(document.sections)
    parts += [literal(document.after)] if document.after else []
    for note in document.notes:
        parts += [f"## {note.title}", "\n".join(f"- {literal(line)}" for line in note.lines)]
    if document.references:
        listed = "\n".join(f"{reference.number}. {reference.markdown}" for reference in document.references)
        parts += ["## Sources", listed]
    parts += ["---", literal(document.origin)]
    return "\n\n".join(parts) + "\n"


def body(sections: tuple[Section, ...]) -> list[str]:
    """The paragraphs of an answer as Markdown, with their headings."""
    parts: list[str] = []
    for section in sections:
        parts += [f"### {literal(section.heading)}"] if section.heading else []
        parts += [literal(section.before)] if section.before else []
        lines = [
            ("- " if paragraph.is_item else "") + " ".join(map(_sentence, paragraph.sentences))
            for paragraph in section.paragraphs
        ]
        parts.append("\n".join(lines))
    return parts


def as_html(document: Document) -> str:
    """The whole answer as one HTML file without scripts; its markers lead to its sources."""
    sources = [(reference.number, Markup(inline_html(reference.markdown))) for reference in document.references]  # noqa: S704 -- markdown-it escapes it
    return render("export.html", document=document, sources=sources)


def inline_html(markdown: str) -> str:
    """One line of Markdown as HTML. Markup in it is escaped, and only safe addresses become links."""
    return str(_INLINE.renderInline(markdown))


def literal(words: str) -> str:
    """A text as Markdown that shows exactly these characters, on one line."""
    escaped = _MARKDOWN_SIGNS.sub(r"\\\1", " ".join(words.split()))
    return _BLOCK_START.sub(lambda start: f"{start[1][:-1]}\\{start[1][-1]}", escaped)


def _sentence(sentence: NumberedSentence) -> str:
    return literal(sentence.text) + "".join(f" [{number}]" for number in sentence.numbers)
