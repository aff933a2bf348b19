"""Applications that send by SMTP: the standard library's client and nodemailer, unmodified, over real sockets."""

from __future__ import annotations

import json
import os
import shutil
import smtplib
import ssl
import subprocess
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from demo.serving import Broker
from tests.broker.inbox.certificates import certificate
from tests.broker.inbox.test_smtp import free_port
from tests.journeys.conftest import STRICT
from tests.standins import npm

FOLDER = Path(__file__).parent / "node"


@pytest.fixture
def tls(tmp_path: Path) -> Path:
    """A certificate of localhost with its key, in one file."""
    return certificate(tmp_path)


@pytest.fixture
def post(tmp_path: Path, tls: Path) -> Iterator[Broker]:
    """A server that takes mail by SMTP."""
    settings = {"BROKER_SMTP_PORT": str(free_port()), "BROKER_SMTP_CERTIFICATE": str(tls)}
    broker = Broker(tmp_path / "server", {**STRICT, **settings})
    broker.start()
    yield broker
    broker.kill()
    assert "Traceback" not in broker.log.read_text(errors="replace")


def opened(post: Broker, name: str = "pr-1") -> dict[str, str]:
    found: dict[str, str] = post.control("PUT", f"environments/{name}", {})["variables"]
    return found


def mails(post: Broker, name: str = "pr-1") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = post.control("GET", f"environments/{name}/mails")["items"]
    return found


def fetched(post: Broker, path: str) -> httpx.Response:
    url = f"{post.url}/_broker/v1/environments/pr-1/mails/{path}"
    return httpx.get(url, headers={"authorization": f"Bearer {post.token}"}, timeout=60, trust_env=False)


def connect(variables: dict[str, str], tls: Path | None = None) -> smtplib.SMTP:
    client = smtplib.SMTP(variables["SMTP_HOST"], int(variables["SMTP_PORT"]), "localhost", timeout=60)
    if tls is not None:
        client.starttls(context=ssl.create_default_context(cafile=str(tls)))
    client.login(variables["SMTP_USER"], variables["SMTP_PASSWORD"])
    return client


def letter(subject: str = "Hello") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "shop@example.com", "ada@example.com", subject
    message.set_content("Thank you.\n")
    return message


def test_with_and_without_tls(post: Broker, tls: Path) -> None:
    variables = opened(post)
    for way in (None, tls):
        with connect(variables, way) as client:
            assert client.send_message(letter("by TLS" if way else "plain")) == {}
    assert [mail["subject"] for mail in mails(post)] == ["by TLS", "plain"]
    other = opened(post, "pr-2")
    with connect(other) as client:
        client.send_message(letter("elsewhere"))
    assert [mail["subject"] for mail in mails(post, "pr-2")] == ["elsewhere"]
    assert len(mails(post)) == 2


def test_a_key_that_the_mock_made_sends_what_its_scopes_allow(post: Broker) -> None:
    variables = opened(post)
    keys = f"{variables['SENDGRID_API_BASE']}/v3/api_keys"
    own = {"authorization": f"Bearer {variables['SENDGRID_API_KEY']}"}

    def make(scope: str) -> dict[str, str]:
        answer = httpx.post(keys, json={"name": "made", "scopes": [scope]}, headers=own, timeout=60, trust_env=False)
        made: dict[str, str] = answer.json()
        return made

    sender, reader = make("mail.send"), make("alerts.read")
    with connect({**variables, "SMTP_PASSWORD": sender["api_key"]}) as client:
        assert client.send_message(letter("by a made key")) == {}
    with (
        connect({**variables, "SMTP_PASSWORD": reader["api_key"]}) as client,
        pytest.raises(smtplib.SMTPDataError, match="access forbidden"),
    ):
        client.send_message(letter("never"))
    assert httpx.delete(f"{keys}/{sender['api_key_id']}", headers=own, timeout=60, trust_env=False).status_code == 204
    with (
        smtplib.SMTP(variables["SMTP_HOST"], int(variables["SMTP_PORT"]), "localhost", timeout=60) as client,
        pytest.raises(smtplib.SMTPAuthenticationError),
    ):
        client.login(variables["SMTP_USER"], sender["api_key"])
    assert [mail["subject"] for mail in mails(post)] == ["by a made key"]


def test_a_large_mail_streams_in_bounded_memory(post: Broker) -> None:
    variables = opened(post)
    process = psutil.Process(post.process.pid if post.process else 0)
    with connect(variables) as client:
        client.send_message(letter())
        message = letter("large")
        content = os.urandom(1 << 20) * 18
        message.add_attachment(content, maintype="application", subtype="zip", filename="large.zip")
        raw = message.as_bytes()
        before = process.memory_info().rss
        highest: list[int] = []
        over = threading.Event()

        def watch() -> None:
            while not over.wait(0.005):
                highest.append(process.memory_info().rss)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            client.send_message(message)
            found = mails(post)[0]
            saved = fetched(post, f"{found['id']}/attachments/1").content
            whole = fetched(post, f"{found['id']}/raw").content
        finally:
            over.set()
            watcher.join()
    assert saved == content
    assert len(raw) - 10 < len(whole) < len(raw) * 1.02 + 10
    assert max(highest) - before < 12 * len(raw)


def test_what_was_answered_250_survives_a_kill(post: Broker) -> None:
    variables = opened(post)
    client = connect(variables)
    for number in range(20):
        client.send_message(letter(f"number {number}"))
    post.kill()
    client.close()
    post.start()
    assert [mail["subject"] for mail in mails(post)] == [f"number {number}" for number in range(19, -1, -1)]


@pytest.mark.slow
def test_nodemailer(post: Broker) -> None:
    if not npm.available():
        pytest.skip("Node.js 20 or newer with npm is not installed, so nodemailer cannot be tried")
    npm.installed(FOLDER)
    variables = opened(post)
    done = subprocess.run(
        ["node", "--no-warnings", "smtp_journey.mjs"],
        cwd=FOLDER,
        env={
            "PATH": os.defpath + os.pathsep + str(Path(shutil.which("node") or "").parent),
            **{name: value for name, value in variables.items() if name.startswith("SMTP_")},
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["verified"] is True
    assert told["response"].startswith("250 Ok: queued as ")
    assert told["accepted"] == ["ada@example.com", "bob@example.com", "cc@example.com", "hidden@example.com"]
    assert told["refused"][:2] == ["EAUTH", 535]
    [mail] = mails(post)
    assert (mail["subject"], mail["text"].strip(), mail["message_id"]) == ("Größe 42 ✓", "Plain ✓", told["messageId"])
    assert [person["email"] for person in (*mail["to"], *mail["cc"], *mail["bcc"])] == told["accepted"]
    assert (mail["headers"]["X-Order"], mail["reply_to"]) == ("42", [{"email": "help@example.com"}])
    assert [(file["filename"], file["disposition"], file["size"]) for file in mail["attachments"]] == [
        ("logo.png", "inline", 4),
        ("rechnung-ä.txt", "attachment", 13),
    ]
    html = fetched(post, f"{mail['id']}/html")
    assert "<script>alert(1)</script>" in html.text
    assert html.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
