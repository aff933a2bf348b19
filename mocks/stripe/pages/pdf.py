"""A plain document of lines as PDF: text at the left and at the right, in Helvetica, as many pages as it takes.

The format: https://opensource.adobe.com/dc-acrobat-sdk-docs/pdfstandards/PDF32000_2008.pdf (ISO 32000-1). Letters that
the standard fonts have no sign for become question marks.
"""

from __future__ import annotations

from collections.abc import Sequence

#: Points: a sheet of US letter, its margin, and the step from line to line.
WIDTH, HEIGHT, MARGIN, STEP = 612, 792, 56, 18
LINES = (HEIGHT - 2 * MARGIN) // STEP
SIZE = 11
#: Widths in thousandths of the size, of what amounts are made of; anything else counts as wide as a digit.
NARROW = {".": 278, ",": 278, " ": 278, "-": 333}
DIGIT = 556


def written(lines: Sequence[tuple[str, str]]) -> bytes:
    """The file. A line is what stands at its left and at its right."""
    sheets = [lines[at : at + LINES] for at in range(0, len(lines), LINES)] or [()]
    # 1: catalog, 2: pages, 3: font; then a page and its content for each sheet.
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(sheets)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(sheets)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for at, sheet in enumerate(sheets):
        content = _content(sheet)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {5 + 2 * at} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    return _file(objects)


def _content(sheet: Sequence[tuple[str, str]]) -> bytes:
    parts = []
    for at, (left, right) in enumerate(sheet):
        height = HEIGHT - MARGIN - at * STEP
        if left:
            parts.append(_text(left, MARGIN, height))
        if right:
            parts.append(_text(right, WIDTH - MARGIN - _wide(right), height))
    return b"\n".join(parts)


def _wide(text: str) -> int:
    return sum(NARROW.get(letter, DIGIT) for letter in text) * SIZE // 1000


def _text(text: str, x: int, y: int) -> bytes:
    plain = " ".join(text.split()).encode("cp1252", "replace")
    for sign in (b"\\", b"(", b")"):
        plain = plain.replace(sign, b"\\" + sign)
    return b"BT /F1 %d Tf %d %d Td (%s) Tj ET" % (SIZE, x, y, plain)


def _file(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for at, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (at, each)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)
