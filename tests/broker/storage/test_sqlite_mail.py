"""The mailbox: what a mail was, to whom, and in which order."""

from __future__ import annotations

from typing import Any

from broker.storage.base import EnvironmentStore
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
