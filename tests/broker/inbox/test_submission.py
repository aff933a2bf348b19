"""Who may submit mail, and what a message becomes: through a whole server, without the protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from broker.app import Broker
from broker.inbox.submission import Refused, Sender, Submitting
from tests.mocks.test_mime import nested

RAW = b"From: shop@example.com\r\nTo: ada@example.com\r\nSubject: Hi\r\n\r\nHello\r\n"


@dataclass
class Desk:
    """Where mail is handed in."""

    broker: Broker
    submitting: Submitting

    async def key(self, name: str = "pr-1") -> str:
        bundle = await self.broker.environments.bundle(await self.broker.environments.get_open(name))
        return str(bundle["variables"]["SENDGRID_API_KEY"])

    async def sender(self) -> Sender:
        return await self.submitting.log_in("apikey", await self.key(), "127.0.0.1")

    async def mails(self) -> list[Any]:
        store = await self.broker.environments.store(await self.broker.environments.get_open("pr-1"))
        return list(await store.mailbox.mails())

    async def incidents(self) -> list[Any]:
        return list(await self.broker.storage.registry.incidents(None))


@pytest.fixture
async def desk(broker: Broker) -> AsyncIterator[Desk]:
    made = Submitting(
        clock=broker.clock,
        resolver=broker.resolver,
        mock=broker.mock,
        incidents=broker.incidents,
        recorder=broker.recorder,
    )
    broker.recorder.start()
    yield Desk(broker, made)
    await broker.recorder.flush()
    await broker.keeper.stop()
    await broker.workflows.stop()
    await broker.upstream.close()


async def test_a_message_is_in_the_mailbox_and_in_the_journal(desk: Desk) -> None:
    queued = await desk.submitting.submit(await desk.sender(), "bounces@example.com", ["ada@example.com"], RAW)
    [mail] = await desk.mails()
    assert (mail["id"], mail["subject"], mail["text"]) == (f"{queued}.0", "Hi", "Hello\r\n")
    await desk.broker.recorder.flush()
    store = await desk.broker.environments.store(await desk.broker.environments.get_open("pr-1"))
    [exchange] = await store.journal.exchanges()
    assert (exchange.operation, exchange.status, exchange.path) == (
        "POST_mail-send",
        202,
        "/e/pr-1/sendgrid/v3/mail/send",
    )
    assert queued in (exchange.response_body or "")


async def test_a_message_says_whose_test_it_is_of(desk: Desk) -> None:
    sender = await desk.sender()
    for head, scope in ((b"Broker-Scope: test-1\r\n", "test-1"), (b"Broker-Scope: a b\r\n", ""), (b"", "")):
        await desk.submitting.submit(sender, "a@example.com", ["ada@example.com"], head + RAW)
        newest = (await desk.mails())[0]
        assert (newest["scope"], newest["headers"]) == (scope, {})
    await desk.submitting.submit(sender, "a@example.com", ["ada@example.com"], RAW + b"Broker-Scope: no\r\n")
    assert (await desk.mails())[0]["scope"] == ""


async def test_the_user_may_name_a_scope(desk: Desk) -> None:
    sender = await desk.submitting.log_in("apikey~tests%2Fa", await desk.key(), "127.0.0.1")
    await desk.submitting.submit(sender, "bounces@example.com", ["ada@example.com"], RAW)
    [mail] = await desk.mails()
    await desk.broker.recorder.flush()
    store = await desk.broker.environments.store(await desk.broker.environments.get_open("pr-1"))
    assert [mail["scope"]] == [one.scope for one in await store.journal.exchanges()] == ["tests/a"]


@pytest.mark.parametrize(
    ("user", "password", "kind"),
    [
        ("apikey~a%20b", None, None),
        ("apikey", "nonsense", "unknown_credential"),
        ("apikey", "SG." + "a" * 22 + "." + "b" * 43, "live_credential"),
        ("ada", None, None),
    ],
)
async def test_who_may_not(desk: Desk, user: str, password: str | None, kind: str | None) -> None:
    with pytest.raises(Refused, match="535 Authentication failed"):
        await desk.submitting.log_in(user, password or await desk.key(), "127.0.0.1")
    incidents = await desk.incidents()
    assert [incident.kind for incident in incidents] == ([kind] if kind else [])
    if password is not None:
        assert password not in repr(incidents)


async def test_a_key_of_another_service_is_none(desk: Desk) -> None:
    bundle = await desk.broker.environments.bundle(await desk.broker.environments.get_open("pr-1"))
    with pytest.raises(Refused, match="535"):
        await desk.submitting.log_in(
            "apikey", next(value for value in bundle["variables"].values() if value.startswith("sk_test_")), "127.0.0.1"
        )


async def test_what_the_service_refuses_is_told(desk: Desk) -> None:
    with pytest.raises(Refused, match=r"550 5\.7\.1 Does not contain a valid address"):
        await desk.submitting.submit(await desk.sender(), "a@example.com", ["nobody"], RAW.replace(b"ada@", b"ada "))
    assert await desk.mails() == []


async def test_only_mocks_take_mail(desk: Desk) -> None:
    sender = await desk.sender()
    policy = desk.broker.environments.parse_policy("version: 1\nservices: {sendgrid: {mode: refuse}}\n")
    await desk.broker.environments.open("pr-1", policy)
    with pytest.raises(Refused, match=r"550 5\.7\.1 The environment's policy sends this to mode refuse"):
        await desk.submitting.submit(sender, "a@example.com", ["ada@example.com"], RAW)
    assert await desk.mails() == []


async def test_a_full_environment_says_so(desk: Desk) -> None:
    policy = desk.broker.environments.parse_policy("version: 1\nlimits: {storage_mib: 1}\n")
    await desk.broker.environments.open("pr-1", policy)
    with pytest.raises(Refused, match=r"552 5\.2\.2 The storage of this environment is full"):
        await desk.submitting.submit(await desk.sender(), "a@b.org", ["ada@example.com"], RAW + b"x\r\n" * 400_000)
    assert await desk.mails() == []


async def test_a_connection_ends_with_its_key(desk: Desk) -> None:
    sender = await desk.sender()
    await desk.broker.environments.rotate("pr-1", overlap=desk.broker.clock.now() - desk.broker.clock.now())
    with pytest.raises(Refused, match="421") as refused:
        await desk.submitting.submit(sender, "a@example.com", ["ada@example.com"], RAW)
    assert refused.value.final
    assert await desk.mails() == []


async def test_parts_in_parts_without_an_end_are_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match=r"554 5\.6\.0 the message's parts"):
        await desk.submitting.submit(await desk.sender(), "a@example.com", ["ada@example.com"], nested(500))
    hostile = b"From: " + b"(" * 20_000 + b"\r\n\r\nHello\r\n"
    assert await desk.submitting.submit(await desk.sender(), "a@example.com", ["ada@example.com"], hostile)
    assert [mail["sender"]["email"] for mail in await desk.mails()] == ["a@example.com"]
