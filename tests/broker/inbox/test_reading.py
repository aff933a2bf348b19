"""The parts of a mail, and how a browser may treat them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from broker.inbox import reading
from broker.storage.base import EnvironmentStore
from broker.storage.mail import IN_ROW
from broker.storage.sqlite import SqliteStorage
from mocks.base import Attachment
from tests.broker.inbox.samples import file, mail, send, stored
from tests.broker.storage import samples
from tests.clocks import START, HeldClock

RAW = (
    b"From: a@example.com\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n =?utf-8?q?_dir?=\r\nX-A: 1\r\nX-A: =?nope?q?=\r\n"
    b"\r\nhi"
)


@pytest.fixture
async def store(tmp_path: Path, clock: HeldClock) -> AsyncIterator[EnvironmentStore]:
    storage = SqliteStorage(tmp_path, lambda: clock.text(20))
    yield await storage.create(samples.environment())
    await storage.close()


async def joined(stream: AsyncIterator[bytes] | None) -> bytes:
    assert stream is not None
    return b"".join([chunk async for chunk in stream])


async def test_the_texts(store: EnvironmentStore) -> None:
    await send(store, mail("m1", html="<p>ü</p>"), mail("m2", text=None, html="x" * (IN_ROW + 1)), at=START)
    one, two = [await store.mailbox.mail(each) for each in ("m1", "m2")]
    assert one is not None
    assert two is not None
    assert await joined(reading.text(store, one, "html")) == "<p>ü</p>".encode()
    assert await joined(reading.text(store, two, "html")) == b"x" * (IN_ROW + 1)
    assert reading.text(store, two, "text") is None
    assert (await reading.whole(store, two))["html"] == "x" * (IN_ROW + 1)
    assert (await reading.whole(store, one))["html"] == "<p>ü</p>"


async def test_a_message_that_came_whole_is_answered_as_it_came(store: EnvironmentStore) -> None:
    blob = await stored(store, RAW)
    await send(store, mail("m1", raw=blob), mail("m2"), at=START)
    one, two = [await store.mailbox.mail(each) for each in ("m1", "m2")]
    assert one is not None
    assert two is not None
    assert await joined(reading.raw(store, one)) == RAW
    assert await reading.header_fields(store, one) == [
        ("From", "a@example.com"),
        ("Subject", "Grüße dir"),
        ("X-A", "1"),
        ("X-A", "=?nope?q?="),
    ]
    assert b"Subject: Your receipt\r\n" in await joined(reading.raw(store, two))
    assert ("To", "Ada <ada@example.com>") in await reading.header_fields(store, two)


async def test_a_file_that_went_with_another_mail_is_empty(store: EnvironmentStore) -> None:
    blob = await stored(store, b"%PDF")
    await send(store, mail("m1", files=[Attachment("a.pdf", "application/pdf", blob)]), at=START)
    await store.mailbox.delete(["m1"])
    await send(store, mail("m2", files=[Attachment("a.pdf", "application/pdf", blob)]), at=START)
    found = await store.mailbox.mail("m2")
    assert found is not None
    assert b'filename="a.pdf"' in await joined(reading.raw(store, found))


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("a.pdf", "a.pdf"),
        ('a"b\\c\r\nX: y', "a_b_c__X: y"),
        ("ümlaut.txt", "_mlaut.txt"),
        ("", "attachment"),
    ],
)
def test_an_attachment_is_saved_and_never_shown(name: str, plain: str) -> None:
    given: Any = file(name, content_type="text/html\r\nx: y")
    media, headers = reading.attached(given)
    assert media in ("text/html", "application/octet-stream")
    assert headers["content-disposition"].startswith(f'attachment; filename="{plain}"; filename*=UTF-8')
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert not any("\r" in value or "\n" in value for value in headers.values())
