"""Where requests come from, and where nobody is led."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from broker.dashboard import guard
from broker.settings import Settings


def request(scheme: str = "http", **headers: str) -> Request:
    fields = {"host": "broker.example:4600"} | {name.replace("_", "-"): value for name, value in headers.items()}
    raw = [(name.encode(), value.encode()) for name, value in fields.items()]
    return Request({"type": "http", "scheme": scheme, "method": "POST", "path": "/", "headers": raw})


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"origin": "http://broker.example:4600"}, True),
        ({"origin": "https://broker.example:4600", "sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "same-origin"}, True),
        ({}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"origin": "http://broker.example"}, False),
        ({"origin": "http://pay.pr-1.broker.example:4600"}, False),
        ({"origin": "http://broker.example:4600", "sec_fetch_site": "same-site"}, False),
        ({"sec_fetch_site": "cross-site"}, False),
    ],
)
def test_a_form_is_of_a_page_of_ours(headers: dict[str, str], own: bool) -> None:
    assert guard.is_own(request(**headers)) is own


def test_pages_are_shown_as_documents() -> None:
    assert guard.is_document(request())
    assert guard.is_document(request(sec_fetch_dest="document"))
    assert not guard.is_document(request(sec_fetch_dest="iframe"))
    assert not guard.is_document(request(sec_fetch_dest="empty"))


def test_https_is_seen_here_or_before_us() -> None:
    plain = Settings()
    assert guard.is_secure(request("https"), plain)
    assert guard.is_secure(request(x_forwarded_proto="https, http"), plain)
    assert guard.is_secure(request(), plain.with_(public_url="https://broker.example"))
    assert not guard.is_secure(request(), plain)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/",
        "/_broker/docs",
        "//evil.example/_broker/ui/",
        "https://evil.example/_broker/ui/",
        "/_broker/ui",
        "/_broker/ui/../docs",
        "/_broker/ui/.%2E/docs",
        "/_broker/ui//evil.example",
        "/_broker/ui/\\evil.example",
        "/_broker/ui/ x",
        "javascript:alert(1)",
    ],
)
def test_nobody_is_led_elsewhere(address: str) -> None:
    assert guard.within(address) is None
    assert guard.within("/_broker/ui/environments/pr-1?x=//y") == "/_broker/ui/environments/pr-1?x=//y"


def test_only_what_carries_the_nonce_runs() -> None:
    policy = guard.policy("abc")
    assert "script-src 'nonce-abc'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
