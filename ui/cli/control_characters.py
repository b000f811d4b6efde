"""Characters that a terminal obeys or hides: taken out of text for people, escaped in JSON."""

import logging

_HIDDEN = frozenset(
    map(
        chr,
        [
            0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A),  # bidi controls: they turn text round
            0x200B, 0x2060, 0xFEFF, 0x180E, *range(0x2061, 0x2065), *range(0x206A, 0x2070),  # no width, no meaning here
            *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B),  # annotations and tags: text that nobody sees
        ],
    )
)  # fmt: skip
"""Invisible characters. The joiners U+200C and U+200D stay: Persian, Indic scripts and emoji are spelled with them."""
_SEPARATORS = "\u2028\u2029"
_CONTROLS = frozenset(map(chr, [*range(0x20), 0x7F, *range(0x80, 0xA0)]))
"""C0, DEL and C1: ESC, BEL, BS, CR and the one-byte CSI and OSC among them."""
_CLEANED = {
    **{ord(sign): "\N{REPLACEMENT CHARACTER}" for sign in _CONTROLS - {"\n", "\t"}},
    **{ord(sign): "" for sign in _HIDDEN},
    **{ord(sign): " " for sign in _SEPARATORS},
}
_ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in (_CONTROLS - {"\n"}) | _HIDDEN | set(_SEPARATORS)} | {
    point: "".join(f"\\u{unit:04x}" for unit in (0xD800 + ((point - 0x10000) >> 10), 0xDC00 + (point & 0x3FF)))
    for point in map(ord, _HIDDEN)
    if point > 0xFFFF
}


def clean(text: str) -> str:
    """Text for people, of one or more lines, without what a terminal would obey or hide."""
    return text.replace("\r\n", "\n").translate(_CLEANED)


def one_line(text: str) -> str:
    """The same on one line, so that other people's words cannot look like further lines of ours."""
    return " ".join(clean(text).split())


def escaped(written: str) -> str:
    """JSON with the same characters as escapes: its value does not change.

    Args:
        written: JSON text. Such characters can only be inside its strings; line feeds are between its lines.
    """
    return written.translate(_ESCAPED)


class CleanFormatter(logging.Formatter):
    """Log lines for people: names of files and other people's words are in them."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, cleaned; a traceback keeps its lines."""
        return clean(super().format(record))
