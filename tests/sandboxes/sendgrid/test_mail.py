"""Mail goes nowhere unless every address is allowed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from sandboxes.base import Account, Resource
from sandboxes.sendgrid import mail, marking
from tests.sandboxes.sendgrid.calls import ACCOUNT, MARKER, NOW, call, reply

ALLOWED = replace(ACCOUNT, options={"recipients": ["*@example.com", "qa+*@test.example"]})
SANDBOX = {"enable": True}


def message(*to: str, **members: Any) -> dict[str, Any]:
    return {
        "personalizations": [{"to": [{"email": address} for address in to]}],
        "from": {"email": "shop@example.com"},
        "subject": "Hello",
        "content": [{"type": "text/plain", "value": "Hi"}],
        **members,
    }


def sent(value: dict[str, Any], account: Account = ACCOUNT) -> dict[str, Any]:
    """The body that goes out."""
    found: dict[str, Any] = json.loads(
        marking.outbound(call("POST", "/v3/mail/send", value), account, MARKER, NOW).body
    )
    return found


def test_without_recipients_every_mail_is_validated_only() -> None:
    body = sent(message("a@example.com"))
    assert body["mail_settings"] == {"sandbox_mode": SANDBOX}
    assert body["custom_args"] == {"preview_broker": MARKER.text}


def test_what_a_message_lacks_is_not_added() -> None:
    value = message()
    del value["personalizations"]
    assert mail.marked(value, ACCOUNT, MARKER).keys() == {*value, "custom_args", "mail_settings"}


@pytest.mark.parametrize("asked", [{"sandbox_mode": {"enable": False}}, {"footer": {"enable": True, "text": "x"}}])
def test_an_application_cannot_switch_it_off(asked: dict[str, Any]) -> None:
    body = sent(message("a@example.com", mail_settings=asked))
    assert body["mail_settings"] == {**asked, "sandbox_mode": SANDBOX}


def test_the_last_of_two_members_counts_for_us_as_for_sendgrid() -> None:
    twice = call("POST", "/v3/mail/send", message("a@example.com"))
    text = json.dumps(message("a@example.com"))[:-1]
    off = '"mail_settings": {"sandbox_mode": {"enable": false}}'
    twice.request.body = f"{text}, {off}, {off}}}".encode()
    body = marking.outbound(twice, ACCOUNT, MARKER, NOW).body
    assert body.count(b"sandbox_mode") == 1
    assert json.loads(body)["mail_settings"] == {"sandbox_mode": SANDBOX}


@pytest.mark.parametrize(
    ("value", "real"),
    [
        (message("a@example.com"), True),
        (message("A@Example.COM", "qa+1@test.example"), True),
        (message("a@example.com", "b@elsewhere.example"), False),
        (message("a@evil.example,b@example.com"), False),
        (message("a@evil.example;@example.com"), False),
        (message('"a@evil.example"@example.com'), False),
        (message("a@example.com.evil.example"), False),
        (message("a@example.com", mail_settings={"bcc": {"enable": True, "email": "b@evil.example"}}), False),
        (message("a@example.com", mail_settings={"bcc": {"enable": False, "email": "b@evil.example"}}), True),
        (message("a@example.com", headers={"X-SMTPAPI": "{}"}), False),
        (message("a@example.com", send_at=1_800_000_000), False),
        (message("a@example.com", send_at=1_800_000_000, batch_id="b1"), True),
        (message(personalizations=[]), False),
        (
            message(
                personalizations=[
                    {"to": [{"email": "a@example.com"}]},
                    {"to": [{"email": "a@example.com"}], "cc": [{"email": "c@evil.example"}]},
                ]
            ),
            False,
        ),
        (
            message(personalizations=[{"to": [{"email": "a@example.com"}], "bcc": [{"email": "c@evil.example"}]}]),
            False,
        ),
    ],
)
def test_every_recipient_must_be_allowed(value: dict[str, Any], real: bool) -> None:
    assert mail.may_be_sent(value, ALLOWED.options["recipients"]) is real


def test_an_allowed_mail_goes_out_as_it_came() -> None:
    value = message("a@example.com", ip_pool_name="pool", categories=["c"], custom_args={"order": "1"})
    assert sent(value, ALLOWED) == {**value, "custom_args": {"order": "1", "preview_broker": MARKER.text}}


def test_one_pattern_may_be_a_text() -> None:
    one = replace(ACCOUNT, options={"recipients": "*@example.com"})
    assert "mail_settings" not in sent(message("a@example.com"), one)


@pytest.mark.parametrize("option", [None, [], "", 5, {"*@example.com": True}, [5], True])
def test_what_is_no_pattern_allows_nothing(option: Any) -> None:
    assert not mail.may_be_sent(message("a@example.com"), option)


def test_a_marker_cannot_be_forged() -> None:
    value = message("a@example.com", custom_args={"preview_broker": "pb:k3x9qa:pr-7-zzzzzzzzz1"})
    value["personalizations"][0]["custom_args"] = {"preview_broker": "pb:x", "mine": "1"}
    body = sent(value)
    assert body["custom_args"] == {"preview_broker": MARKER.text}
    assert body["personalizations"][0]["custom_args"] == {"mine": "1"}


def test_recipients_are_what_a_mail_costs() -> None:
    value = message("a@example.com", "b@example.com")
    value["personalizations"].append({"to": [{"email": "c@example.com"}], "bcc": [{"email": "d@example.com"}]})
    assert mail.cost(call("POST", "/v3/mail/send", value)) == {"mails": 4}
    assert mail.cost(call("POST", "/v3/mail/batch")) == {}


def test_a_batch_waits_once_a_mail_of_it_is_accepted() -> None:
    late = call("POST", "/v3/mail/send", message("a@example.com", send_at=1_800_000_000, batch_id="b1"))
    assert mail.scheduled(late, reply(202)) == (Resource("scheduled_send", "scheduled:b1", derived=True),)
    assert mail.scheduled(late, reply(200)) == ()
    assert mail.scheduled(call("POST", "/v3/mail/send", message("a@example.com", batch_id="b1")), reply(202)) == ()
