"""The inbox through a real server: a large mail by the API, many mails, hostile clients, Mailpit's API over HTTP."""

from __future__ import annotations

import base64
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from demo.serving import Broker
from tests.broker.inbox.test_smtp import free_port
from tests.journeys.conftest import STRICT


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Broker]:
    """A server that takes mail by SMTP, too."""
    broker = Broker(tmp_path / "server", {**STRICT, "BROKER_SMTP_PORT": str(free_port())})
    broker.start()
    yield broker
    broker.kill()
    assert "Traceback" not in broker.log.read_text(errors="replace")


def opened(post: Broker) -> dict[str, str]:
    found: dict[str, str] = post.control("PUT", "environments/pr-1", {})["variables"]
    return found


def letter(**changes: Any) -> dict[str, Any]:
    return {
        "personalizations": [{"to": [{"email": "ada@example.com"}]}],
        "from": {"email": "shop@example.com"},
        "subject": "Hello",
        "content": [{"type": "text/plain", "value": "Thank you."}],
        **changes,
    }


def sender(variables: dict[str, str]) -> httpx.Client:
    headers = {"authorization": f"Bearer {variables['SENDGRID_API_KEY']}"}
    return httpx.Client(base_url=variables["SENDGRID_API_BASE"], headers=headers, timeout=120, trust_env=False)


def test_a_large_mail_by_the_api_streams_in_bounded_memory(post: Broker) -> None:
    variables = opened(post)
    content = os.urandom(1 << 20) * 18
    file = {"content": base64.b64encode(content).decode(), "filename": "large.zip", "type": "application/zip"}
    process = psutil.Process(post.process.pid if post.process else 0)
    with sender(variables) as api:
        assert api.post("/v3/mail/send", json=letter()).status_code == 202
        before, highest, over = process.memory_info().rss, [0], threading.Event()

        def watch() -> None:
            while not over.wait(0.005):
                highest[0] = max(highest[0], process.memory_info().rss)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            assert api.post("/v3/mail/send", json=letter(attachments=[file])).status_code == 202
            after = process.memory_info().rss
            mailpit = httpx.Client(
                auth=(variables["MAILPIT_USER"], variables["MAILPIT_PASSWORD"]), timeout=120, trust_env=False
            )
            with mailpit:
                latest = f"{variables['MAILPIT_URL']}/api/v1/message/latest"
                assert mailpit.get(latest).json()["Attachments"][0]["Size"] == len(content)
                highest[0] = process.memory_info().rss
                assert mailpit.get(f"{latest}/part/1").content == content
                raw = mailpit.get(f"{latest}/raw").content
        finally:
            over.set()
            watcher.join()
    assert len(raw) > len(content) * 4 / 3
    # Read, it streams: a few pieces of a mebibyte, whatever its size.
    assert highest[0] - after < 24 << 20
    assert after - before < 12 * len(content)


@pytest.mark.slow
def test_thousands_of_mails_are_searched(post: Broker) -> None:
    variables = opened(post)
    many = [{"to": [{"email": f"person{number}@example.com"}], "subject": f"Order {number}"} for number in range(1000)]
    with sender(variables) as api:
        for _ in range(3):
            assert api.post("/v3/mail/send", json=letter(personalizations=many)).status_code == 202
    assert post.control("GET", "environments/pr-1/mails/count")["mails"] == 3000
    started = time.monotonic()
    found = post.control("GET", "environments/pr-1/mails?search=subject:%22order+77%22+thank")["items"]
    assert {mail["subject"] for mail in found} == {"Order 77", *(f"Order {number}" for number in range(770, 780))}
    assert time.monotonic() - started < 30
    assert post.control("GET", "environments/pr-1/mails/wait?to=person7@example.com")["subject"] == "Order 7"
    assert post.control("DELETE", "environments/pr-1/mails?subject=order+1")["deleted"] > 300
    assert post.control("DELETE", "environments/pr-1/mails")["deleted"] > 2000


HOSTILE = (
    b"\x00" * 1000 + b"\r\n",
    b"A" * 200_000 + b"\r\n",
    b"\r\n" * 500,
    b"EHLO x\r\nAUTH PLAIN " + b"A" * 5000 + b"\r\n",
    b"EHLO x\r\nAUTH PLAIN \xff\xfe\r\nAUTH LOGIN\r\n*\r\nAUTH\r\nAUTH X Y Z\r\n",
    b"EHLO \xc3\x28\r\nMAIL FROM:<>\r\nMAIL FROM:<a@b>\r\nDATA\r\n.\r\n",
    b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\nx\r\n.\r\n",
    b"EHLO x\r\nSTARTTLS\r\n\x16\x03\x01\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
)


def test_what_is_no_smtp_harms_nobody(post: Broker) -> None:
    variables = opened(post)
    where = (variables["SMTP_HOST"], int(variables["SMTP_PORT"]))
    for said in HOSTILE:
        with socket.create_connection(where, timeout=20) as raw:
            raw.sendall(said)
            raw.sendall(b"QUIT\r\n")
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(65536):
                pass
        with socket.create_connection(where, timeout=20) as raw:
            assert raw.recv(100).startswith(b"220 "), said[:50]
    assert post.control("GET", "environments/pr-1/mails")["items"] == []
