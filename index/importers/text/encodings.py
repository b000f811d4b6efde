"""Detect the encoding of a text: first byte order marks, then UTF-8, then the declared encoding, then a guess."""

import codecs
import re
from email.message import Message

from charset_normalizer import from_bytes

BOM = codecs.BOM_UTF8
# UTF-32 first: its little-endian mark starts with the mark of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Byte patterns of ASCII characters in files without a mark (XML 1.0, appendix F). They also fit JSON and text.
_SHAPES = (
    (re.compile(rb"[\x09-\x7e]\0\0\0[\x09-\x7e]\0\0\0", re.DOTALL), "utf-32-le"),
    (re.compile(rb"\0\0\0[\x09-\x7e]\0\0\0[\x09-\x7e]", re.DOTALL), "utf-32-be"),
    (re.compile(rb"(?:[\x09-\x7e]\0){4}", re.DOTALL), "utf-16-le"),
    (re.compile(rb"(?:\0[\x09-\x7e]){4}", re.DOTALL), "utf-16-be"),
)
_EBCDIC = b"\x4c\x6f\xa7\x94"  # "<?xm"
_XML = re.compile(rb"\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_META = re.compile(rb"<meta\b[^>]{0,300}?\bcharset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_HEAD = 4_096
_SAMPLE = 16_384
_LIKELY = "cp1250 cp1251 cp1252 cp1253 cp1255 cp1256 koi8_r shift_jis euc_jp gb18030 big5 euc_kr".split()
_WIDE = {"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7"}
_STRAY = "almanac.windows-1252"


def _stray(error: UnicodeError) -> tuple[str, int]:
    """Decode bytes that are not UTF-8 as windows-1252, in a text that is otherwise UTF-8."""
    assert isinstance(error, UnicodeDecodeError)  # the handler is only used for decoding
    return error.object[error.start : error.end].decode("windows-1252", errors="replace"), error.end


codecs.register_error(_STRAY, _stray)


def to_utf8(data: bytes) -> bytes:
    """Convert UTF-16, UTF-32 and EBCDIC to UTF-8, with or without a mark. Other data is returned unchanged.

    Raises:
        UnicodeError: If a mark says UTF-16 or UTF-32 and the bytes are invalid.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name).encode("utf-8")
    for shape, name in _SHAPES:
        if shape.match(data):
            try:
                return data.decode(name).encode("utf-8")
            except UnicodeError:
                return data
    if data.startswith(_EBCDIC):
        # EBCDIC line ends are decoded as the control character NEL.
        return data.decode("cp037").replace("\x85", "\n").encode("utf-8")
    return data


def of_media_type(media_type: str | None) -> str | None:
    """Return the charset of a media type such as `text/html; charset=iso-8859-1`; None if it names none."""
    if not media_type:
        return None
    header = Message()
    header["Content-Type"] = media_type
    charset = header.get_content_charset()
    return charset if isinstance(charset, str) else None


def decode(data: bytes, *, charset: str | None = None, declared: bool = False) -> tuple[str, str | None, int]:
    """Return the text, a note or None, and the position of the first byte that is not UTF-8, or 0.

    The note says that the encoding was guessed or that some bytes are invalid in it.

    Args:
        data: The bytes of the text, without UTF-16 or UTF-32 marks.
        charset: The encoding named by the server.
        declared: Whether the text may be XML or HTML, which can declare their encoding.
    """
    if data.startswith(BOM):
        data = data[len(BOM) :]
        charset, declared = None, False
    own = _declared(data) if declared else None
    try:
        plain = data.decode("utf-8")
    except UnicodeDecodeError as error:
        start = error.start
    else:
        return _escaped(plain, charset or own), None, 0
    for name in (charset, own):
        text = _tried(data, name)
        if text is not None:
            return text, None, 0
    text = _tried(data, "windows-1252")
    named = charset or own
    if text is not None and named is None:
        text, name = _guessed(data, text)
        return text, f"not UTF-8, so the file was read as {name}", start
    kept = data.decode("utf-8", errors=_STRAY)
    return kept, f"not {named or 'UTF-8'} throughout; what is not was read as windows-1252", start


def _declared(data: bytes) -> str | None:
    match = _XML.match(data) or _META.search(data[:_HEAD])
    return match[1].decode("ascii").lower() if match else None


def _tried(data: bytes, name: str | None) -> str | None:
    """Return the text in the named encoding; None if the encoding is unknown or the bytes are invalid in it."""
    if name is None:
        return None
    # Like browsers, read Latin-1 as windows-1252: the two differ only in control characters.
    spelt = "windows-1252" if name.lower() in {"iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"} else name
    try:
        codec = codecs.lookup(spelt).name
        if codec in _WIDE:
            return None
        text = data.decode(codec)
    except (LookupError, UnicodeError, ValueError):
        return None
    # Codecs such as hex and rot13 do not decode to text.
    return text if isinstance(text, str) else None


def _escaped(text: str, named: str | None) -> str:
    """Decode the escape sequences of ISO-2022, which encode other alphabets in ASCII bytes."""
    if named and "2022" in named and "\x1b" in text:
        return _tried(text.encode("utf-8"), named) or text
    return text


def _guessed(data: bytes, western: str) -> tuple[str, str]:
    """Return the text and the guessed encoding: windows-1252, unless the text is probably in another alphabet."""
    latin = sum(1 for sign in western if "\u00c0" <= sign <= "\u024f")
    # If a fifth of the letters would be accented, the text is probably in another alphabet.
    if latin * 5 < sum(1 for sign in western if sign.isalpha()):
        return western, "windows-1252"
    best = from_bytes(data[:_SAMPLE], cp_isolation=_LIKELY).best()
    other = _tried(data, best.encoding) if best is not None else None
    if best is None or other is None:
        return western, "windows-1252"
    return other, best.encoding.replace("_", "-")
