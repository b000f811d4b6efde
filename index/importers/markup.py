"""XML before it is parsed: its root, and a text in which no declared entity can grow."""

import re
from collections.abc import Callable

_PROLOGUE = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->)", re.DOTALL)
_DOCTYPE = re.compile(r"\s*<!DOCTYPE\b[^\[>]*(?P<subset>\[)?", re.IGNORECASE)
_SUBSET_END = re.compile(r"\]\s*>")
_ROOT = re.compile(r"\s*<(?:(?P<prefix>[\w.-]+):)?(?P<name>[A-Za-z_][\w.-]*)")
_DECLARATION = re.compile(r"""\s*<\?xml\b[^>]{0,300}\?>""")
_ENTITY = re.compile(
    r"""<!ENTITY\s+(?P<parameter>%\s+)?(?P<name>[^\s"'<>%&;]{1,200})\s+"""
    r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?:SYSTEM|PUBLIC)\b[^>]*)[^<>]*>""",
    re.IGNORECASE,
)
_HARMLESS = re.compile(r"(?:[^&<%]|&#?\w{1,8};){0,40}")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(r"&([^\s&;<>#]{1,200});")


def root(text: str) -> str:
    """The name of the first element, without prefix and in lower case; empty where none is near the beginning."""
    head, place = text[:20_000].removeprefix("\ufeff"), 0
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
    """The XML as UTF-8 says it, without characters that XML has not and entities that could grow or reach out."""
    text = _CONTROL.sub("", _DECLARATION.sub("", text.removeprefix("\ufeff"), count=1))
    if "<!entity" not in text[:1_000_000].lower():
        return text
    dropped: set[str] = set()

    def keep(match: re.Match[str]) -> str:
        value = match["double"] if match["double"] is not None else match["single"]
        short = value is not None and _HARMLESS.fullmatch(value) is not None
        if short and not match["parameter"] and not _REFERENCE.search(value or ""):
            return match[0]
        dropped.add(match["name"])
        return ""

    text = _ENTITY.sub(keep, text)
    if not dropped:
        return text
    report(f"the entities {', '.join(sorted(dropped))[:100]} were not expanded: they refer to others, or are too long")
    return _REFERENCE.sub(lambda match: "" if match[1] in dropped else match[0], text)
