"""LaTeX as it stands in bibliographies, as plain text: accents are letters, commands and braces are gone."""

import codecs
import re

import latexcodec  # noqa: F401 -- registers the codec

from . import plaintext

_DECODE = codecs.getdecoder("ulatex")
_PERCENT = re.compile(r"(?<!\\)%")
_LINK = re.compile(r"\\(?:url|path|doi)\s*\{([^{}]*)\}")
_HREF = re.compile(r"\\href\s*\{[^{}]*\}")
_COMMAND = re.compile(r"\\[a-zA-Z]+\*?\s*")
_MATHS = re.compile(r"(?<!\\)\$([^$]{0,200})\$")


def to_text(value: str) -> str:
    """One field as a reader would see it in print."""
    if not value.isascii() or any(sign in value for sign in "\\{}~$%&"):
        value = _HREF.sub("", _LINK.sub(r"\1", value))
        try:
            value = _DECODE(_PERCENT.sub(r"\\%", value))[0]  # type: ignore[arg-type]
        except (ValueError, TypeError, LookupError):
            value = value.replace("~", " ")
        value = _COMMAND.sub("", _MATHS.sub(r"\1", value)).replace("{", "").replace("}", "")
        value = re.sub(r"\\(.)", r"\1", value)
    return plaintext.of_html(value)
