"""A document of lines as PDF."""

from __future__ import annotations

import re

from mocks.stripe.pages.pdf import LINES, written


def test_the_table_of_contents_is_true() -> None:
    file = written([("Invoice (1) \\ €", "$15.00"), ("", "")])
    assert file.startswith(b"%PDF-1.4\n")
    assert file.endswith(b"%%EOF\n")
    table = int(re.findall(rb"startxref\n(\d+)\n", file)[0])
    assert file[table:].startswith(b"xref\n")
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n", file)]
    assert len(places) == 5
    for number, place in enumerate(places, 1):
        assert file[place:].startswith(b"%d 0 obj\n" % number)
    length = int(re.findall(rb"/Length (\d+)", file)[0])
    content = file.partition(b"stream\n")[2][:length]
    assert b"(Invoice \\(1\\) \\\\ \x80) Tj" in content
    assert file.partition(b"stream\n")[2][length:].startswith(b"\nendstream")


def test_many_lines_take_many_pages() -> None:
    assert b"/Count 1 " in written([])
    assert b"/Count 2 " in written([("a", "b")] * (LINES + 1))
    assert b"(?)" in written([("茶", "")])
