"""Where a document's keys stand, and whom each operation lets in."""

from __future__ import annotations

import base64
import re
import time

import pytest

from contracts.exchange import Headers, Request
from mocks.generic import security
from tests.mocks.generic.crm import KEY

SCHEMES = {
    "key": {"in": "header", "name": "X-Crm-Key"},
    "query": {"in": "query", "name": "token"},
    "cookie": {"in": "cookie", "name": "session"},
    "bearer": {"in": "bearer", "name": "authorization"},
    "basic": {"in": "basic", "name": "authorization"},
    "mutual": {"in": "other", "name": "mutualtls"},
}


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def sent(query: str = "", **headers: str) -> Request:
    fields = [(name.replace("_", "-"), text) for name, text in headers.items()]
    return Request(method="GET", path="/", query=query, headers=Headers(fields))


WAYS = {
    "key": sent(x_crm_key=KEY),
    "query": sent(f"a=1&token={KEY}"),
    "cookie": sent(cookie=f"theme=dark; session={KEY}"),
    "bearer": sent(authorization=f"Bearer {KEY}"),
    "basic": sent(authorization=basic(f"crm:{KEY}")),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_key_is_found_where_its_scheme_says(way: str) -> None:
    shown = security.presented(WAYS[way], "crm", SCHEMES)
    assert shown is not None
    assert (shown.key, shown.familiar) == (KEY, True)
    assert security.presented(WAYS[way], "crm", {"mutual": SCHEMES["mutual"]}) is None
    assert security.allowed(WAYS[way], [[way]], SCHEMES)
    others = [[one] for one in WAYS if one != way]
    assert not security.allowed(WAYS[way], others, SCHEMES)
    assert security.keys_in(WAYS[way]) == [KEY]


def test_a_basic_key_may_be_the_user_name() -> None:
    shown = security.presented(sent(authorization=basic(f"{KEY}:")), "crm", SCHEMES)
    assert shown is not None
    assert shown.key == KEY


def test_another_text_in_its_place_is_shown_as_it_is() -> None:
    shown = security.presented(sent(x_crm_key="token abc"), "crm", SCHEMES)
    assert shown is not None
    assert (shown.key, shown.familiar) == ("abc", False)


@pytest.mark.parametrize("wrong", ["Basic !!!", "Basic", "Digest abc", "Basic " + "/w=="])
def test_what_is_no_credential_is_none(wrong: str) -> None:
    assert security.presented(sent(authorization=wrong), "crm", SCHEMES) is None


def test_a_document_without_schemes_takes_the_usual_ones() -> None:
    for request in (WAYS["bearer"], sent(x_api_key=KEY)):
        shown = security.presented(request, "crm", {})
        assert shown is not None
        assert shown.key == KEY


def test_alternatives_and_what_has_to_stand_together() -> None:
    both = sent(f"token={KEY}", x_crm_key=KEY)
    assert security.allowed(both, [["key", "query"]], SCHEMES)
    assert not security.allowed(WAYS["key"], [["key", "query"]], SCHEMES)
    assert security.allowed(WAYS["key"], [["query"], ["key"]], SCHEMES)
    assert security.allowed(sent(), [], SCHEMES)
    assert security.allowed(sent(), [["query"], []], SCHEMES), "an empty alternative lets everybody in"
    assert security.allowed(sent(), [["mutual"]], SCHEMES), "nobody can look at it"
    assert security.allowed(sent(), [["unknown"]], SCHEMES)


def test_looking_for_keys_takes_no_long_time() -> None:
    hostile = sent("a" * 60_000 + security.SIGN, x_any="a" * 60_000)
    begun = time.perf_counter()
    assert security.keys_in(hostile) == []
    assert time.perf_counter() - begun < 2.0


def test_variables_name_what_a_client_needs() -> None:
    assert security.variables("CRM", {"key": SCHEMES["key"]}, KEY) == {"CRM_API_KEY": KEY}
    assert set(security.variables("CRM", SCHEMES, KEY)) == {"CRM_API_KEY", "CRM_USERNAME", "CRM_PASSWORD"}
    assert re.fullmatch(r"[a-z]+", security.variables("CRM", SCHEMES, KEY)["CRM_USERNAME"])
