"""Removes characters that control a terminal, or that nobody sees, from printed text; escapes them in JSON.

Entries, file names and readers' notes may hold escape sequences that move the cursor, change the window title or turn
text around. All output of the command line goes through this module.
"""

import logging

_HIDDEN = frozenset(
    map(
        chr,
        [
            0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A),  # bidi controls: they change the direction of text
            0x200B, 0x2060, 0xFEFF, 0x180E, *range(0x2061, 0x2065), *range(0x206A, 0x2070),  # zero width, no meaning in a catalogue
            *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B),  # annotations, tags and the like: invisible text
        ],
    )
)  # fmt: skip
"""Invisible characters. The joiners U+200C and U+200D stay: Persian, Indic scripts and emoji need them."""
_SEPARATORS = "\u2028\u2029"
_CONTROLS = frozenset(map(chr, [*range(0x20), 0x7F, *range(0x80, 0xA0)]))
"""C0, DEL and C1. Among them are ESC, BEL, BS, CR and the one-byte forms of CSI and OSC."""
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
    """Text of one or more lines without control characters and invisible characters."""
    return text.replace("\r\n", "\n").translate(_CLEANED)


def one_line(text: str) -> str:
    """As `clean`, on one line, so that text from an entry cannot imitate another line of our output."""
    return " ".join(clean(text).split())


def escaped(written: str) -> str:
    """JSON text with these characters as escapes such as `U+001B`. Its value does not change.

    Args:
        written: JSON text. These characters can occur only inside its strings, except line feeds, which end its lines.
    """
    return written.translate(_ESCAPED)


class CleanFormatter(logging.Formatter):
    """Formats log records and cleans them: they may contain file names and text from entries."""

    def format(self, record: logging.LogRecord) -> str:
        """The cleaned log line. A traceback keeps its line breaks."""
        return clean(super().format(record))
