"""Convert TeX to plain text: accents, symbols and maths. TeX that plain text cannot represent stays unchanged.

pylatexenc parses the TeX and knows the symbols. This module and `tex_layout` write fractions, roots, scripts and arrays
on one line: ten to the minus four is `10^-4`, a fraction is `(a+b)/2`, a root is `√2`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from pylatexenc import latex2text, latexwalker, macrospec

from . import tex_layout as layout
from . import tex_symbols as symbols
from .tex_layout import GREATER, LESS, OWN

LONGEST = 20_000
"""Maximum length of one formula, in characters. A longer one stays unchanged."""
DEEPEST = 60
"""Maximum nesting of braces. TeX that nests deeper is not converted."""

_BRACED = re.compile(r"[{}]")
_ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}
_DB = latex2text.get_default_latex_context_db()


class _UnreadableError(Exception):
    """Raised for TeX that cannot be written on one line of plain text."""


def _walker_context() -> Any:
    context = latexwalker.get_default_latex_context_db()
    macros = [macrospec.std_macro(name, pattern) for name, pattern in symbols.ARGUMENTS.items()]
    context.add_context_category("almanac", macros=macros, prepend=True)
    return context


_CONTEXT = _walker_context()


@lru_cache(maxsize=4_096)  # texts repeat the same few formulas
def formula(tex: str) -> str | None:
    """Return a formula, given without its `$`, on one line of plain text; None if that is impossible."""
    if len(tex) > LONGEST or _depth(tex) > DEEPEST:
        return None
    try:
        text = layout.settled(layout.finished(_maths(_parsed(OWN.sub("", tex), maths=True))))
    except (_UnreadableError, latexwalker.LatexWalkerError, RecursionError, IndexError):
        return None
    return text.replace(LESS, "<").replace(GREATER, ">").strip() or None


def to_text(tex: str) -> str:
    """Return a TeX field as text. `<` and `>` in maths and commands become the placeholders `LESS` and `GREATER`."""
    tex = OWN.sub("", tex)
    if _depth(tex) > DEEPEST:
        return _BRACED.sub("", tex)
    try:
        return layout.settled(_running_text(_parsed(tex, maths=False)))
    except (latexwalker.LatexWalkerError, RecursionError, IndexError):
        return tex


def _depth(tex: str) -> int:
    """Return how deep the braces nest. The beginning and end of an environment count as braces."""
    deepest = depth = 0
    for match in re.finditer(r"\\(?:begin|left)\b|\\(?:end|right)\b|\\.|[{}\[\]]", tex):
        sign = match[0]
        if sign in {"{", "[", "\\begin", "\\left"}:
            depth += 1
            deepest = max(deepest, depth)
        elif sign in {"}", "]", "\\end", "\\right"}:
            depth = max(depth - 1, 0)
    return deepest


def _parsed(tex: str, *, maths: bool) -> Sequence[Any]:
    walker = latexwalker.LatexWalker(tex, latex_context=_CONTEXT, tolerant_parsing=not maths)
    state = walker.make_parsing_state(in_math_mode=maths)
    nodes: Sequence[Any] = walker.get_latex_nodes(parsing_state=state)[0]
    return nodes


def _running_text(nodes: Iterable[Any]) -> str:
    """Return the text outside of maths. An unknown command stays unchanged, including the groups after it."""
    written: list[str] = []
    unknown = False
    for node in nodes:
        if unknown and isinstance(node, latexwalker.LatexGroupNode):
            written.append(node.latex_verbatim())
            continue
        unknown = False
        if isinstance(node, latexwalker.LatexMacroNode):
            replacement = _command(node)
            unknown = replacement is None
            written.append(node.latex_verbatim() if replacement is None else replacement)
        else:
            written.append(_piece(node))
    return "".join(written)


def _piece(node: Any) -> str:
    if isinstance(node, latexwalker.LatexCharsNode):
        return str(node.chars)
    if isinstance(node, latexwalker.LatexGroupNode):
        return _running_text(node.nodelist)
    if isinstance(node, latexwalker.LatexMathNode):
        try:
            return layout.bracketed(layout.finished(_maths(node.nodelist)))
        except _UnreadableError:
            return layout.bracketed(node.latex_verbatim())
    if isinstance(node, latexwalker.LatexSpecialsNode):
        return symbols.SPECIALS.get(node.specials_chars, str(node.specials_chars))
    if isinstance(node, latexwalker.LatexEnvironmentNode):
        if node.environmentname.rstrip("*") in symbols.TEXT_ENVIRONMENTS:
            return f"\n\n{_running_text(node.nodelist)}\n\n"
        try:
            return layout.bracketed(layout.finished(_environment(node)))
        except _UnreadableError:
            return layout.bracketed(node.latex_verbatim())
    return str(node.latex_verbatim())


def _command(node: Any) -> str | None:
    """Return the text for a command in running text; None if the command is unknown."""
    name, arguments = node.macroname, _arguments(node)
    if name in symbols.TEXT:
        return symbols.TEXT[name]
    if name in symbols.BRACED and not any(isinstance(part, latexwalker.LatexGroupNode) for part in arguments):
        return None  # the \path in C:\path is not a command
    if name in symbols.PLAIN:
        return _running_text(arguments[-1:]) if arguments else ""
    if name in {"textsuperscript", "textsubscript"} and arguments:
        return layout.script("^" if name == "textsuperscript" else "_", _running_text(arguments))
    if name == "enquote" and arguments:
        return f"“{_running_text(arguments)}”"
    if name == "href" and len(arguments) > 1:
        return _running_text(arguments[1:])
    if name in {"ensuremath", "nicefrac", "sfrac"}:
        try:
            return layout.bracketed(layout.finished(_macro(node)))
        except _UnreadableError:
            return None
    return _accented(node) or _symbol(node)


def _arguments(node: Any) -> list[Any]:
    arguments = node.nodeargd.argnlist if node.nodeargd is not None else ()
    return [argument for argument in arguments or () if argument is not None]


def _symbol(node: Any) -> str | None:
    if node.macroname in symbols.SYMBOLS:
        return symbols.SYMBOLS[node.macroname]
    spec = _DB.get_macro_spec(node.macroname)
    written = getattr(spec, "simplify_repl", None)
    if isinstance(written, str) and "%" not in written and written.strip() and not _arguments(node):
        return written if not written.isalpha() or not written.isascii() else written + " "
    return None


def _accented(node: Any) -> str | None:
    """Return a letter with its accent; None if the command is not an accent or applies to several letters."""
    name = symbols.WIDE.get(node.macroname, node.macroname)
    if name not in symbols.ACCENTS or len(_arguments(node)) != 1:
        return None
    base = _running_text(_arguments(node)).strip()
    base = {"ı": "i", "ȷ": "j"}.get(base, base)
    if not base and name in "^~":
        return str(name)
    if len(base) != 1:
        return None
    return unicodedata.normalize("NFC", base + symbols.ACCENTS[name])


def _maths(nodes: Iterable[Any]) -> str:
    """Return the text of a formula, with markers where `layout.finished` will add spaces and brackets."""
    written: list[str] = []
    items = _items(nodes)
    for item in items:
        if isinstance(item, str):
            written.append(layout.script(item, _argument(items)) if item in {"^", "_"} else item)
        elif isinstance(item, latexwalker.LatexMacroNode) and item.macroname == "not":
            given = _arguments(item)
            negated = layout.finished(_maths(given)) if given else _argument(items)
            if len(negated) != 1:
                raise _UnreadableError
            written.append(layout.relation(unicodedata.normalize("NFC", negated + "\u0338")))
        else:
            written.append(_node(item))
    return "".join(written)


def _argument(items: Iterator[Any]) -> str:
    """Return the text of the next item. Spaces before it are skipped."""
    item = next((item for item in items if not isinstance(item, str) or item != " "), None)
    if item is None or (isinstance(item, str) and item in {"^", "_"}):
        raise _UnreadableError
    return item if isinstance(item, str) else layout.finished(_maths([item]))


def _items(nodes: Iterable[Any]) -> Iterator[Any]:
    """Yield single characters, and all other nodes except comments."""
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif isinstance(node, latexwalker.LatexCharsNode):
            yield from re.sub(r"\s+", " ", node.chars)
        elif not isinstance(node, latexwalker.LatexCommentNode):
            yield node


def _node(node: Any) -> str:
    if isinstance(node, latexwalker.LatexGroupNode):
        return layout.finished(_maths(node.nodelist), opening=node.delimiters[0] != "{")
    if isinstance(node, latexwalker.LatexMathNode):
        return _maths(node.nodelist)
    if isinstance(node, latexwalker.LatexMacroNode):
        return _macro(node)
    if isinstance(node, latexwalker.LatexSpecialsNode):
        return symbols.MATHS_SPECIALS.get(node.specials_chars, str(node.specials_chars))
    if isinstance(node, latexwalker.LatexEnvironmentNode):
        return _environment(node)
    raise _UnreadableError


def _macro(node: Any) -> str:
    """Return the text of a command in a formula."""
    name, arguments = node.macroname, _arguments(node)
    if name in symbols.NOTHING:
        return ""
    if name in symbols.SPACES:
        return " "
    written = _command_with_arguments(name, arguments) if arguments else None
    if written is None:
        written = _accented(node)
    if written is not None:
        return written
    written = (_symbol(node) or "").strip()
    if not written:
        raise _UnreadableError
    if name in symbols.NAMED or (written.isalpha() and written.isascii() and len(written) > 1):
        return layout.function(written)
    return layout.relation(written) if name in symbols.RELATIONS else written


def _command_with_arguments(name: str, arguments: list[Any]) -> str | None:
    """Return the text of a command with arguments; None if this module has no rule for the command."""
    if name in symbols.FRACTIONS and len(arguments) > 1:
        return _fraction(*(layout.finished(_maths([part])) for part in arguments[-2:]))
    if name == "sqrt":
        return _root(arguments)
    if name in symbols.WORDS:
        return _running_text(arguments[-1:])
    inner = arguments[-1:]
    if name in symbols.OPERATORS:
        return layout.function(layout.finished(_maths(inner)))
    if name in symbols.LETTERS:
        return layout.letters(symbols.LETTERS[name], layout.finished(_maths(inner)))
    return layout.finished(_maths(inner)) if name in symbols.PLAIN else None


def _fraction(upper: str, lower: str) -> str:
    if not upper or not lower:
        raise _UnreadableError
    return layout.fraction(upper, lower)


def _root(arguments: Sequence[Any]) -> str:
    order = layout.finished(_maths(arguments[:-1])).strip("[]") if len(arguments) > 1 else ""
    inner = layout.finished(_maths(arguments[-1:]))
    if order not in _ROOTS or not inner:
        raise _UnreadableError
    return layout.root(_ROOTS[order], inner)


def _environment(node: Any) -> str:
    """Return an array's rows in brackets, separated by semicolons, or the equations of an equation environment."""
    name = node.environmentname.rstrip("*")
    if name not in symbols.EQUATIONS and name not in symbols.ARRAYS:
        raise _UnreadableError
    rows: list[list[list[Any]]] = [[[]]]
    for inner in node.nodelist:
        if isinstance(inner, latexwalker.LatexMacroNode) and inner.macroname == "\\":
            rows.append([[]])
        elif isinstance(inner, latexwalker.LatexSpecialsNode) and inner.specials_chars == "&":
            rows[-1].append([])
        elif not isinstance(inner, latexwalker.LatexMacroNode) or inner.macroname not in {"hline", "label", "nonumber"}:
            rows[-1][-1].append(inner)
    array = name in symbols.ARRAYS
    between = ", " if array else " "
    lines = [between.join(cell for part in row if (cell := layout.finished(_maths(part))) or array) for row in rows]
    lines = [line for line in lines if line.strip(", ")]
    opening, closing = symbols.ARRAYS.get(name, ("", ""))
    return opening + "; ".join(lines) + closing
