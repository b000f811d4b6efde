"""Formulas of TeX in running text: which dollars enclose one, and the text with each written on one line."""

import re
from collections.abc import Callable

from bs4 import BeautifulSoup

from . import tex, tex_symbols
from .markup import tame

_FORMULA = re.compile(
    r"(?<!\\)\$\$(?P<display>[^$]{1,4000})\$\$|\\\((?P<round>.{1,2000}?)\\\)|\\\[(?P<square>.{1,4000}?)\\\]"
    r"|(?P<environment>\\begin\{(?P<name>"
    + "|".join(sorted(tex_symbols.EQUATIONS))
    + r")\*?\}.{1,4000}?\\end\{(?P=name)\*?\})"
    r"|(?<![\\$])\$(?P<dollar>[^$\n]{1,1000})\$(?!\$)",
    re.DOTALL,
)
_SIGNS = re.compile(r"\\[a-zA-Z{}|]|[\^_]")
_PLAIN = re.compile(r"[\w\s()+\-*/=<>,.'|!:\[\]]{1,60}")
_WORD = re.compile(r"[^\W\d_]{4,}")
_HINT = re.compile(r"\$|\\[(\[]|\\begin")


def is_formula(inside: str, following: str, *, sure: bool = False) -> bool:
    """Whether what stands between two dollars is a formula and not text between two amounts of money.

    Args:
        inside: The characters between the dollars.
        following: The character after the second dollar, empty at the end.
        sure: Whether the text is known to be TeX, so that anything without space at its ends is a formula.
    """
    if not inside.strip() or inside != inside.strip() or following.isdigit() or inside[-1] in "/-+*,(":
        return False
    if sure or _SIGNS.search(inside):
        return True
    return _PLAIN.fullmatch(inside) is not None and _WORD.search(inside) is None


def rendered(text: str, *, written: Callable[[str], str] = str) -> str:
    """The text with its formulas on one line; what is no formula, or cannot be written so, stays as it is.

    Args:
        text: Running text.
        written: How a formula is written into a text that has an own meaning for some signs.
    """
    if not _HINT.search(text):
        return text
    parts: list[str] = []
    at = 0
    while match := _FORMULA.search(text, at):
        inside = next(match[name] for name in ("display", "round", "square", "environment", "dollar") if match[name])
        amount = match["dollar"] and not is_formula(inside, text[match.end() : match.end() + 1])
        found = None if amount else tex.formula(inside)
        if found is None:
            # An amount may stand before a formula: the search goes on after its dollar.
            end = match.start() + 1 if amount else match.end()
            parts.append(text[at:end])
        else:
            end = match.end()
            parts.append(text[at : match.start()])
            parts.append(written(apart(text[max(match.start() - 1, 0) : match.start()], found, text[end : end + 1])))
        at = end
    return "".join(parts) + text[at:]


def kept(markup: str) -> str:
    """HTML in which a formula drawn by KaTeX, MathJax or MathML is its TeX, where the page still has it."""
    if "application/x-tex" not in markup and "math/tex" not in markup:
        return markup
    soup = BeautifulSoup(tame(markup), "html.parser")
    for script in soup.select('script[type^="math/tex"]'):
        script.replace_with(f"\\({script.get_text().strip()}\\)")
    for note in soup.select('annotation[encoding="application/x-tex"]'):
        drawn = (
            note.find_parent(class_="katex") or note.find_parent(class_="mwe-math-element") or note.find_parent("math")
        )
        if drawn is not None:
            drawn.replace_with(f"\\({note.get_text().strip()}\\)")
    return str(soup)


def apart(before: str, formula: str, after: str) -> str:
    """The formula with the spaces that keep its numbers apart from what touches it."""
    lead = " " if before.isalnum() and re.match(r"\(?[\d.]+/|\w", formula) and formula[0].isdigit() else ""
    tail = " " if after.isalnum() and re.search(r"[\^_/√][^\s()]*$", formula) else ""
    return f"{lead}{formula}{tail}"
