"""Forms as they arrive: in pieces of any size, fields first, the file in bounded memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.exchange import Form
from contracts.form import FormError
from contracts.multipart_stream import TooLong, unfolded

TYPE = "multipart/form-data; boundary=XYZ"


def part(name: str, value: bytes, filename: str | None = None) -> bytes:
    named = f'form-data; name="{name}"' + ("" if filename is None else f'; filename="{filename}"')
    kind = "" if filename is None else "\r\nContent-Type: text/plain"
    return f"--XYZ\r\nContent-Disposition: {named}{kind}\r\n\r\n".encode() + value + b"\r\n"


async def pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def read(body: bytes, size: int = 7, limit: int = 20_000, kind: str = TYPE) -> tuple[Form, bytes]:
    form, stream = await unfolded(pieces(body, size), kind, limit, "file")
    return form, b"".join([piece async for piece in stream])


@given(st.binary(max_size=300), st.integers(1, 90))
async def test_a_file_of_any_bytes_in_pieces_of_any_size(content: bytes, size: int) -> None:
    body = part("key", b"a") + part("x", b"") + part("file", content, "f.txt") + part("late", b"1") + b"--XYZ--\r\n"
    form, found = await read(body, size)
    expected = content.partition(b"\r\n--XYZ")[0] if not content.startswith(b"--XYZ") else b""
    assert (form.fields, form.filename, found) == ([("key", "a"), ("x", "")], "f.txt", expected)


async def test_content_that_resembles_the_delimiter() -> None:
    content = b"\r\n--XY\r\n-\r\n--\r\r\n--X" * 50
    for size in (1, 2, 3, 64, 10_000):
        assert (await read(part("file", content, "") + b"--XYZ--", size))[1] == content


async def test_line_breaks_in_values_and_text_in_place_of_a_file() -> None:
    form, found = await read(part("a", b"1\r\n\r\n2") + part("FILE", b"text") + b"--XYZ--")
    assert (form.fields, form.filename, found) == ([("a", "1\r\n\r\n2")], "", b"text")


async def test_a_preamble_blanks_and_a_quoted_boundary() -> None:
    body = b"ignored\r\n" + part("a", "\u00fc".encode()).replace(b"--XYZ\r\n", b"--XYZ \t\r\n") + part("file", b"1", "")
    form, found = await read(body + b"--XYZ--", kind='multipart/form-data; boundary="XYZ"')
    assert (form.fields, found) == ([("a", "\u00fc")], b"1")


@pytest.mark.parametrize(
    ("sent", "meant"), [("C:\\a\\b.txt", "C:\\a\\b.txt"), ('a\\"b', 'a"b'), ("\u00fc%22", "\u00fc%22"), ("", "")]
)
async def test_names_of_files(sent: str, meant: str) -> None:
    form, _ = await read(part("file", b"1", sent) + b"--XYZ--")
    assert form.filename == meant


async def test_a_form_without_a_file() -> None:
    for end in (b"--XYZ--", b"--XYZ--\r\n", b"--XYZ--\r\nepilogue"):
        assert await read(part("a", b"1") + end) == (Form([("a", "1")], None), b"")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nothing of a form",
        b"--XYZ\r\n",
        b"--XYZjunk\r\n\r\n",
        part("a", b"1"),
        part("a", b"\xff") + b"--XYZ--",
        b"--XYZ\r\nContent-Type: text/plain\r\n\r\n1\r\n--XYZ--",
        part("file", b"no end", "f")[:-2],
    ],
)
async def test_what_is_no_form(body: bytes) -> None:
    with pytest.raises(FormError):
        await read(body)


async def test_a_content_type_without_a_boundary() -> None:
    with pytest.raises(FormError, match="boundary"):
        await read(b"", kind="multipart/form-data")


async def test_fields_before_the_file_are_bounded() -> None:
    for field in (part("a", b"x" * 600), part("a" * 600, b"")):
        with pytest.raises(TooLong):
            await read(field + part("file", b"1", "") + b"--XYZ--", limit=500)
    assert (await read(part("file", b"x" * 5000, "") + b"--XYZ--", limit=500))[1] == b"x" * 5000
