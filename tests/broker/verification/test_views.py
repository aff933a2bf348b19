"""The documents that matches look at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as some

from broker.verification import views
from broker.verification.language import Match
from tests.broker.storage.samples import attempt, delivery, event, exchange
from tests.clocks import START

JSON = [("content-type", "application/json; charset=utf-8")]
FORM = [("content-type", "application/x-www-form-urlencoded")]


def test_an_exchange_with_the_providers_own_path() -> None:
    seen = views.exchange(
        exchange(
            1,
            path="/e/pr-1~one/alpha/v1/things?limit=3&tag=a&tag=b&empty=",
            request_headers=[*JSON, ("X-Two", "1"), ("x-two", "2")],
            request_body='{"a":{"b":[1]}}',
            scope="one",
        )
    )
    assert (seen["path"], seen["url"]) == ("/v1/things", "/e/pr-1~one/alpha/v1/things?limit=3&tag=a&tag=b&empty=")
    assert seen["query"] == {"limit": "3", "tag": ["a", "b"], "empty": ""}
    assert seen["request"]["body"] == {"a": {"b": [1]}}
    wanted: dict[str, Any] = {
        "query.limit": 3,
        "query.tag": "b",
        "request.headers.X-TWO": ["1", "2"],
        "request.body.a.b[0]": 1,
        "response.status": 200,
        "response.body": {},
        "violations": [],
        "scope": "one",
    }
    assert Match(wanted).differences(seen) == []
    assert orjson.loads(orjson.dumps(seen))["service"] == "alpha"


@pytest.mark.parametrize("path", ["/v1/things", "/e/", "/e/pr-1", "/e/pr-1/alpha"])
def test_other_paths_stay(path: str) -> None:
    assert views.exchange(exchange(1, path=path))["path"] == path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a=1&b=x+y", {"a": "1", "b": "x y"}),
        ("metadata[order]=7&metadata[a][b]=1", {"metadata": {"order": "7", "a": {"b": "1"}}}),
        ("items[0][price]=p&items[1][price]=q", {"items": [{"price": "p"}, {"price": "q"}]}),
        ("expand[]=a&expand[]=b", {"expand": ["a", "b"]}),
        ("items[10]=k&items[9]=j", {"items": ["j", "k"]}),
        ("a=1&a=2&a=3", {"a": ["1", "2", "3"]}),
        ("a=1&a[b]=2", {"a": "1"}),
        ("a[b]=1&a=2", {"a": "2"}),
        ("a%5Bb%5D=%C3%A4", {"a": {"b": "ä"}}),
        ("", {}),
    ],
)
def test_a_form_has_its_brackets_read(text: str, found: Any) -> None:
    assert views.form(text) == found


@given(some.text("ab01[]=&%5", max_size=60))
def test_any_text_is_some_form(text: str) -> None:
    assert isinstance(views.form(text), dict | str | list)


@pytest.mark.parametrize(
    ("headers", "text", "body"),
    [
        (JSON, "{broken", "{broken"),
        ([], '{"a":1}', {"a": 1}),
        ([], "[1]", [1]),
        ([], "<a/>", "<a/>"),
        (JSON, None, None),
        (FORM, "a=1", {"a": "1"}),
        (FORM, "&".join("a=1" for _ in range(3000)), "&".join("a=1" for _ in range(3000))),
    ],
)
def test_bodies_are_values_where_they_can_be(headers: Any, text: str | None, body: Any) -> None:
    assert views.exchange(exchange(1, request_headers=headers, request_body=text))["request"]["body"] == body


def test_an_event_and_its_delivery_without_what_only_signing_needs() -> None:
    of = event(1, payload={"id": "evt_1", "_key": "k", "data": {"a": 1}}, scope="one")
    assert views.event(of)["payload"] == {"id": "evt_1", "data": {"a": 1}}
    fresh = views.delivery(delivery(1), of, [])
    assert (fresh["attempts"], fresh["answers"], fresh["answer"], fresh["error"]) == (0, [], None, None)
    tried = [attempt(1, status=None, error="refused"), attempt(2, status=200)]
    sent = views.delivery(delivery(1, status="delivered", next_at=None), of, tried)
    assert (sent["attempts"], sent["answers"], sent["answer"], sent["next_at"]) == (2, [None, 200], 200, None)
    assert (sent["type"], sent["event"]) == ("thing.created", "evt_1")
    assert sent["payload"] == {"id": "evt_1", "data": {"a": 1}}
    assert sent["created_at"] < views.moment(START + timedelta(seconds=1))  # type: ignore[operator]  # texts sort


MAIL: dict[str, Any] = {
    "id": "m_1",
    "sender": {"email": "Shop@example.com", "name": "Shop"},
    "to": [{"email": "Ada@Example.com", "name": "Ada"}],
    "cc": [{"email": "bob@example.com"}],
    "bcc": [],
    "reply_to": [],
    "subject": "Your order 7",
    "text": "See https://shop.example/orders/7. Or (http://x.example/a?b=c&d=e), bye",
    "html": '<a href="https://shop.example/orders/7?a=1&amp;b=2">order</a>',
    "headers": {"X-Order": "7"},
    "attachments": [{"filename": "a.pdf", "content_type": "application/pdf"}],
    "service": "alpha",
    "sent_at": START.isoformat(),
}


def test_a_mail_by_its_addresses_headers_and_links() -> None:
    seen = views.mail(MAIL)
    assert seen["links"] == [
        "https://shop.example/orders/7",
        "http://x.example/a?b=c&d=e",
        "https://shop.example/orders/7?a=1&b=2",
    ]
    wanted: dict[str, Any] = {
        "to": "ada@example.com",
        "from": "shop@example.COM",
        "recipients": {"$size": 2},
        "people.to.name": "Ada",
        "headers.x-order": 7,
        "attachments": {"filename": {"$endsWith": ".pdf"}},
        "subject": {"$regex": r"order \d+"},
        "links": {"$contains": {"$startsWith": "https://shop"}},
    }
    assert Match(wanted).differences(seen) == []
    assert views.mail({"id": "m", "sender": {}, "to": [], "text": None, "html": None})["links"] == []


def test_a_difference_may_come_from_what_the_journal_does_not_keep() -> None:
    hidden = views.exchange(exchange(1, request_headers=JSON, request_body='{"secret":"[hidden]"}', request_size=21))
    assert views.doubts(hidden, "request.body.secret", "[hidden]") == "the journal hides secrets"
    cut = views.exchange(exchange(1, request_body="x" * 10, request_size=11))
    assert "first part" in str(views.doubts(cut, "request.body", "x"))
    opaque = views.exchange(exchange(1, request_body=None, request_size=9))
    assert "not text" in str(views.doubts(opaque, "request.body", None))
    assert views.doubts(cut, "request.headers.a", None) is None
    assert views.doubts(cut, "status", 1) is None
