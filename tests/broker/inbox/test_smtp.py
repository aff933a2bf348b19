"""The protocol: who is let in, how much is taken, and what ends it. The client is the standard library's."""

from __future__ import annotations

import asyncio
import smtplib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from broker.inbox import smtp
from broker.inbox.smtp import Relay
from broker.inbox.submission import Refused
from broker.settings import InvalidSetting, Settings

#: More than may be.
TO = [f"b{number}@example.com" for number in range(3)]
MESSAGE = "From: a@example.com\r\nTo: b@example.com\r\nSubject: x\r\n\r\n.hello\r\n"


class Desk:
    """Takes everything from whoever says `right`."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str], bytes]] = []
        self.refusal: Refused | None = None

    async def log_in(self, user: str, password: str, client: str) -> Any:
        if (user, password) != ("apikey", "right"):
            raise Refused("535 Authentication failed: Bad username / password")
        return object()

    async def submit(self, sender: Any, mail_from: str, recipients: list[str], raw: bytes) -> str:
        if self.refusal is not None:
            raise self.refusal
        self.taken.append((mail_from, recipients, raw))
        return f"id{len(self.taken)}"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    desk: Any = Desk()
    made = Relay(Settings(smtp_port=free_port()), desk)
    await made.start()
    yield made
    await made.stop()


async def talk(relay: Relay, said: Callable[[smtplib.SMTP], Any], *, logged_in: bool = True) -> Any:
    """What a client is told, in a thread of its own."""

    def run() -> Any:
        with smtplib.SMTP("127.0.0.1", relay._settings.smtp_port or 0, "localhost", timeout=20) as client:
            if logged_in:
                client.login("apikey", "right")
            return said(client)

    return await asyncio.to_thread(run)


def desk(relay: Relay) -> Desk:
    found: Any = relay.submitting
    assert isinstance(found, Desk)
    return found


async def test_a_message_comes_as_it_was_sent(relay: Relay) -> None:
    await talk(relay, lambda client: client.sendmail("a@example.com", ["b@example.com", "c@example.com"], MESSAGE))
    assert desk(relay).taken == [("a@example.com", ["b@example.com", "c@example.com"], MESSAGE.encode())]


async def test_it_tells_what_it_can(relay: Relay) -> None:
    _, told = await talk(relay, lambda client: client.ehlo(), logged_in=False)
    lines = told.decode().split("\n")
    assert {"SIZE 31457280", "8BITMIME", "SMTPUTF8", "AUTH LOGIN PLAIN"} <= set(lines)
    assert "STARTTLS" not in lines


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "plain"])
async def test_every_mechanism_lets_in(relay: Relay, mechanism: str) -> None:
    def log_in(client: smtplib.SMTP) -> Any:
        client.ehlo()
        client.user, client.password = "apikey", "right"
        way = client.auth_login if mechanism == "LOGIN" else client.auth_plain
        return client.auth(mechanism, way)

    assert (await talk(relay, log_in, logged_in=False))[0] == 235


async def test_nobody_sends_without_logging_in(relay: Relay) -> None:
    def send(client: smtplib.SMTP) -> Any:
        client.ehlo()
        verbs = ("MAIL FROM:<a@example.com>", "RCPT TO:<b@example.com>", "DATA", "VRFY a")
        return [client.docmd(verb) for verb in verbs]

    told = await talk(relay, send, logged_in=False)
    assert told == [(550, b"Unauthenticated senders not allowed")] * 4


async def test_so_many_wrong_passwords(relay: Relay) -> None:
    def guess(client: smtplib.SMTP) -> list[int]:
        client.ehlo()
        return [client.docmd("AUTH", "PLAIN AGFwaWtleQB3cm9uZw==")[0] for _ in range(4)]

    assert await talk(relay, guess, logged_in=False) == [535, 535, 535, 421]


async def test_too_large_a_message_is_refused_before_it_is_sent(relay: Relay) -> None:
    told = await talk(relay, lambda client: client.docmd(f"MAIL FROM:<a@example.com> SIZE={smtp.MOST_BYTES + 1}"))
    assert told[0] == 552


async def test_too_large_a_message_is_refused_while_it_comes(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "MOST_BYTES", 1000)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        # Without a word of its size before.
        await talk(relay, lambda client: _unannounced(client, "x" * 80 + "\r\n", 20))
    assert refused.value.smtp_code == 552
    assert desk(relay).taken == []


def _unannounced(client: smtplib.SMTP, line: str, times: int) -> Any:
    client.docmd("MAIL FROM:<a@example.com>")
    client.docmd("RCPT TO:<b@example.com>")
    code, told = client.data(line * times)
    raise smtplib.SMTPDataError(code, told)


async def test_so_many_recipients(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "MOST_RECIPIENTS", 2)
    refused = await talk(
        relay,
        lambda client: client.sendmail("a@example.com", [f"b{number}@example.com" for number in range(3)], MESSAGE),
    )
    assert refused == {"b2@example.com": (452, b"4.5.3 Too many recipients")}


async def test_addresses_and_texts_beyond_ascii(relay: Relay) -> None:
    def send(client: smtplib.SMTP) -> Any:
        return client.sendmail(
            "ä@example.com", ["ü@example.com"], MESSAGE.encode() + "ß\r\n".encode(), ["SMTPUTF8", "BODY=8BITMIME"]
        )

    assert await talk(relay, send) == {}
    [(sender, recipients, raw)] = desk(relay).taken
    assert (sender, recipients, raw[-4:]) == ("ä@example.com", ["ü@example.com"], "ß\r\n".encode())


async def test_what_is_refused_is_told(relay: Relay) -> None:
    desk(relay).refusal = Refused("550 5.7.1 No")
    with pytest.raises(smtplib.SMTPDataError, match="No"):
        await talk(relay, lambda client: client.sendmail("a@example.com", ["b@example.com"], MESSAGE))


async def test_so_many_connections(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "_CONNECTIONS", 1)

    def second(client: smtplib.SMTP) -> Any:
        with pytest.raises(smtplib.SMTPConnectError) as refused:
            smtplib.SMTP("127.0.0.1", relay._settings.smtp_port or 0, "localhost", timeout=20)
        return refused.value.smtp_code

    assert await talk(relay, second) == 421
    async with asyncio.timeout(10):
        await gone(relay)
    assert await talk(relay, lambda client: client.noop()[0]) == 250


async def gone(relay: Relay) -> None:
    if relay.connections:
        await asyncio.sleep(0.001)
        await gone(relay)


async def test_a_slow_message_is_given_up(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "_LONGEST", 0.05)

    def slow(client: smtplib.SMTP) -> Any:
        client.docmd("MAIL FROM:<a@example.com>")
        client.docmd("RCPT TO:<b@example.com>")
        client.docmd("DATA")
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.getreply()
        client.close()

    await talk(relay, slow)
    assert desk(relay).taken == []


async def test_nothing_listens_where_no_port_is_set() -> None:
    made: Any = Desk()
    quiet = Relay(Settings(), made)
    await quiet.start()
    await quiet.stop()
    assert quiet.connections == set()


def test_settings_that_cannot_be_used(tmp_path: Path) -> None:
    made: Any = Desk()
    open_to_all = Settings(host="0.0.0.0", smtp_port=2525)  # noqa: S104 - nothing listens
    with pytest.raises(InvalidSetting, match="BROKER_SMTP_CERTIFICATE"):
        Relay(open_to_all, made)
    assert Relay(replace(open_to_all, smtp_plain=True), made).plain
    with pytest.raises(InvalidSetting, match="cannot be used"):
        Relay(Settings(smtp_port=2525, smtp_certificate=tmp_path / "nothing.pem"), made)


async def test_a_port_that_is_taken(relay: Relay) -> None:
    made: Any = Desk()
    with pytest.raises(InvalidSetting, match="BROKER_SMTP_PORT"):
        await Relay(relay._settings, made).start()
