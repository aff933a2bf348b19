"""Downloads are there for who has the address, for a time."""

from __future__ import annotations

from contracts.exchange import Request
from mocks.base import Call, Record
from mocks.sendgrid import downloads
from tests.harness import Harness


async def writer(call: Call, entry: Record) -> tuple[str, bytes]:
    return "text/plain", b""


async def test_other_paths_are_no_downloads(sendgrid: Harness) -> None:
    assert downloads.page(Request(method="GET", path="/v3/messages"), {"a": writer}) is None
    assert downloads.page(Request(method="GET", path="/downloads/x"), {"a": writer}) is not None
    assert (await sendgrid.visit("GET", "/downloads/x")).status == 404
