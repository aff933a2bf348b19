"""Messages that come as gzip."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from mocks.sendgrid import bounds
from tests.harness import Harness, value
from tests.mocks.sendgrid.mails import newest_mail

SEND = "/v3/mail/send"
PACKED = {"content-type": "application/json", "content-encoding": "gzip"}

Message = Callable[..., dict[str, Any]]


async def test_a_compressed_message_is_sent(sendgrid: Harness, message: Message) -> None:
    body = gzip.compress(orjson.dumps(message(subject="Grüße")))
    assert (await sendgrid.call("POST", SEND, body=body, headers=PACKED)).status == 202
    assert (await newest_mail(sendgrid))["subject"] == "Grüße"


async def test_its_faults_are_told_as_any_others(sendgrid: Harness, message: Message) -> None:
    body = gzip.compress(orjson.dumps(message(personalizations=None)))
    response = await sendgrid.call("POST", SEND, body=body, headers=PACKED)
    assert (response.status, value(response)["errors"][0]["field"]) == (400, "personalizations")


@pytest.mark.parametrize("body", [b"", b"{}", gzip.compress(b"{}", mtime=0)[:-9]])
async def test_what_is_no_gzip_is_refused(sendgrid: Harness, body: bytes) -> None:
    response = await sendgrid.call("POST", SEND, body=body, headers=PACKED)
    assert (response.status, value(response)["errors"][0]["message"]) == (400, "Bad Request")


async def test_it_may_be_no_larger_than_any_other(sendgrid: Harness) -> None:
    body = gzip.compress(b" " * (bounds.MOST_OF_ONE + 1))
    assert (await sendgrid.call("POST", SEND, body=body, headers=PACKED)).status == 413


async def test_elsewhere_nothing_is_unpacked(sendgrid: Harness) -> None:
    body = gzip.compress(b'{"name": "x"}')
    assert (await sendgrid.call("POST", "/v3/templates", body=body, headers=PACKED)).status == 400
