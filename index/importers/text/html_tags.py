"""Decide which angle brackets of a text are HTML tags. All others are text, as in `Option<T>` and `a<b and c>d`."""

import re
from collections.abc import Callable

_ELEMENTS = frozenset(
    "a abbr acronym address annotation annotation-xml applet area article aside audio b base basefont bdi bdo bgsound big"
    " blink blockquote body br button canvas caption center cite code col colgroup command content data datalist dd del"
    " details dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5"
    " h6 head header hgroup hr html i iframe image img input ins isindex kbd keygen label legend li link listing main map"
    " mark marquee math menu menuitem meta meter nav nobr noembed noframes noscript object ol optgroup option output p"
    " param picture plaintext portal pre progress q rb rp rt rtc ruby s samp script search section select semantics slot"
    " small source spacer span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead"
    " time title tr track tt u ul var video wbr xmp".split()
)
_LETTERS = frozenset("a b i p q s u".split())
"""Elements whose names also occur as one-letter variables or types. They count as tags only if they are closed."""
_BOOLEANS = (
    r"(?:allowfullscreen|async|autofocus|autoplay|checked|compact|contenteditable|controls|default|defer|disabled|download"
    r"|hidden|inert|ismap|itemscope|loop|multiple|muted|noshade|novalidate|nowrap|open|playsinline|readonly|required"
    r"|reversed|selected|translate|[a-z]+-[\w-]+)"
)
_LOOKS_LIKE_ATTRIBUTES = re.compile(
    rf"\s*/?|\s+[\w:@.-]+\s*=.*|(?:\s+{_BOOLEANS})+(?:\s+[\w:@.-]+\s*=.*|\s*/?)", re.IGNORECASE | re.DOTALL
)
_OPENING = re.compile(
    r"<(?:(?P<other>!--|!\[CDATA\[|!doctype\b|!\[(?:if|endif)\b|\?xml\b|\?php\b)"
    r"|(?P<end>/?)(?P<name>[a-zA-Z][\w:.-]*+)(?P<rest>(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>)?",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
_PIECES = re.compile(r"<[a-zA-Z/!?]")


def escape_non_tags(markup: str) -> str:
    """Return the markup with every `<` that does not begin an HTML tag or comment replaced by `&lt;`."""
    if _PIECES.search(markup) is None:
        return markup.replace("<", "&lt;")
    closed = set(re.findall(r"</([a-zA-Z][\w:.-]*)", markup))
    if markup.lstrip()[:2].lower() == "<p":
        closed.add(markup.lstrip()[1])  # in old pages, paragraphs have no closing tags

    def checked(match: re.Match[str]) -> str:
        return match[0] if match["other"] or _is_tag(match, closed) else "&lt;" + match[0][1:]

    return _replaced(checked, markup)


def has_html(text: str) -> bool:
    """Whether a text contains an HTML tag, comment or character reference."""
    return _REFERENCE.search(text) is not None or ("<" in text and escape_non_tags(text).find("<") >= 0)


def _replaced(checked: Callable[[re.Match[str]], str], markup: str) -> str:
    """Replace like `re.sub`, but after a `<` that is not a tag, search on from the next character: a tag may follow."""
    written: list[str] = []
    at = 0
    while (start := markup.find("<", at)) >= 0:
        match = _OPENING.match(markup, start)
        assert match is not None  # the pattern matches any `<`
        kept = checked(match)
        is_text = kept.startswith("&lt;")
        written.append(markup[at:start])
        written.append("&lt;" if is_text else kept)
        at = start + 1 if is_text else match.end()
    return "".join(written) + markup[at:]


def _is_tag(match: re.Match[str], closed: set[str]) -> bool:
    if not match["name"]:
        return False
    spelt = match["name"]
    name = spelt.lower()
    if name not in _ELEMENTS and not (spelt in closed and re.search(r"[-:]", name)):
        return False  # custom elements such as <jats:p> have a prefix or a hyphen, and are closed
    if match["end"]:
        return True
    if _LOOKS_LIKE_ATTRIBUTES.fullmatch(match["rest"]) is None:
        return False
    if match["rest"].strip():
        return True
    touches = match.start() > 0 and (
        match.string[match.start() - 1].isalnum() or match.string[match.start() - 1] == "_"
    )
    if touches and spelt not in {name, name.upper()}:
        return False  # a type in angle brackets: Option<Object>
    # A paragraph needs no closing tag; in `x<p>`, `p` is a variable.
    return name not in _LETTERS or spelt in closed or (name == "p" and not touches)
