"""Prepare XML and HTML for parsing: find the root element, and limit entities and nesting that exhaust memory."""

import re
from collections.abc import Callable

_PROLOGUE = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->)", re.DOTALL)
_DOCTYPE = re.compile(r"\s*<!DOCTYPE\b[^\[>]*(?P<subset>\[)?", re.IGNORECASE)
_SUBSET_END = re.compile(r"\]\s*>")
_ROOT = re.compile(r"\s*<(?:(?P<prefix>[\w.-]+):)?(?P<name>[A-Za-z_][\w.-]*)")
_DECLARATION = re.compile(r"""\s*<\?xml\b[^>]{0,300}\?>""")
_ENTITY = re.compile(
    r"""<!ENTITY\s++(?P<parameter>%\s++)?(?P<name>[^\s"'<>%&;]{1,200}+)\s++"""
    r"""(?:"(?P<double>[^"]*+)"[^<>]*+>|'(?P<single>[^']*+)'[^<>]*+>|(?:SYSTEM|PUBLIC)\b[^>]*+>)""",
    re.IGNORECASE,
)
_HARMLESS = re.compile(r"(?:[^&<%]|&#?\w{1,8};){0,40}")
_MOST_EXPANDED = 1_000_000  # maximum length of all expanded entities of a document, in characters
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(r"&([^\s&;<>#]{1,200});")


_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][\w:.-]*+)[^<>]*?(?P<empty>/?)>")
_CDATA = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_BREAKS = re.compile(r"(?:<br>\s*+){2,}+")
_VOID = set("br hr img input p li td th tr dt dd option link meta base source col area wbr title script style".split())
_DEEPEST_XML = 2_000
_DEEPEST_HTML = 250  # real pages do not nest deeper, and the time to parse a page grows with its depth
_KEPT = {"p", "script", "style", "title", "meta", "link", "base", "html", "head", "body", "time"}


def tame(html: str) -> str:
    """Return HTML that is safe to parse: no unclosed tags or comments, and limited nesting."""
    last = html.rfind(">") + 1
    html = html[:last] + html[last:].replace("<", " ")
    for opening, closing in (("<!--", "-->"), ("<![", "]>"), ("<?", ">")):
        last = html.rfind(closing) + 1
        if opening in html[last:]:
            html = html[:last] + html[last:].replace(opening, " ")
    if _depth(html, _DEEPEST_HTML) is None:
        return html
    flat = _TAG.sub(lambda tag: tag[0] if tag["name"].lower() in _KEPT else "<br>", html)
    return _BREAKS.sub("<br>", flat)


def shallow(text: str, report: Callable[[str], None]) -> str:
    """Return the XML up to the point where it nests deeper than any real feed."""
    # Sections that begin after the last "]]>" have no end; searching for one would take quadratic time.
    last = text.rfind("]]>") + 3 if "]]>" in text else 0
    bare = _CDATA.sub(lambda part: " " * len(part[0]), text[:last]) + text[last:]
    place = _depth(bare, _DEEPEST_XML)
    if place is None:
        return text
    report(f"it nests more than {_DEEPEST_XML:,} deep, and is read up to there")
    return text[:place]


def _depth(text: str, most: int) -> int | None:
    """Return the position where the text nests deeper than `most`; None if it does not."""
    depth = 0
    for tag in _TAG.finditer(text):
        if tag["empty"] or tag["name"].lower() in _VOID:
            continue
        depth = max(depth - 1, 0) if tag["end"] else depth + 1
        if depth > most:
            return tag.start()
    return None


def root(text: str) -> str:
    """Return the lower-case name of the root element, without its prefix; empty if none is near the beginning."""
    head, place = text[:1_000_000].removeprefix("\ufeff"), 0
    while match := _PROLOGUE.match(head, place):
        place = match.end()
    if match := _DOCTYPE.match(head, place):
        place = match.end()
        if match["subset"]:
            end = _SUBSET_END.search(head, place)
            place = end.end() if end else place
        else:
            place = max(head.find(">", place) + 1, place)
    while match := _PROLOGUE.match(head, place):
        place = match.end()
    match = _ROOT.match(head, place)
    return match["name"].lower() if match else ""


def harmless(text: str, report: Callable[[str], None]) -> str:
    """Remove the XML declaration, characters invalid in XML, and entities that are nested, external or too long."""
    text = _CONTROL.sub("", _DECLARATION.sub("", text.removeprefix("\ufeff"), count=1))
    if "<!entity" not in text[:1_000_000].lower():
        return text
    dropped: set[str] = set()
    kept: dict[str, int] = {}

    def keep(match: re.Match[str]) -> str:
        value = match["double"] if match["double"] is not None else match["single"]
        short = value is not None and _HARMLESS.fullmatch(value) is not None
        if short and not match["parameter"] and not _REFERENCE.search(value or ""):
            kept[match["name"]] = len(value or "")
            return match[0]
        dropped.add(match["name"])
        return ""

    text = _ENTITY.sub(keep, text)
    if sum(kept.get(match[1], 0) for match in _REFERENCE.finditer(text)) > _MOST_EXPANDED:
        dropped.update(kept)
        text = _ENTITY.sub("", text)
    if not dropped:
        return text
    report(f"the entities {', '.join(sorted(dropped))[:100]} were not expanded: they refer to others, or grow too long")
    return _REFERENCE.sub(lambda match: "" if match[1] in dropped else match[0], text)
