"""Convert Markdown to HTML, including extensions of Obsidian, Hugo, Jekyll and others.

The extensions are wiki links, highlights, comments, footnotes and admonitions. Comments and other hidden parts are
removed first, so that they are never published. Code is set aside before that and stays unchanged.
"""

import re
from collections.abc import Callable, Iterator

from markdown_it import MarkdownIt

from . import formulas, markdown_code, spans

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
_SET_ASIDE = re.compile("\ue015(\\d+)\ue016")
_OWN = re.compile("[\ue000-\ue01f]")
MORE = re.compile(r"<!--\s*(?:more|excerpt)\s*-->", re.IGNORECASE)
_HIDDEN = re.compile(
    r"(?<![\d%])%%[ \t]*+\n.*?(?:%%|\Z)|(?:(?<![ \t])[ \t]++)?+(?<![\d%])%%(?!%)(?:(?!%%).){1,20000}%%(?=[\s.,;:!?)]|\Z)"
    r"|(?<![\d%])%%(?!%)(?:(?!%%).){1,20000}%%"
    r"|\{%-?\s*comment\b[^%]{0,200}%\}.*?(?:\{%-?\s*endcomment\s*-?%\}|\Z)"
    r"|\{\{[<%]\s*comment\b[^<>%]{0,200}[>%]\}\}.*?(?:\{\{[<%]\s*/\s*comment\s*[>%]\}\}|\Z)"
    r"|\{\{-?/\*.*?(?:\*/-?\}\}|\Z)|(?P<opening>\{#)",
    re.DOTALL | re.MULTILINE,
)
_MAX_HIDDEN = 2_000
"""Maximum length of a comment between `{#` and `#}`, in characters."""
_without_shortcodes = spans.remover(
    [
        spans.Span("{{<", ("%}}", ">}}"), 2_000),
        spans.Span("{{%", ("%}}", ">}}"), 2_000),
        spans.Span("{%", ("%}",), 2_000),
        spans.Span("{{", ("}}",), 500),
        spans.Span("{:", ("}",), 200, barred=("{", "\n")),
    ]
)
_EMBED = re.compile(r"(?:(?<![ \t])[ \t]++)?+!\[\[[^\[\]\n]{1,500}\]\]")
_WIKI_LINK = re.compile(r"\[\[(?P<to>[^\[\]|\n]{1,300}?)(?:\\?\|(?P<label>[^\[\]\n]{1,300}))?\]\](?!\()")
_BLOCK_ID = re.compile(r"^[ \t]*+\^[A-Za-z0-9-]++[ \t]*+$|(?<![ \t])[ \t]++\^[A-Za-z0-9-]{4,60}+[ \t]*+$", re.MULTILINE)
_MARK = re.compile(r"(?<![=\w])==(?=[^\s=])([^=\n]{1,500}?)(?<=[^\s=])==(?![=\w])")
_NOTE_MARK = re.compile(r"(?<!\\)\[\^[^\[\]\s]{1,100}\](?!:)")
_INLINE_NOTE = re.compile(r"\^\[([^\[\]\n]{1,1000})\]")
_NOTE = re.compile(r"[ ]{0,3}\[\^[^\[\]\n]{1,100}\]:[ \t]*(?P<text>.*)")
_BOX = re.compile(r'[ ]{0,3}(?:!!!|\?\?\?\+?|===)[ \t]++[ \t\w-]*+(?:"(?P<title>[^"]*+)"[ \t]*+)?')
_CALLOUT = re.compile(
    r"^(?P<quote>[ \t]*+(?:>[ \t]*+)++)\[![\w-]+(?:\|[^\]\n]*)?\][+-]?[ \t]*(?P<title>.*)$", re.MULTILINE
)
_FENCED_BOX = re.compile(
    r"^[ \t]{0,3}+:{3,}+[ \t]*+(?:\{[^{}\n]*+\}|[\w-]++)?+(?:\[(?P<label>[^\[\]\n]*+)\])?+"
    r"(?P<title>[^\n{]*+)(?P<attributes>\{[^{}\n]*+\}:*+[ \t]*+)?+$",
    re.MULTILINE,
)
_TASK = re.compile(r"^(?P<item>[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+)\[(?P<state>[ xX])\][ \t]+", re.MULTILINE)
_MARKS_OF_MARKDOWN = re.compile(r"([\\`*_\[\]<>|&~])")


def to_html(text: str) -> str:
    """Return the HTML of a Markdown text. Hidden parts are removed; footnotes and admonitions become paragraphs."""
    return str(_MARKDOWN.render(cleaned(text)))


def line_to_html(text: str) -> str:
    """Return the HTML of one line of Markdown, such as a title. A number or bullet at its start begins no list."""
    return str(_MARKDOWN.renderInline(cleaned(text)))


def cleaned(text: str) -> str:
    """Return the Markdown without program-specific syntax, and with each formula on one line."""
    bare, code = _without_code(_OWN.sub("", text))
    bare = _without_hidden(_without_comments(bare))
    bare = _escaped_formulas(bare)
    for change in (_without_shortcodes, _without_obsidian, _without_boxes, _without_notes):
        bare = change(bare)
    return _SET_ASIDE.sub(lambda match: code[int(match[1])].lstrip(" \t>") if int(match[1]) < len(code) else "", bare)


def _without_code(text: str) -> tuple[str, list[str]]:
    """Return the text with a numbered placeholder for each piece of code, and these pieces."""
    parts: list[str] = []
    code: list[str] = []
    at = 0
    for piece in markdown_code.code_in(text):
        parts += (text[at : piece.start], f"{piece.indent}\ue015{len(code)}\ue016")
        code.append(text[piece.start : piece.end])
        at = piece.end
    return "".join(parts) + text[at:], code


def _without_hidden(text: str) -> str:
    """Remove the comments of Obsidian, Liquid, Hugo and Jinja."""
    signs = spans.ClosingSigns(text)
    parts: list[str] = []
    done = at = 0
    while match := _HIDDEN.search(text, at):
        end = match.end()
        if match["opening"]:
            comment = signs.end(("#}",), end, most=_MAX_HIDDEN, least=1)
            if comment is None:
                at = match.start() + 1
                continue
            end = comment[1]
        parts.append(text[done : match.start()])
        done = at = end
    return "".join(parts) + text[done:]


def _without_comments(text: str) -> str:
    """Remove HTML comments, except the "read more" marker. A comment that begins a line may lack its end."""
    parts: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start + 4)
        line = text[text.rfind("\n", 0, start) + 1 : start]
        if end < 0 and line.strip(" \t>"):
            break  # an unclosed comment in the middle of a line is displayed as text
        parts.append(text[at:start])
        whole = text[start : end + 3] if end >= 0 else ""
        parts.append(whole if MORE.fullmatch(whole) else "")
        at = end + 3 if end >= 0 else len(text)
    return "".join(parts) + text[at:]


def _escaped_formulas(text: str) -> str:
    """Write formulas on one line, and escape their characters so that Markdown does not interpret them."""
    text = formulas.with_single_backslashes(text)
    return formulas.rendered(text, written=lambda formula: _MARKS_OF_MARKDOWN.sub(r"\\\1", formula))


def _without_obsidian(text: str) -> str:
    text = _WIKI_LINK.sub(_linked, _EMBED.sub("", text))
    text = _MARK.sub(r"\1", _BLOCK_ID.sub("", text))
    return _TASK.sub(lambda match: f"{match['item']}{'☐' if match['state'] == ' ' else '☑'} ", text)


def _linked(match: re.Match[str]) -> str:
    if match["label"]:
        return match["label"].strip()
    page, _, part = match["to"].partition("#")
    if part.startswith("^"):
        part = ""
    return " > ".join(name for name in (page.strip(), *(heading.strip() for heading in part.split("#"))) if name)


def _without_boxes(text: str) -> str:
    """Convert admonitions and callouts to paragraphs: first the title, if there is one, then the text."""

    def titled(match: re.Match[str]) -> str:
        title = match["title"].strip()
        return f"{match['quote']}{title}\n{match['quote']}" if title else match["quote"]

    def boxed(match: re.Match[str]) -> str:
        # Colons after the title belong to the fence.
        title = match["title"] if match["attributes"] else match["title"].rstrip(" \t").rstrip(":")
        title = (match["label"] or title).strip()
        return f"\n{title}\n" if title else ""

    text = _FENCED_BOX.sub(boxed, _CALLOUT.sub(titled, text))
    return "\n".join(_dedented(text.split("\n"), _BOX, lambda match: match["title"] or ""))


def _without_notes(text: str) -> str:
    """Remove the markers of footnotes. The footnotes become paragraphs where they are defined."""
    text = "\n".join(_dedented(text.split("\n"), _NOTE, lambda match: match["text"]))
    return _NOTE_MARK.sub("", _INLINE_NOTE.sub(r" (\1)", text))


def _dedented(lines: list[str], opening: re.Pattern[str], title: Callable[[re.Match[str]], str]) -> Iterator[str]:
    """Yield the lines, with the indentation removed from those under an opening line."""
    inside = False
    for line in lines:
        match = opening.fullmatch(line)
        if match is not None:
            inside = True
            yield ""
            yield title(match)
            # The text of an admonition is a separate paragraph; the text of a footnote continues on the line.
            if opening is _BOX:
                yield ""
        elif inside and (line.startswith(("    ", "\t")) or not line.strip()):
            yield line.removeprefix("    ").removeprefix("\t")
        else:
            inside = False
            yield line
