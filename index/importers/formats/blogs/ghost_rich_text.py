"""Convert Lexical and Mobiledoc, the two tree formats in which Ghost stores a post's text, to HTML."""

import html
import json
from typing import Any

_DEEPEST = 100
_BLOCKS = {"paragraph": "p", "quote": "blockquote", "aside": "blockquote", "listitem": "li", "list": "ul", "table": "p"}
_CARD_TEXTS = ("html", "markdown", "text", "content", "heading", "header", "subheader", "caption", "calloutText")


def of_lexical(value: object) -> str:
    """Return the HTML of a Lexical document, given as JSON text or as a tree. Empty if it is not Lexical."""
    tree = _loaded(value)
    root = tree.get("root") if isinstance(tree, dict) else None
    return _lexical(root, 0) if isinstance(root, dict) else ""


def of_mobiledoc(value: object) -> str:
    """Return the HTML of a Mobiledoc document, given as JSON text or as a tree. Empty if it is not Mobiledoc."""
    tree = _loaded(value)
    sections = tree.get("sections") if isinstance(tree, dict) else None
    if not isinstance(tree, dict) or not isinstance(sections, list):
        return ""
    return "".join(_section(section, tree) for section in sections if isinstance(section, list) and section)


def _loaded(value: object) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _lexical(node: dict[str, Any], depth: int) -> str:
    kind = str(node.get("type") or "")
    if depth > _DEEPEST or node.get("visibility") == "members":
        return ""
    children = node.get("children")
    if isinstance(children, list):
        inside = "".join(_lexical(child, depth + 1) for child in children if isinstance(child, dict))
    elif kind in {"text", "extended-text"}:
        inside = html.escape(str(node.get("text") or ""))
    elif kind == "linebreak":
        inside = "<br>"
    else:
        inside = _card(node)
    if "heading" in kind:
        tag = node.get("tag") if node.get("tag") in {"h1", "h2", "h3", "h4", "h5", "h6"} else "h2"
        return f"<{tag}>{inside}</{tag}>"
    tag = _BLOCKS.get(kind.removeprefix("extended-"))
    return f"<{tag}>{inside}</{tag}>" if tag else inside


def _card(card: dict[str, Any]) -> str:
    """Return the HTML of a card: raw HTML, Markdown as paragraphs, and the texts of callouts, toggles and captions."""
    if card.get("type") in {"email", "email-cta", "paywall"}:
        return ""
    parts = []
    for name in _CARD_TEXTS:
        text = card.get(name)
        if isinstance(text, str) and text.strip():
            parts += [f"<p>{part}</p>" for part in text.split("\n\n")]
    return "".join(parts)


def _section(section: list[Any], tree: dict[str, Any]) -> str:
    kind = section[0]
    if kind == 1 and len(section) > 2:
        tag = section[1] if section[1] in {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"} else "p"
        return f"<{tag}>{_markers(section[2], tree)}</{tag}>"
    if kind == 3 and len(section) > 2 and isinstance(section[2], list):
        return "<ul>" + "".join(f"<li>{_markers(item, tree)}</li>" for item in section[2]) + "</ul>"
    if kind == 10 and len(section) > 1:
        card = _at(tree.get("cards"), section[1])
        if isinstance(card, list) and len(card) > 1 and isinstance(card[1], dict):
            return _card({"type": card[0]} | card[1])
    return ""


def _markers(markers: Any, tree: dict[str, Any]) -> str:
    """Return the text and the line breaks of a paragraph. Inline markup is dropped."""
    pieces = []
    for marker in markers if isinstance(markers, list) else []:
        if not isinstance(marker, list) or len(marker) < 4:
            continue
        if marker[0] == 0:
            pieces.append(html.escape(str(marker[3])))
        else:
            atom = _at(tree.get("atoms"), marker[3])
            pieces.append("<br>" if isinstance(atom, list) and atom and atom[0] == "soft-return" else "")
    return "".join(pieces)


def _at(items: Any, place: Any) -> Any:
    inside = isinstance(items, list) and isinstance(place, int) and 0 <= place < len(items)
    return items[place] if inside else None
