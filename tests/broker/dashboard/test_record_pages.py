"""What mocks hold, as pages."""

from __future__ import annotations

import pytest

from broker.dashboard.record_pages import told
from tests.broker.dashboard.buckets import put_object
from tests.broker.dashboard.seeded import words
from tests.broker.dashboard.site import Site

E = "/environments/pr-1"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001"
    "e221bc330000000049454e44ae426082"
)


async def fill(site: Site) -> None:
    environments = site.broker.environments
    environment = await environments.get("pr-1")
    transaction = (await environments.store(environment)).begin("stripe")
    await transaction.put("customer", "cus_1", {"id": "cus_1", "name": "Ada <b>", "email": "ada@example.com"})
    await transaction.commit()
    variables = (await environments.bundle(environment))["variables"]
    await put_object(site, variables, "/photos")
    await put_object(site, variables, "/photos/2026/a%20%C3%BC.txt", b"<script>alert(1)</script>", "text/html")
    await put_object(site, variables, "/photos/2026/dot.png", PNG, "image/png")
    await put_object(site, variables, "/photos/2026/dot.svg", b"<svg onload='alert(1)'/>", "image/svg+xml")
    await put_object(site, variables, "/photos/raw.bin", bytes(range(256)), "application/octet-stream")


async def test_from_the_kinds_to_a_record(site: Site) -> None:
    assert "Nothing yet." in words(await site.text(f"{E}/holdings"))
    await fill(site)
    text = words(await site.text(f"{E}/holdings"))
    assert "customer 1" in text
    rows = await site.text(f"{E}/services/stripe/records?kind=customer")
    assert "name: Ada <b>, email: ada@example.com" in words(rows)
    assert "<b>," not in rows
    assert '"email" : "ada@example.com"' in words(
        await site.text(f"{E}/services/stripe/record?kind=customer&key=cus_1")
    )
    assert "There is none" in words(await site.text(f"{E}/services/stripe/records?kind=odd"))
    assert (await site.get(f"{E}/services/stripe/record?kind=customer&key=none")).status_code == 404
    assert (await site.get(f"{E}/services/stripe/records")).status_code == 400


async def test_from_the_buckets_to_a_file(site: Site) -> None:
    await fill(site)
    assert "photos" in words(await site.text(f"{E}/services/s3/files"))
    text = words(await site.text(f"{E}/services/s3/files/photos"))
    assert "2026/ - - folder" in text
    assert "raw.bin 256 B" in text
    below = words(await site.text(f"{E}/services/s3/files/photos?prefix=2026/"))
    assert "a ü.txt" in below
    one = await site.text(f"{E}/services/s3/files/photos/file?file=2026/a+%C3%BC.txt")
    assert "&lt;script&gt;alert(1)" in one
    assert "<script>alert" not in one


async def test_only_what_is_harmless_is_shown(site: Site) -> None:
    await fill(site)
    base = f"{E}/services/s3/files/photos"
    assert "/image?file=2026" in await site.text(f"{base}/file?file=2026/dot.png")
    image = await site.get(f"{base}/image?file=2026/dot.png", headers={"sec-fetch-dest": "image"})
    assert (image.headers["content-type"], image.content) == ("image/png", PNG)
    assert "sandbox" in image.headers["content-security-policy"]
    assert (await site.get(f"{base}/image?file=2026/dot.svg")).status_code == 404
    svg = await site.text(f"{base}/file?file=2026/dot.svg")
    assert "&lt;svg onload" in svg
    assert "It is not shown here" in words(await site.text(f"{base}/file?file=raw.bin"))
    saved = await site.get(f"{base}/download?file=2026/a+%C3%BC.txt")
    assert saved.content == b"<script>alert(1)</script>"
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    ("record", "line"),
    [
        ({"id": "x", "object": "y"}, ""),
        ({"zip": "1", "amount": 5, "name": "n"}, "name: n, amount: 5, zip: 1"),
        ({"a": None, "b": [], "c": True, "d": "x" * 80}, f"d: {'x' * 60}"),
        ({str(number): number for number in range(9)}, "0: 0, 1: 1, 2: 2, 3: 3"),
    ],
)
def test_what_a_line_says(record: dict[str, object], line: str) -> None:
    assert told(record) == line
