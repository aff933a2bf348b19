"""Keys, headers, refusals and rates."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from contracts.exchange import Headers, Request
from sandboxes.base import Account, Refused, Secret
from sandboxes.sendgrid import wire
from tests.sandboxes.sendgrid.calls import ACCOUNT, KEY, NOW, OWN, Scripted, call, reply


@pytest.mark.parametrize("key", ["", "SG.", "sk_test_x", KEY + "x", KEY[:-1], f"Bearer {KEY}"])
def test_what_has_no_keys_shape_is_refused(key: str) -> None:
    told = wire.check_secret(Secret(key))
    assert told is not None
    assert key not in told or len(key) < 4


def test_a_key_of_the_shape_is_good() -> None:
    assert wire.check_secret(Secret(KEY)) is None


def test_a_request_is_signed_with_the_accounts_key_alone() -> None:
    request = Request(
        method="GET",
        path="/v3/templates",
        query="page_size=1",
        headers=Headers([("authorization", "Bearer virtual"), ("on-behalf-of", "other"), ("accept", "a/b")]),
        host="gateway.example",
    )
    signed = wire.sign(request, ACCOUNT, NOW)
    assert signed.headers.pairs == [
        ("accept", "a/b"),
        ("authorization", f"Bearer {KEY}"),
        ("accept-encoding", "identity"),
    ]
    assert (signed.host, signed.path, signed.query) == ("", "/v3/templates", "page_size=1")


@pytest.mark.parametrize(
    ("path", "subuser"),
    [
        ("/v3/templates", OWN.subaccount),
        ("/v3/mail/send", OWN.subaccount),
        ("/v3/user/scheduled_sends", OWN.subaccount),
        ("/v3/subusers", None),
        ("/v3/subusers/pb-k3x9qa-8f3kd02ma1", None),
        ("/v3/ips", None),
        ("/v3/user/webhooks/event/settings/all", None),
    ],
)
def test_a_subuser_is_acted_for_but_where_subusers_are_the_matter(path: str, subuser: str | None) -> None:
    assert wire.sign(Request(method="GET", path=path), OWN, NOW).headers.get("on-behalf-of") == subuser


def test_headers_of_connection_and_gateway_do_not_pass() -> None:
    headers = Headers(
        [
            ("connection", "keep-alive, x-hop"),
            ("x-hop", "1"),
            ("host", "gateway"),
            ("cookie", "a=b"),
            ("broker-exchange", "e1"),
            ("x-forwarded-for", "10.0.0.1"),
            ("user-agent", "sendgrid/6"),
            ("content-type", "application/json"),
        ]
    )
    assert [name for name, _ in wire.passing(headers)] == ["user-agent", "content-type"]


@pytest.mark.parametrize(("account", "passes"), [(ACCOUNT, False), (OWN, True)])
def test_the_accounts_own_matters_change_on_behalf_of_a_subuser_only(account: Account, passes: bool) -> None:
    contacts = call("PUT", "/v3/marketing/contacts", {"contacts": [{"email": "a@example.com"}]})
    if passes:
        wire.only_for_subusers(contacts, account)
    else:
        with pytest.raises(Refused, match="isolation: account"):
            wire.only_for_subusers(contacts, account)
    wire.only_for_subusers(call("GET", "/v3/marketing/contacts"), account)


def test_an_application_names_no_subuser() -> None:
    told = wire.forbids(call("GET", "/v3/scopes", headers=[("on-behalf-of", "somebody")]))
    assert told is not None
    assert "on-behalf-of" in told
    assert wire.forbids(call("GET", "/v3/scopes")) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([], 1.0),
        ([("x-ratelimit-reset", "30")], 30.0),
        ([("x-ratelimit-reset", "1392815263"), ("date", "Wed, 19 Feb 2014 13:07:03 GMT")], 40.0),
        ([("x-ratelimit-reset", "1392815263"), ("date", "Wed, 19 Feb 2014 14:07:03 GMT")], 1.0),
        ([("x-ratelimit-reset", "1392815263"), ("date", "yesterday")], 1.0),
        ([("x-ratelimit-reset", "1392815263")], 1.0),
        ([("x-ratelimit-reset", "99999")], 600.0),
        ([("x-ratelimit-reset", "soon")], 1.0),
        ([("retry-after", "7"), ("x-ratelimit-reset", "30")], 7.0),
    ],
)
def test_an_account_rests_until_its_period_ends(headers: list[tuple[str, str]], seconds: float) -> None:
    assert wire.throttled(reply(429, {"errors": [{"message": "too many requests"}]}, headers)) == seconds


def test_other_answers_are_no_refusal_for_the_rate() -> None:
    assert wire.throttled(reply(403, None, [("x-ratelimit-reset", "30")])) is None


def test_only_what_reads_is_sent_twice() -> None:
    read, write = call("GET", "/v3/scopes"), call("POST", "/v3/mail/batch")
    assert wire.repeatable(read, None)
    assert wire.repeatable(read, reply(503))
    assert wire.repeatable(write, reply(429))
    assert not wire.repeatable(read, reply(404))
    assert not wire.repeatable(write, None)
    assert not wire.repeatable(write, reply(500))
    assert wire.serial(write) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"errors": [{"message": "access forbidden"}, {"message": "again"}]}, "access forbidden; again"),
        ({"error": "resource not found"}, "resource not found"),
        (["x"], "no reason given"),
        (None, "no reason given"),
    ],
)
def test_refusals_are_told_in_sendgrids_words(value: object, words: str) -> None:
    assert wire.words(reply(403, value)) == f"SendGrid answered 403: {words}"


async def test_an_answer_is_read_whole_and_must_succeed() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"a"'
        yield b":1}"

    streamed = reply(200)
    streamed.stream = pieces()
    send = Scripted(streamed, reply(404), reply(500, {"errors": [{"message": "down"}]}))
    assert (await wire.ask(send, "GET", "/v3/x")).body == b'{"a":1}'
    assert (await wire.ask(send, "GET", "/v3/x", accept=(404,))).status == 404
    with pytest.raises(Refused, match="down") as refused:
        await wire.ask(send, "POST", "/v3/x", value={"b": 2})
    assert refused.value.status == 500
    assert send.body() == {"b": 2}
