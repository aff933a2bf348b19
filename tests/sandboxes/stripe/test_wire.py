from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from contracts.exchange import Headers, Request, Response
from sandboxes.base import Secret
from sandboxes.stripe import wire
from tests.sandboxes.stripe.calls import ACCOUNT, CONNECTED, KEY, MARKER, NOW, OTHER, call, refusal, reply


@pytest.mark.parametrize("key", [KEY, "rk_test_51AbCdEf", "sk_test_123456"])
def test_keys_of_sandboxes_are_taken(key: str) -> None:
    assert wire.check_secret(Secret(key)) is None


@pytest.mark.parametrize(
    "key",
    [
        "sk_live_51AbCdEf",
        "rk_live_51AbCdEf",
        "pk_test_51AbCdEf",
        "pk_live_1",
        "",
        "sk_test_",
        "sk_test_a b c d e",
        "SG.x",
    ],
)
def test_others_are_refused_in_a_sentence_that_does_not_repeat_them(key: str) -> None:
    said = wire.check_secret(Secret(key))
    assert said is not None
    assert said.endswith(".")
    assert key in ("", "sk_test_") or key not in said


def test_the_real_key_goes_out_and_nothing_of_the_virtual_one() -> None:
    made = call(
        "POST",
        "/v1/customers",
        [("name", "Ada")],
        headers=[
            ("stripe-version", "2024-06-20"),
            ("user-agent", "Stripe/v1 PythonBindings"),
            ("accept-encoding", "gzip"),
            ("cookie", "a=b"),
            ("x-forwarded-for", "10.0.0.1"),
            ("connection", "keep-alive"),
        ],
    )
    sent = wire.outbound(made, ACCOUNT, MARKER, NOW)
    fields = dict(sent.headers.pairs)
    assert fields == {
        "content-type": "application/x-www-form-urlencoded",
        "stripe-version": "2024-06-20",
        "user-agent": "Stripe/v1 PythonBindings",
        "authorization": f"Bearer {KEY}",
        "idempotency-key": "pb-8f3kd02ma1-exch1",
    }
    assert sent.path == "/v1/customers"
    assert sent.host == ""
    assert b"sk_test_virtual" not in sent.body


def test_a_read_passes_as_it_was_sent() -> None:
    sent = wire.outbound(call("GET", "/v1/customers/cus_1A", query="expand[]=tax"), ACCOUNT, MARKER, NOW)
    assert (sent.method, sent.query, sent.body) == ("GET", "expand[]=tax", b"")
    assert "idempotency-key" not in sent.headers


def test_a_post_without_a_body_that_gets_a_marker_says_what_it_is() -> None:
    sent = wire.outbound(call("POST", "/v1/customers"), ACCOUNT, MARKER, NOW)
    assert sent.headers.get("content-type") == "application/x-www-form-urlencoded"


def test_the_same_key_of_two_environments_is_two_keys() -> None:
    made = call("POST", "/v1/customers", headers=[("idempotency-key", "order-1")])
    keys = {wire.outbound(made, ACCOUNT, marker, NOW).headers.get("idempotency-key") for marker in (MARKER, OTHER)}
    assert keys == {"pb-8f3kd02ma1-order-1", "pb-zzzzzzzzz1-order-1"}


def test_a_long_key_stays_within_255_characters_and_itself() -> None:
    first, second = ("k" * 250 + end for end in ("1", "2"))

    def sent(key: str) -> str | None:
        return wire.idempotency_key(call("POST", "/v1/customers", headers=[("idempotency-key", key)]), MARKER)

    assert len(sent(first) or "") <= 255
    assert sent(first) == sent(first) != sent(second)


def test_an_environments_connected_account_is_named() -> None:
    assert (
        wire.outbound(call("GET", "/v1/balance"), CONNECTED, MARKER, NOW).headers.get("stripe-account") == "acct_1Own"
    )
    asked = call("GET", "/v1/customers", headers=[("stripe-account", "acct_1Made")])
    assert wire.outbound(asked, ACCOUNT, MARKER, NOW).headers.all("stripe-account") == ["acct_1Made"]
    assert wire.outbound(asked, CONNECTED, MARKER, NOW).headers.all("stripe-account") == ["acct_1Own"]


def test_uploads_go_to_the_host_of_files() -> None:
    boundary = "b1"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\ndispute_evidence\r\n',
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n',
        f"--{boundary}--\r\n",
    ]
    body = "".join(parts).encode()
    made = call("POST", "/v1/files", body, headers=[("content-type", f"multipart/form-data; boundary={boundary}")])
    sent = wire.outbound(made, ACCOUNT, MARKER, NOW)
    assert (sent.host, sent.body) == ("files.stripe.com", body)
    elsewhere = replace(ACCOUNT, endpoint="http://127.0.0.1:1")
    assert wire.outbound(made, elsewhere, MARKER, NOW).host == ""
    split = replace(elsewhere, options={"files_endpoint": "http://127.0.0.1:2"})
    assert wire.outbound(made, split, MARKER, NOW).host == "127.0.0.1:2"


def test_what_the_broker_asks_itself_is_signed() -> None:
    plain = wire.sign(Request(method="GET", path="/v1/customers"), CONNECTED, NOW)
    assert plain.headers.get("authorization") == f"Bearer {KEY}"
    assert plain.headers.get("stripe-account") == "acct_1Own"
    assert plain.headers.get("stripe-version")
    account = wire.sign(Request(method="DELETE", path="/v1/accounts/acct_1Own"), CONNECTED, NOW)
    assert "stripe-account" not in account.headers


def test_the_answer_shows_nothing_of_what_was_added() -> None:
    made = call("POST", "/v1/customers", headers=[("idempotency-key", "order-1")])
    value = {"id": "cus_1A", "metadata": {"preview_broker": MARKER.text, "a": "1"}}
    answer = reply(200, value, [("idempotency-key", "pb-8f3kd02ma1-order-1"), ("request-id", "req_1")])
    shown = wire.inbound(made, answer, MARKER)
    assert json.loads(shown.body) == {"id": "cus_1A", "metadata": {"a": "1"}}
    assert shown.header("idempotency-key") == "order-1"
    assert shown.header("request-id") == "req_1"
    assert shown.header("content-length") == str(len(shown.body))


def test_an_answer_without_anything_added_is_the_same_answer() -> None:
    answer = reply(200, {"id": "cus_1A", "metadata": {}})
    assert wire.inbound(call("GET", "/v1/customers/cus_1A"), answer, MARKER) is answer


def test_a_key_that_the_application_never_sent_is_not_answered() -> None:
    answer = reply(200, {"id": "cus_1A"}, [("idempotency-key", "pb-8f3kd02ma1-exch1")])
    assert wire.inbound(call("POST", "/v1/customers"), answer, MARKER).header("idempotency-key") is None


def test_errors_and_events_quote_the_applications_key() -> None:
    made = call("POST", "/v1/customers", headers=[("idempotency-key", "order-1")])
    said = "Keys for idempotent requests ... Try using a key other than 'pb-8f3kd02ma1-order-1' ..."
    shown = wire.inbound(made, refusal(400, "idempotency_error", said), MARKER)
    assert "other than 'order-1'" in json.loads(shown.body)["error"]["message"]
    event = reply(200, {"id": "evt_1A", "request": {"id": "req_1", "idempotency_key": "pb-8f3kd02ma1-order-1"}})
    shown = wire.inbound(call("GET", "/v1/events/evt_1A"), event, MARKER)
    assert json.loads(shown.body)["request"]["idempotency_key"] == "order-1"


def test_streams_are_not_touched() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"%PDF"

    answer = Response(200, [("content-type", "application/pdf")], stream=chunks())
    shown = wire.inbound(call("GET", "/v1/quotes/qt_1A/pdf"), answer, MARKER)
    assert shown.stream is answer.stream


@pytest.mark.parametrize(
    ("status", "said", "again"),
    [
        (429, "true", True),
        (429, None, False),
        (409, None, True),
        (409, "false", False),
        (500, None, True),
        (503, "false", False),
        (400, None, False),
        (402, None, False),
    ],
)
def test_stripe_says_what_may_be_sent_again(status: int, said: str | None, again: bool) -> None:
    answer = reply(status, {}, [("stripe-should-retry", said)] if said else [])
    assert wire.repeatable(call("POST", "/v1/customers"), answer) is again


def test_a_post_is_sent_again_by_its_key_only() -> None:
    made = call("POST", "/v1/customers")
    bare = replace(made, request=replace(made.request, headers=Headers([])))
    assert wire.repeatable(made, None)
    assert not wire.repeatable(bare, None)
    assert not wire.repeatable(bare, reply(500, {}))
    assert wire.repeatable(
        replace(call("GET", "/v1/customers"), request=Request(method="GET", path="/v1/customers")), None
    )


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (refusal(429, "rate_limit", headers=[("stripe-rate-limited-reason", "global-rate")]), 1.0),
        (refusal(429, "rate_limit"), 1.0),
        (refusal(429, "rate_limit", headers=[("retry-after", "7")]), 7.0),
        (refusal(429, "lock_timeout"), None),
        (refusal(400), None),
        (reply(200, {}), None),
    ],
)
def test_a_locked_object_is_no_reason_for_the_account_to_rest(answer: Response, seconds: float | None) -> None:
    assert wire.throttled(answer) == seconds


@pytest.mark.parametrize(
    ("method", "path", "form", "locked"),
    [
        ("GET", "/v1/customers/cus_1A", [], None),
        ("POST", "/v1/customers", [("name", "Ada")], None),
        ("POST", "/v1/customers/cus_1A", [("name", "Ada")], "cus_1A"),
        ("DELETE", "/v1/customers/cus_1A", [], "cus_1A"),
        ("POST", "/v1/customers/cus_1A/tax_ids", [("type", "eu_vat"), ("value", "DE1")], "cus_1A"),
        ("POST", "/v1/subscriptions", [("customer", "cus_1A")], "cus_1A"),
        ("POST", "/v1/invoiceitems", [("customer", "cus_1A"), ("invoice", "in_1A")], "in_1A"),
        ("POST", "/v1/refunds", [("payment_intent", "pi_1A")], "pi_1A"),
        ("POST", "/v1/payment_intents", [("amount", "5"), ("currency", "eur"), ("customer", "cus_1A")], None),
        ("POST", "/v1/invoices/create_preview", [("customer", "cus_1A")], None),
    ],
)
def test_writes_to_one_object_come_one_after_the_other(
    method: str, path: str, form: list[tuple[str, str]], locked: str | None
) -> None:
    assert wire.serial(call(method, path, form)) == locked


def test_money_counts_in_minor_units() -> None:
    assert wire.cost(call("POST", "/v1/payment_intents", [("amount", "500"), ("currency", "eur")])) == {"amount": 500}
    assert wire.cost(call("POST", "/v1/customers")) == {}
    session = [
        ("mode", "payment"),
        ("line_items[0][price_data][unit_amount]", "500"),
        ("line_items[0][price_data][currency]", "eur"),
        ("line_items[0][quantity]", "3"),
        ("line_items[1][price]", "price_1A"),
    ]
    assert wire.cost(call("POST", "/v1/checkout/sessions", session)) == {"amount": 1500}
