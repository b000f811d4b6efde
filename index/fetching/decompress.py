"""Decompress response bodies piece by piece, so that a size limit can stop a decompression bomb."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

ACCEPTED = "gzip, deflate"
"""The compression methods that requests accept; servers must not use any other, such as Brotli."""
_GZIP, _DEFLATE_RAW, _DEFLATE = zlib.MAX_WBITS | 16, -zlib.MAX_WBITS, zlib.MAX_WBITS
_PIECE = 65_536


class UnpackError(ValueError):
    """The body is damaged, or it is compressed with a method that the request did not accept."""


def unpacked(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield the decompressed body in pieces of at most 64 KiB; an uncompressed body is yielded as received.

    Raises:
        UnpackError: the encoding is not accepted, or the data is damaged or truncated.
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
                # Many servers send deflate data without the zlib header that the standard requires.
                kind = (_DEFLATE if left[0] & 0x0F == 8 else _DEFLATE_RAW) if deflate else _GZIP
                machine = zlib.decompressobj(kind)
            yield machine.decompress(left, _PIECE)
            left = machine.unconsumed_tail
            if machine.eof:
                # A gzip body may have several members; other data after a member is padding.
                left = machine.unused_data if not deflate and machine.unused_data[:1] == b"\x1f" else b""
                if not left:
                    return
                machine = None
    if machine is not None:
        yield from iter(lambda: machine.decompress(b"", _PIECE), b"")
        if not machine.eof:
            raise UnpackError("it is packed and breaks off before its end")
