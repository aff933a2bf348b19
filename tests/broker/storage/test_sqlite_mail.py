"""The mailbox: what a mail was, to whom, and in which order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from broker.backends import filing
from broker.storage import schema
from broker.storage.base import EnvironmentStore, QuotaReached
from broker.storage.mail import IN_ROW, Wanted
from mocks.base import Attachment, Blob, Mail
from tests.broker.storage.samples import mail
from tests.clocks import START


async def send(store: EnvironmentStore, *mails: Mail, service: str = "alpha") -> None:
    call = store.begin(service)
    await call.start()
    for each in mails:
        call.add_mail(service, each, START)
    await call.commit()


async def test_a_mail_comes_back_whole(store: EnvironmentStore) -> None:
    sent = mail(
        1,
        cc=[{"email": "cc@example.com"}],
        reply_to=[{"email": "re@example.com"}],
        html="<p>ä</p>",
        headers={"X-One": "1"},
        categories=["receipt"],
        custom={"order": "7"},
        attachments=[Attachment("a.pdf", "application/pdf", Blob("blob1", 3))],
        message_id="<1@example.com>",
        outcomes={"bob@example.com": "bounce"},
        raw=Blob("blob2", 4),
    )
    await send(store, sent)
    found: Any = await store.mailbox.mail("mail_1")
    assert found["service"] == "alpha"
    assert found["sent_at"] == START.isoformat()
    assert (found["sender"], found["to"]) == (sent.sender, sent.to)
    assert (found["subject"], found["text"], found["html"]) == ("number 1", "hello", "<p>ä</p>")
    assert (found["headers"], found["categories"], found["custom"]) == (sent.headers, ["receipt"], {"order": "7"})
    assert found["attachments"][0]["blob"] == {"id": "blob1", "size": 3}
    assert (found["message_id"], found["outcomes"]) == ("<1@example.com>", {"bob@example.com": "bounce"})
    assert found["raw"] == {"id": "blob2", "size": 4}
    assert await store.mailbox.mail("mail_2") is None


async def test_mails_are_found_by_every_recipient_in_any_case(store: EnvironmentStore) -> None:
    await send(
        store,
        mail(1, to=[{"email": "Ann@Example.com"}]),
        mail(2, to=[{"email": "bob@example.com"}], cc=[{"email": "ann@example.com"}]),
        mail(3, to=[{"email": "bob@example.com"}], bcc=[{"email": "ANN@example.com"}]),
        mail(4, to=[{"email": "bob@example.com"}, {"email": "BOB@example.com"}]),
    )

    async def ids(**selection: Any) -> list[str]:
        return [found["id"] for found in await store.mailbox.mails(**selection)]

    assert await ids() == ["mail_4", "mail_3", "mail_2", "mail_1"]
    assert await ids(to="ann@EXAMPLE.com") == ["mail_3", "mail_2", "mail_1"]
    assert await ids(to="bob@example.com", after="mail_4", limit=1) == ["mail_3"]
    assert await ids(after="mail_2") == ["mail_1"]
    assert await ids(to="nobody@example.com") == []


async def test_clear_empties_it_and_says_how_many(store: EnvironmentStore) -> None:
    await send(store, mail(1), mail(2))
    assert await store.mailbox.clear() == 2
    assert await store.mailbox.mails() == []
    assert await store.mailbox.mails(to="ann@example.com") == []
    assert await store.mailbox.clear() == 0
    await send(store, mail(1))
    assert len(await store.mailbox.mails(to="ann@example.com")) == 1


async def test_a_mail_keeps_its_scope(store: EnvironmentStore) -> None:
    call = store.begin("alpha")
    await call.start()
    call.add_mail("alpha", mail(1), START, "one")
    call.add_mail("alpha", mail(2), START)
    await call.commit()
    assert [(found["id"], found["scope"]) for found in await store.mailbox.mails()] == [
        ("mail_2", ""),
        ("mail_1", "one"),
    ]
    assert [found["id"] for found in await store.mailbox.mails(scope="one", to="ann@example.com")] == ["mail_1"]


async def attached(store: EnvironmentStore, content: bytes, *mails: str, service: str = "alpha") -> str:
    """Mails that share one file; answers the id of its blob."""
    call = store.begin(service)
    blob = await call.write_blob(_once(content))
    await call.start()
    for number in mails:
        file = Attachment("a.bin", "application/octet-stream", blob)
        call.add_mail(service, replace(mail(1), id=number, attachments=[file]), START)
    await call.commit()
    return blob.id


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("blobs/**/*") if path.is_file()]


async def blobs(store: EnvironmentStore) -> Any:
    return (await store.inventory())["blobs"]


@pytest.mark.parametrize("size", [10, 100_000])
async def test_a_file_goes_with_the_last_mail_that_has_it(store: EnvironmentStore, folder: Path, size: int) -> None:
    blob = await attached(store, b"x" * size, "one", "two")
    assert (await blobs(store), store.room.used) == ({"count": 1, "bytes": size}, size)
    assert await store.mailbox.delete(["one", "nobody"]) == 1
    found = await store.mailbox.mail("two")
    assert b"".join([chunk async for chunk in store.mailbox.read(found, blob)]) == b"x" * size
    assert await store.mailbox.delete(["two"]) == 1
    assert (await blobs(store), store.room.used) == ({"count": 0, "bytes": 0}, 0)
    assert files(folder) == []
    with pytest.raises(LookupError):
        store.mailbox.read(found, blob)


async def test_clearing_takes_the_files_of_all_services_and_nothing_else(store: EnvironmentStore, folder: Path) -> None:
    await attached(store, b"x" * 100_000, "one", "two")
    await attached(store, b"y", "three", service="beta")
    call = store.begin("alpha")
    kept = await call.write_blob(_once(b"not of a mail"))
    await call.commit()
    assert await store.mailbox.clear() == 3
    assert (await blobs(store), store.room.used) == ({"count": 1, "bytes": 13}, 13)
    assert b"".join([chunk async for chunk in store.read_blob("alpha", kept.id)]) == b"not of a mail"
    assert files(folder) == []


async def test_a_long_text_is_kept_beside_the_row(store: EnvironmentStore) -> None:
    call = store.begin("alpha")
    await call.put("thing", "t", {"a": 1})
    await filing.file(call, "alpha", [(mail(1, text="short", html="<p>" + "ü" * IN_ROW), "s1")], START)
    await call.commit()
    found: Any = await store.mailbox.mail("mail_1")
    size = len(("<p>" + "ü" * IN_ROW).encode())
    assert (found["text"], found["html"], found["scope"]) == ("short", None, "s1")
    assert (found["bodies"]["html"]["size"], found["size"], store.room.used) == (size, size + 5, size)
    html = b"".join([chunk async for chunk in store.mailbox.read(found, found["bodies"]["html"]["id"])])
    assert html.decode() == "<p>" + "ü" * IN_ROW
    assert await store.mailbox.delete(["mail_1"]) == 1
    assert store.room.used == 0


async def test_a_call_that_is_taken_back_leaves_no_text(store: EnvironmentStore, folder: Path) -> None:
    call = store.begin("alpha")
    await call.start()
    await filing.file(call, "alpha", [(mail(1, html="x" * (IN_ROW + 1)), "")], START)
    await call.rollback()
    assert (await store.mailbox.mails(), store.room.used) == ([], 0)
    assert files(folder) == []


async def test_there_is_no_room_for_a_long_text(store: EnvironmentStore) -> None:
    store.room.most = 1000
    call = store.begin("alpha")
    await call.start()
    with pytest.raises(QuotaReached):
        await filing.file(call, "alpha", [(mail(1, html="x" * (IN_ROW + 1)), "")], START)
    await call.rollback()
    assert store.room.used == 0


async def test_mails_are_chosen_by_whatever_is_asked_of_them(store: EnvironmentStore) -> None:
    await send(store, *[mail(number, subject=f"number {number % 3}") for number in range(1, 10)])
    await send(store, mail(10), service="beta")
    mailbox = store.mailbox

    def accept(found: Mapping[str, Any]) -> bool:
        return bool(found["subject"] == "number 1" and found["text"] == "hello")

    first = await mailbox.find(Wanted(accept=accept, service="alpha"), limit=2)
    assert ([one["id"] for one in first.items], first.more) == (["mail_7", "mail_4"], True)
    rest = await mailbox.find(Wanted(accept=accept), after="mail_4", limit=2)
    assert ([one["id"] for one in rest.items], rest.more) == (["mail_1"], False)
    passed = await mailbox.find(Wanted(), offset=8)
    assert ([one["id"] for one in passed.items], passed.more) == (["mail_2", "mail_1"], False)
    assert await mailbox.ids(Wanted(accept=accept, since="mail_1")) == ["mail_7", "mail_4"]
    assert await mailbox.ids(Wanted(service="beta")) == ["mail_10"]
    assert await mailbox.ids(Wanted(since="nobody")) == []


async def test_a_page_ends_where_it_becomes_too_large(store: EnvironmentStore) -> None:
    await send(store, *[mail(number, text="x" * 1000) for number in range(1, 10)])
    page = await store.mailbox.find(Wanted(), most_bytes=1500)
    assert ([one["id"] for one in page.items], page.more) == (["mail_9", "mail_8"], True)


async def test_what_was_read_is_remembered(store: EnvironmentStore) -> None:
    await send(store, mail(1), mail(2), mail(3))
    mailbox = store.mailbox
    assert await mailbox.totals() == (3, 3)
    assert await mailbox.mark(["mail_1", "mail_2", "nobody"], read=True) == 2
    assert await mailbox.totals() == (3, 1)
    assert [one["read"] for one in await mailbox.mails()] == [False, True, True]
    await mailbox.mark(["mail_1"], read=False)
    await mailbox.delete(["mail_2"])
    assert await mailbox.totals() == (2, 2)
    assert await mailbox.mark(None, read=True) == 2
    assert await mailbox.totals() == (2, 0)
    assert await mailbox.clear() == 2
    await send(store, mail(1))
    assert await mailbox.totals() == (1, 1)


async def test_the_oldest_go_where_there_are_too_many(store: EnvironmentStore) -> None:
    await attached(store, b"x", "first")
    await send(store, *[mail(number) for number in range(1, 250)])
    assert await store.mailbox.trim(3) == 247
    assert [one["id"] for one in await store.mailbox.mails()] == ["mail_249", "mail_248", "mail_247"]
    assert await store.mailbox.trim(3) == 0
    assert await blobs(store) == {"count": 0, "bytes": 0}


async def test_a_reset_leaves_nothing_of_it(store: EnvironmentStore) -> None:
    await attached(store, b"x" * 100_000, "one")
    await store.mailbox.mark(None, read=True)
    await store.reset()
    assert (await store.mailbox.totals(), await blobs(store)) == ((0, 0), {"count": 0, "bytes": 0})
    await send(store, mail(1))
    assert await store.mailbox.totals() == (1, 1)


def test_a_mailbox_of_an_earlier_version_is_the_same_afterwards(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as earlier:
        earlier.setitem(schema._SCRIPTS, "state", schema._SCRIPTS["state"][:4])
        earlier.setitem(schema.VERSIONS, "state", 4)
        connection = schema.connect(tmp_path / "state.db", "state")
        body = {
            "id": "m1",
            "subject": "ä",
            "text": "hi",
            "html": None,
            "attachments": [{"filename": "a", "blob": {"id": "b1", "size": 3}}, {"blob": {"id": "b2", "size": 1}}],
        }
        connection.execute(
            "INSERT INTO mails (id, service, sent_at, body, scope) VALUES ('m1', 'alpha', 7, ?, 's')",
            (orjson.dumps(body),),
        )
        connection.close()
    connection = schema.connect(tmp_path / "state.db", "state")
    row = connection.execute("SELECT seq, id, service, scope, sent_at, body, text, html FROM mails").fetchone()
    assert row[:5] == (1, "m1", "alpha", "s", 7)
    assert orjson.loads(row[5]) == {"id": "m1", "subject": "ä", "attachments": body["attachments"]}
    assert row[6:] == ("hi", None)
    assert connection.execute("SELECT blob, seq FROM mail_blobs").fetchall() == [("b1", 1), ("b2", 1)]
    connection.close()
