"""``multipart/form-data`` bodies (RFC 7578) that are whole in memory: fields as text, files as places in the body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from contracts.form import FormError

_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_OPTION = re.compile(r';\s*([A-Za-z*]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))')
_MAX_PARTS = 1_000


@dataclass(frozen=True, slots=True)
class FilePart:
    """An uploaded file: its bytes are ``request.body[start:stop]``."""

    filename: str
    content_type: str
    start: int
    stop: int

    @property
    def size(self) -> int:
        """In bytes."""
        return self.stop - self.start


def boundary_of(content_type: str) -> bytes:
    """What separates the parts of a body of this type. Raises FormError."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise FormError("malformed", "has a content type without a boundary")
    return str(found[1] or found[2]).encode("latin-1", "replace")


def parts(body: bytes, content_type: str) -> Iterator[tuple[str, str | FilePart]]:
    """Every part's field name, with its text or its file. Raises FormError."""
    delimiter = b"--" + boundary_of(content_type)
    if not body.startswith(delimiter):
        raise FormError("malformed", "does not begin with its boundary")
    position = len(delimiter)
    for _ in range(_MAX_PARTS):
        if body.startswith(b"--", position):
            return
        if not body.startswith(b"\r\n", position):
            raise FormError("malformed", "has a broken boundary line")
        stop = body.find(b"\r\n" + delimiter, position)
        if stop < 0:
            raise FormError("malformed", "has a part without an end")
        yield _part(body, position + 2, stop)
        position = stop + 2 + len(delimiter)
    raise FormError("malformed", f"has more than {_MAX_PARTS} parts")


def _part(body: bytes, start: int, stop: int) -> tuple[str, str | FilePart]:
    end = body.find(b"\r\n\r\n", start, stop + 2)
    if end < 0:
        raise FormError("malformed", "has a part without headers")
    headers = {}
    for line in text_of(body[start:end]).split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    disposition = headers.get("content-disposition", "")
    options = {match[1].lower(): match[2] or match[3] or "" for match in _OPTION.finditer(disposition)}
    if "name" not in options:
        raise FormError("malformed", "has a part without a name")
    name = re.sub(r"\\(.)", r"\1", options["name"])
    if "filename" in options or "filename*" in options:
        filename = re.sub(r"\\(.)", r"\1", options.get("filename", ""))
        return name, FilePart(filename, headers.get("content-type", "application/octet-stream"), end + 4, stop)
    text = text_of(body[end + 4 : stop])
    if "\0" in text:
        raise FormError("malformed", "holds a null byte", (name,))
    return name, text


def text_of(content: bytes) -> str:
    """A part's bytes as text. Raises FormError."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise FormError("malformed", "is not UTF-8") from error
