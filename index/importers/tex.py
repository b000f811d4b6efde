"""TeX as plain text: accents, symbols and maths that keep their meaning; what cannot be written so stays as TeX.

pylatexenc parses the TeX and knows the symbols. How fractions, roots, scripts and arrays are written on one line is
decided here: `10^{-4}` is `10^-4`, `\\frac{a+b}{2}` is `(a+b)/2`, `\\sqrt{2}` is `√2`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pylatexenc import latex2text, latexwalker, macrospec

from . import texsymbols as symbols

LONGEST = 20_000
"""Characters of one formula; a longer one stays as it is."""
DEEPEST = 60
"""Levels of braces that are read; what nests deeper stays as TeX."""

# Signs of our own, from a range that no text uses, which the last step turns into spaces and brackets.
_FRACTION, _FRACTION_END, _END, _RELATION, _FUNCTION, _START = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004", "\ue005"
LESS, GREATER = "\ue006", "\ue007"
"""`<` and `>` that TeX wrote, which are no HTML."""
_OWN = re.compile("[\ue000-\ue00f]")
_FRACTIONS = re.compile(f"{_FRACTION}([^{_FRACTION}{_FRACTION_END}]*){_FRACTION_END}")
_RELATIONS = re.compile(rf" *{_RELATION}([^{_RELATION}]+){_RELATION} *")
_FUNCTIONS = re.compile(rf" *{_FUNCTION}([^{_FUNCTION}]+){_FUNCTION} *")
_ATOM = re.compile(r"(?:\d[\d.,]*%?|[√∂]?[^\W\d_][\u0300-\u036f′']*|[^\W\d_]+\([^()]*\)|∞|\|[^|]*\|)(?:[_^](?:[+-]?\d+|\w))*")
_PRODUCT = re.compile(r"[\w.√]+")
_SIMPLE_SCRIPT = re.compile(r"[+\-−±]?\d+(?:[.,]\d+)?%?|-?[^\W\d_]+|[^\w\s(){}\[\]]|[^\W\d_][\u0300-\u036f]")
_ORDINALS = {"st", "nd", "rd", "th", "®", "™", "©"}
_BRACED = re.compile(r"[{}]")
_ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}
_DB = latex2text.get_default_latex_context_db()


class _UnreadableError(Exception):
    """Something that cannot be written on one line of plain text."""


def _walker_context() -> Any:
    context = latexwalker.get_default_latex_context_db()
    macros = [macrospec.std_macro(name, pattern) for name, pattern in symbols.ARGUMENTS.items()]
    context.add_context_category("almanac", macros=macros, prepend=True)
    return context


_CONTEXT = _walker_context()


def formula(tex: str) -> str | None:
    """A formula without its `$` on one line; None where it cannot be written so."""
    if len(tex) > LONGEST or _depth(tex) > DEEPEST:
        return None
    try:
        found = _settled(_finished(_maths(_parsed(_OWN.sub("", tex), maths=True))))
    except (_UnreadableError, latexwalker.LatexWalkerError, RecursionError, IndexError):
        return None
    return found.replace(LESS, "<").replace(GREATER, ">").strip() or None


def to_text(tex: str) -> str:
    """A field of TeX as text; `<` and `>` of maths and commands are `LESS` and `GREATER`."""
    tex = _OWN.sub("", tex)
    if _depth(tex) > DEEPEST:
        return _BRACED.sub("", tex)
    try:
        return _settled(_running(_parsed(tex, maths=False)))
    except (latexwalker.LatexWalkerError, RecursionError, IndexError):
        return tex


def _depth(tex: str) -> int:
    """How deep the braces nest, `\\begin` and `\\left` counted as braces."""
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


def _settled(text: str) -> str:
    """The spaces that keep a script or a fraction apart from what touches it."""
    text = re.sub(rf"(?<=\w){_START}", " ", text)
    return _OWN_MARKS.sub("", re.sub(rf"{_END}(?=\w)", " ", text))


_OWN_MARKS = re.compile("[\ue000-\ue005]")


# Running text


def _running(nodes: Iterable[Any]) -> str:
    """Text outside of maths; a command that is not known stays as it is, with the groups after it."""
    written: list[str] = []
    unknown = False
    for node in nodes:
        if unknown and isinstance(node, latexwalker.LatexGroupNode):
            written.append(node.latex_verbatim())
            continue
        unknown = False
        if isinstance(node, latexwalker.LatexMacroNode):
            found = _command(node)
            unknown = found is None
            written.append(node.latex_verbatim() if found is None else found)
        else:
            written.append(_piece(node))
    return "".join(written)


def _piece(node: Any) -> str:
    if isinstance(node, latexwalker.LatexCharsNode):
        return str(node.chars)
    if isinstance(node, latexwalker.LatexGroupNode):
        return _running(node.nodelist)
    if isinstance(node, latexwalker.LatexMathNode):
        try:
            return _bracketed(_finished(_maths(node.nodelist)))
        except _UnreadableError:
            return _bracketed(node.latex_verbatim())
    if isinstance(node, latexwalker.LatexSpecialsNode):
        return symbols.SPECIALS.get(node.specials_chars, node.specials_chars)
    if isinstance(node, latexwalker.LatexEnvironmentNode):
        if node.environmentname.rstrip("*") in symbols.TEXT_ENVIRONMENTS:
            return f"\n\n{_running(node.nodelist)}\n\n"
        try:
            return _bracketed(_finished(_environment(node)))
        except _UnreadableError:
            return _bracketed(node.latex_verbatim())
    return str(node.latex_verbatim())


def _bracketed(text: str) -> str:
    return text.replace("<", LESS).replace(">", GREATER)


def _command(node: Any) -> str | None:
    """What a command of running text stands for; None where it is not known."""
    name, arguments = node.macroname, _arguments(node)
    if name in symbols.TEXT:
        return symbols.TEXT[name]
    if name in symbols.PLAIN:
        return _running(arguments[-1:]) if arguments else ""
    if name in {"textsuperscript", "textsubscript"} and arguments:
        return _script("^" if name == "textsuperscript" else "_", _running(arguments))
    if name == "enquote" and arguments:
        return f"“{_running(arguments)}”"
    if name == "href" and len(arguments) > 1:
        return _running(arguments[1:])
    if name in {"ensuremath", "nicefrac", "sfrac"}:
        try:
            return _bracketed(_finished(_macro(node)))
        except _UnreadableError:
            return None
    return _accented(node) or _symbol(node)


def _arguments(node: Any) -> list[Any]:
    found = node.nodeargd.argnlist if node.nodeargd is not None else ()
    return [argument for argument in found or () if argument is not None]


def _symbol(node: Any) -> str | None:
    if node.macroname in symbols.SYMBOLS:
        return symbols.SYMBOLS[node.macroname]
    spec = _DB.get_macro_spec(node.macroname)
    written = getattr(spec, "simplify_repl", None)
    if isinstance(written, str) and "%" not in written and written.strip() and not _arguments(node):
        return written if not written.isalpha() or not written.isascii() else written + " "
    return None


def _accented(node: Any) -> str | None:
    """A letter with its accent; None where the command is no accent, or stands over more than one letter."""
    name = symbols.WIDE.get(node.macroname, node.macroname)
    if name not in symbols.ACCENTS or len(_arguments(node)) != 1:
        return None
    base = _running(_arguments(node)).strip()
    base = {"ı": "i", "ȷ": "j"}.get(base, base)
    if not base and name in "^~":
        return name
    if len(base) != 1:
        return None
    return unicodedata.normalize("NFC", base + symbols.ACCENTS[name])


# Maths


def _maths(nodes: Iterable[Any]) -> str:
    """Nodes of a formula, with marks where `_finished` puts spaces and brackets."""
    written: list[str] = []
    items = _items(nodes)
    for item in items:
        if isinstance(item, str):
            written.append(_script(item, _argument(items)) if item in {"^", "_"} else item)
        elif isinstance(item, latexwalker.LatexMacroNode) and item.macroname == "not":
            given = _arguments(item)
            negated = _finished(_maths(given)) if given else _argument(items)
            if len(negated) != 1:
                raise _UnreadableError
            written.append(_relation(unicodedata.normalize("NFC", negated + "\u0338")))
        else:
            written.append(_node(item))
    return "".join(written)


def _argument(items: Iterator[Any]) -> str:
    """What the next item stands for; spaces before it do not count."""
    item = next((item for item in items if not isinstance(item, str) or item != " "), None)
    if item is None or (isinstance(item, str) and item in {"^", "_"}):
        raise _UnreadableError
    return item if isinstance(item, str) else _finished(_maths([item]))


def _items(nodes: Iterable[Any]) -> Iterator[Any]:
    """Single characters, and nodes of every other kind."""
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif isinstance(node, latexwalker.LatexCharsNode):
            yield from re.sub(r"\s+", " ", node.chars)
        elif not isinstance(node, latexwalker.LatexCommentNode):
            yield node


def _node(node: Any) -> str:
    if isinstance(node, latexwalker.LatexGroupNode):
        return _finished(_maths(node.nodelist), opening=node.delimiters[0] != "{")
    if isinstance(node, latexwalker.LatexMathNode):
        return _maths(node.nodelist)
    if isinstance(node, latexwalker.LatexMacroNode):
        return _macro(node)
    if isinstance(node, latexwalker.LatexSpecialsNode):
        return symbols.MATHS_SPECIALS.get(node.specials_chars, node.specials_chars)
    if isinstance(node, latexwalker.LatexEnvironmentNode):
        return _environment(node)
    raise _UnreadableError


def _macro(node: Any) -> str:
    name, arguments = node.macroname, _arguments(node)
    if name in symbols.NOTHING:
        return ""
    if name in symbols.SPACES:
        return " "
    if name in symbols.FRACTIONS and len(arguments) >= 2:
        return _fraction(*(_finished(_maths([part])) for part in arguments[-2:]))
    if name == "sqrt" and arguments:
        return _root(arguments)
    if name in symbols.WORDS and arguments:
        return _running(arguments[-1:])
    if name in symbols.OPERATORS and arguments:
        return f"{_FUNCTION}{_finished(_maths(arguments[-1:]))}{_FUNCTION}"
    if name in symbols.LETTERS and arguments:
        return _letters(symbols.LETTERS[name], _finished(_maths(arguments[-1:])))
    if name in symbols.PLAIN and arguments:
        return _finished(_maths(arguments[-1:]))
    if (accented := _accented(node)) is not None:
        return accented
    written = _symbol(node)
    if written is None:
        raise _UnreadableError
    written = written.strip()
    if name in symbols.NAMED or (written.isalpha() and written.isascii() and len(written) > 1):
        return f"{_FUNCTION}{written}{_FUNCTION}"
    return _relation(written) if name in symbols.RELATIONS else written


def _relation(sign: str) -> str:
    return f"{_RELATION}{sign}{_RELATION}"


def _fraction(upper: str, lower: str) -> str:
    if not upper or not lower:
        raise _UnreadableError
    upper, lower = upper.rstrip(_END), lower.rstrip(_END)
    above = upper if _ATOM.fullmatch(upper) or _PRODUCT.fullmatch(upper) else f"({upper})"
    below = lower if _ATOM.fullmatch(lower) else f"({lower})"
    return f"{_FRACTION}{above}/{below}{_FRACTION_END}"


def _root(arguments: Sequence[Any]) -> str:
    order = _finished(_maths(arguments[:-1])).strip("[]") if len(arguments) > 1 else ""
    inner = _finished(_maths(arguments[-1:]))
    if order not in _ROOTS or not inner:
        raise _UnreadableError
    simple = re.fullmatch(r"\d+(?:\.\d+)?|\w", inner)
    return f"{_ROOTS[order]}{inner}{_END}" if simple else f"{_ROOTS[order]}({inner})"


def _letters(style: str, inner: str) -> str:
    """Letters in another alphabet, where Unicode has it: `\\mathbb{R}` is ℝ; words stay plain."""
    if len(inner) != 1:
        return inner
    try:
        return unicodedata.lookup(f"{style} {'CAPITAL' if inner.isupper() else 'SMALL'} {inner.upper()}")
    except KeyError:
        pass
    kind = "DIGIT " + unicodedata.name(inner).rpartition(" ")[2] if inner.isdigit() else ""
    case = kind or f"{'CAPITAL' if inner.isupper() else 'SMALL'} {inner.upper()}"
    try:
        return unicodedata.lookup(f"MATHEMATICAL {style} {case}")
    except KeyError:
        return inner


def _script(sign: str, inner: str) -> str:
    inner = inner.strip()
    if not inner:
        return ""
    if sign == "^" and inner in _ORDINALS:
        return inner
    if sign == "^" and inner == "∘":
        return "°"
    if sign == "^" and set(inner) <= {"'", "′"}:
        return inner
    return f"{sign}{inner}{_END}" if _SIMPLE_SCRIPT.fullmatch(inner) else f"{sign}({inner})"


def _environment(node: Any) -> str:
    """Rows of an array in square brackets, parted by semicolons; equations one after the other."""
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
    lines = [between.join(cell for part in row if (cell := _finished(_maths(part))) or array) for row in rows]
    lines = [line for line in lines if line.strip(", ")]
    opening, closing = symbols.ARRAYS.get(name, ("", ""))
    return opening + "; ".join(lines) + closing


def _finished(text: str, *, opening: bool = False) -> str:
    """A formula whose marks are spaces and brackets, but for those at its end."""
    text = _FRACTIONS.sub(lambda match: _fitted(match, opening=opening), text)
    text = _FUNCTIONS.sub(_spaced, text)
    text = _RELATIONS.sub(_around, text)
    text = re.sub(r"([(\[⌊⌈⟨]) +| +([)\]⌋⌉⟩])", r"\1\2", text)
    text = re.sub(rf"{_END}(?=[\w√])", " ", text)
    return re.sub(r" {2,}", " ", text.replace(_FRACTION, "").replace(_FRACTION_END, "")).strip()


def _fitted(match: re.Match[str], *, opening: bool) -> str:
    """A fraction, in brackets where what stands beside it would be taken for a part of it."""
    before, after = match.string[: match.start()].rstrip(" " + _END), match.string[match.end() :].lstrip()
    touched = before[-1:].isalnum() or before[-1:] in {")", "]", _FRACTION_END, "/"}
    followed = after[:1].isalnum() or after[:1] in {"(", "^", "_", "/", "√", _FRACTION, "!", "∞"}
    if touched or followed:
        lead = " " if touched else ""
        return f"{lead}({match[1]})" + (" " if after[:1].isalnum() else "")
    start = _START if not before and not opening else ""
    return f"{start}{match[1]}{_END}"


def _spaced(match: re.Match[str]) -> str:
    before, after = match.string[match.start() - 1 : match.start()], match.string[match.end() : match.end() + 1]
    lead = " " if before.isalnum() or before in {")", "]", _FRACTION_END, _END} else match[0][: match[0].index(_FUNCTION)]
    tail = " " if after.isalnum() or after in {"√", _FRACTION, _FUNCTION} else ""
    return f"{lead}{match[1]}{tail}"


def _around(match: re.Match[str]) -> str:
    before, after = match.string[: match.start()].rstrip(), match.string[match.end() :]
    if not before or before[-1] in "([,;" or not after:
        return match[1]
    return f" {match[1]} "
