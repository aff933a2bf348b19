"""``multipart/form-data`` bodies (RFC 7578) as they arrive: the fields before a form's file, then the file's bytes.

What is held in memory is the fields, up to a limit, and one piece of the file. The delimiters of a body stand after a
line break each, the first one too unless it begins the body: a line break is put in front of it here.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from contracts.exchange import Form
from contracts.form import FormError
from contracts.multipart import boundary_of, text_of

_NAME = re.compile(r';\s*name=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))', re.IGNORECASE)
_FILENAME = re.compile(r';\s*filename=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))', re.IGNORECASE)
_LINE = b"\r\n"


class TooLong(FormError):
    """The fields before the file are longer than they may be."""

    def __init__(self, limit: int) -> None:
        super().__init__("malformed", f"has more than {limit} bytes before its file")


async def unfolded(
    source: AsyncIterator[bytes], content_type: str, limit: int, file: str
) -> tuple[Form, AsyncIterator[bytes]]:
    """The fields before the part called ``file``, and the bytes of that part, which must be read to their end.

    Raises FormError for what is no form, TooLong where more than ``limit`` bytes come before the file. The stream
    raises FormError when the file has no end; what follows the file is read and ignored.
    """
    reading = _Reading(source, boundary_of(content_type), limit)
    fields: list[tuple[str, str]] = []
    await reading.until(reading.delimiter)
    while True:
        line = await reading.until(_LINE)
        if line.startswith(b"--"):
            return Form(fields, None), reading.drained()
        if line.strip(b" \t"):
            raise FormError("malformed", "has a broken boundary line")
        head = text_of(await reading.until(_LINE + _LINE, begun=_LINE))
        disposition = next((line for line in head.split("\r\n") if line.lower().startswith("content-disposition:")), "")
        name = _option(_NAME, disposition)
        if name is None:
            raise FormError("malformed", "has a part without a name")
        if name.lower() == file:
            return Form(fields, _option(_FILENAME, disposition) or ""), reading.file()
        fields.append((name, text_of(await reading.until(reading.delimiter, begun=_LINE))))


class _Reading:
    """A body on its way, as much of it in ``held`` as was not taken yet."""

    def __init__(self, source: AsyncIterator[bytes], boundary: bytes, limit: int) -> None:
        self._source = source
        self.delimiter = _LINE + b"--" + boundary
        self._held = bytearray(_LINE)
        self._limit = self._left = limit

    async def until(self, mark: bytes, begun: bytes = b"") -> bytes:
        """What comes before ``mark``, which is taken as well. ``begun`` is the part of what is left that may be the
        beginning of the mark itself, having been taken already."""
        if begun:
            self._held[:0] = begun
        start = 0
        while (at := self._held.find(mark, start)) < 0:
            if len(self._held) > self._left:
                raise TooLong(self._limit)
            start = max(0, len(self._held) - len(mark) + 1)
            piece = await anext(self._source, None)
            if piece is None:
                if mark == _LINE and bytes(self._held[:2]) == b"--":
                    return b"--"
                raise FormError("malformed", "ends too early")
            self._held += piece
        found = bytes(self._held[len(begun) : at]) if at >= len(begun) else b""
        del self._held[: at + len(mark)]
        self._left -= at + len(mark)
        if self._left < 0:
            raise TooLong(self._limit)
        return found

    async def file(self) -> AsyncIterator[bytes]:
        """The bytes up to the next delimiter, then the rest of the body, of which nothing is told."""
        held, kept = _LINE + bytes(self._held), len(self.delimiter) - 1
        skipped = len(_LINE)
        while True:
            at = held.find(self.delimiter)
            if at >= 0:
                if at > skipped:
                    yield held[skipped:at]
                async for _ in self.drained():
                    pass
                return
            ready = len(held) - kept
            if ready > skipped:
                yield held[skipped:ready]
                held, skipped = held[ready:], 0
            piece = await anext(self._source, None)
            if piece is None:
                raise FormError("malformed", "ends within its file")
            held += piece

    async def drained(self) -> AsyncIterator[bytes]:
        """Nothing, once the body is read."""
        async for piece in self._source:
            if not piece:
                yield piece


def _option(pattern: re.Pattern[str], disposition: str) -> str | None:
    found = pattern.search(disposition)
    # Browsers write a quote as %22 (WHATWG HTML, 4.10.21.8) and leave backslashes alone; others escape the quote.
    return None if found is None else (found[1] or found[2] or "").replace('\\"', '"')
