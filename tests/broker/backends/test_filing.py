"""Mails into the mailbox: see tests/broker/storage/test_sqlite_mail.py for long texts."""

from __future__ import annotations

from pathlib import Path

from broker.backends import filing
from broker.storage.mail import IN_ROW
from broker.storage.sqlite import SqliteStorage
from tests.broker.storage import samples
from tests.clocks import START, HeldClock


async def test_each_mail_has_its_scope_and_its_long_texts(tmp_path: Path, clock: HeldClock) -> None:
    storage = SqliteStorage(tmp_path, lambda: clock.text(20))
    store = await storage.create(samples.environment())
    call = store.begin("alpha")
    await call.start()
    long = samples.mail(2, text="ü" * (IN_ROW + 1), html="short")
    await filing.file(call, "alpha", [(samples.mail(1), "one"), (long, "")], START)
    await call.commit()
    second, first = await store.mailbox.mails()
    assert (first["scope"], first["text"], "bodies" in first) == ("one", "hello", False)
    assert (second["scope"], second["text"], second["html"], list(second["bodies"])) == ("", None, "short", ["text"])
    assert [mail["id"] for mail in await store.mailbox.mails(scope="one")] == ["mail_1"]
    await storage.close()
