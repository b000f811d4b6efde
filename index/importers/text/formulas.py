"""TeX formulas in running text: find which dollar signs enclose one, and write each formula on one line."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bs4 import BeautifulSoup

from . import tex, tex_symbols
from .markup import tame
from .spans import ClosingSigns

_OPENING = re.compile(
    r"(?<!\\)\$\$|(?<![\\$])\$|\\\(|\\\[|\\begin\{(?P<environment>"
    + "|".join(sorted(tex_symbols.EQUATIONS))
    + r")\*?\}"
)
_MAX_INLINE = 2_000
_MAX_DISPLAY = 4_000
_MAX_BETWEEN_DOLLARS = 1_000
_SIGNS = re.compile(r"\\[a-zA-Z{}|]|[\^_]")
_PLAIN = re.compile(r"[\w\s()+\-*/=<>,.'|!:\[\]]{1,60}")
_WORD = re.compile(r"[^\W\d_]{4,}")
_DOUBLE = re.compile(r"\\\\[(\[]")
_HINT = re.compile(r"\$|\\[(\[]|\\begin")


def is_formula(inside: str, following: str, *, sure: bool = False) -> bool:
    """Whether the text between two dollar signs is a formula, rather than text between two amounts of money.

    Args:
        inside: The characters between the dollar signs.
        following: The character after the second dollar sign; empty at the end of the text.
        sure: Whether the text is known to be TeX. Then anything without space at its ends is a formula.
    """
    if not inside.strip() or inside != inside.strip() or following.isdigit() or inside[-1] in "/-+*,(":
        return False
    if sure or _SIGNS.search(inside):
        return True
    return _PLAIN.fullmatch(inside) is not None and _WORD.search(inside) is None


def rendered(text: str, *, written: Callable[[str], str] = str) -> str:
    """Return the text with its formulas on one line. Formulas that cannot be written that way stay unchanged.

    Args:
        text: Running text.
        written: Escapes a formula for a text format in which some characters have a special meaning.
    """
    if not _HINT.search(text):
        return text
    parts: list[str] = []
    at = 0
    for formula in _formulas(text):
        plain = tex.formula(formula.tex)
        if plain is not None:
            parts.append(text[at : formula.start])
            before, after = text[max(formula.start - 1, 0) : formula.start], text[formula.end : formula.end + 1]
            parts.append(written(apart(before, plain, after)))
            at = formula.end
    return "".join(parts) + text[at:]


@dataclass(frozen=True, slots=True)
class _Formula:
    """A formula in a text: the position of its first character, the position after its last character, and its TeX."""

    start: int
    end: int
    tex: str


def _formulas(text: str) -> Iterator[_Formula]:
    """Yield the formulas of a text in order, without amounts of money."""
    signs = ClosingSigns(text)
    at = 0
    while match := _OPENING.search(text, at):
        formula = _formula(text, match, signs)
        at = match.start() + 1 if formula is None else formula.end
        if formula is not None:
            yield formula


def _formula(text: str, opening: re.Match[str], signs: ClosingSigns) -> _Formula | None:
    """Return the formula that begins with this delimiter; None if it has no end or is an amount of money."""
    start, sign = opening.end(), opening[0]
    if sign == "$":
        return _between_dollars(text, start, signs)
    if name := opening["environment"]:
        closing: tuple[str, ...] = (f"\\end{{{name}}}", f"\\end{{{name}*}}")
        end = signs.end(closing, start, most=_MAX_DISPLAY, least=1)
        return _Formula(opening.start(), end[1], text[opening.start() : end[1]]) if end else None
    if sign == "$$":
        end = signs.end(("$",), start, most=_MAX_DISPLAY)
        if end is None or end[0] == start or not text.startswith("$$", end[0]):
            return None
        return _Formula(opening.start(), end[1] + 1, text[start : end[0]])
    closing, most = ((r"\)",), _MAX_INLINE) if sign == r"\(" else ((r"\]",), _MAX_DISPLAY)
    end = signs.end(closing, start, most=most, least=1)
    return _Formula(opening.start(), end[1], text[start : end[0]]) if end else None


def _between_dollars(text: str, start: int, signs: ClosingSigns) -> _Formula | None:
    end = signs.end(("$", "\n"), start, most=_MAX_BETWEEN_DOLLARS, least=0)
    if end is None or end[0] == start or text[end[0]] == "\n" or text.startswith("$", end[1]):
        return None
    inside = text[start : end[0]]
    return _Formula(start - 1, end[1], inside) if is_formula(inside, text[end[1] : end[1] + 1]) else None


def with_single_backslashes(text: str) -> str:
    r"""Return the text with `\\(` and `\\)` around formulas, as some site generators require, as `\(` and `\)`."""
    signs = ClosingSigns(text)
    parts: list[str] = []
    at = 0
    for match in _DOUBLE.finditer(text):
        end = signs.end((r"\\)", r"\\]"), match.end(), most=_MAX_INLINE, least=1)
        if match.start() >= at and end is not None:
            parts += (text[at : match.start()], match[0][1:], text[match.end() : end[0]], text[end[0] + 1 : end[1]])
            at = end[1]
    return "".join(parts) + text[at:]


def kept(markup: str) -> str:
    """Return the HTML with formulas drawn by KaTeX, MathJax or MathML replaced by their TeX, if the page has it."""
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
    """Return the formula with spaces where it would otherwise run into the characters before and after it."""
    lead = " " if before.isalnum() and re.match(r"\(?[\d.]+/|\w", formula) and formula[0].isdigit() else ""
    tail = " " if after.isalnum() and re.search(r"[\^_/√][^\s()]*$", formula) else ""
    return f"{lead}{formula}{tail}"
