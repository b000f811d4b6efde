"""Bodies that come packed, unpacked piece by piece, so that a small body cannot become a large one unseen."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

ACCEPTED = "gzip, deflate"
"""What a server may pack with. Brotli and others are not asked for, so a server that sends them breaks the rule."""
_GZIP, _DEFLATE_RAW, _DEFLATE = zlib.MAX_WBITS | 16, -zlib.MAX_WBITS, zlib.MAX_WBITS
_PIECE = 65_536


class UnpackError(ValueError):
    """A body that is not packed as it says, or in a way that was not asked for."""


def unpacked(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The body in pieces of at most 64 KiB; whoever counts them can stop at any point.

    Raises:
        UnpackError: the encoding is none of `ACCEPTED`, or the bytes are damaged or break off.
    """
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        yield from pieces
    elif name in {"gzip", "x-gzip", "deflate"}:
        try:
            yield from _inflated(pieces, deflate=name == "deflate")
        except zlib.error as error:
            raise UnpackError(f"it is said to be packed with {name}, but is damaged: {error}") from error
    else:
        raise UnpackError(f"it is packed with {name[:40]!r}, which was not asked for")


def _inflated(pieces: Iterable[bytes], *, deflate: bool) -> Iterator[bytes]:
    machine: Any = None
    for piece in pieces:
        left = piece
        while left:
            if machine is None:
                # Half of the world sends deflate without the header that the standard asks for.
                kind = (_DEFLATE if left[0] & 0x0F == 8 else _DEFLATE_RAW) if deflate else _GZIP
                machine = zlib.decompressobj(kind)
            yield machine.decompress(left, _PIECE)
            left = machine.unconsumed_tail
            if machine.eof:
                # A gzip file may be several, one after the other; what else follows is padding.
                left = machine.unused_data if not deflate and machine.unused_data[:1] == b"\x1f" else b""
                if not left:
                    return
                machine = None
    if machine is not None:
        yield from iter(lambda: machine.decompress(b"", _PIECE), b"")
        if not machine.eof:
            raise UnpackError("it is packed and breaks off before its end")
