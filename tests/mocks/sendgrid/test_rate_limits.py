"""The rates of SendGrid's endpoints, and how they are told."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import library
from mocks.sendgrid.errors import render_error
from mocks.sendgrid.rate_limits import RATES, USUAL
from tests.harness import value
from tests.mocks.sendgrid.test_errors import LISTS

OPERATIONS = library.load("sendgrid").operations()
SCOPES, SEND = OPERATIONS["GET_scopes"], OPERATIONS["POST_mail-send"]


def test_an_endpoint_tells_its_usual_rate_and_refuses_nobody() -> None:
    rate = RATES.of(SCOPES, {}, {})
    assert rate is not None
    assert (rate.calls, rate.seconds, rate.strict) == (USUAL, 60, False)
    assert RATES.headers(rate, 599, 1392815263, False) == (
        ("x-ratelimit-limit", "600"),
        ("x-ratelimit-remaining", "599"),
        ("x-ratelimit-reset", "1392815263"),
    )


def test_mail_send_tells_none_until_it_is_too_many() -> None:
    assert RATES.of(SEND, {}, {}) is None
    rate = RATES.of(SEND, {"rate_limit": 2}, {})
    assert rate is not None
    assert rate.strict
    assert RATES.headers(rate, 0, 60, False) == ()
    assert RATES.headers(rate, 0, 60, True)[1] == ("x-ratelimit-remaining", "0")


@pytest.mark.parametrize("wrong", ["5", -1, True, None, 1.5])
def test_a_limit_is_a_number_of_calls(wrong: Any) -> None:
    rate = RATES.of(SCOPES, {"rate_limit": wrong}, {})
    assert rate is not None
    assert not rate.strict


def test_each_account_and_endpoint_has_its_own() -> None:
    found = {
        RATES.of(each, {}, grant) for each in (SCOPES, OPERATIONS["GET_api_keys"]) for grant in ({}, {"account": "ada"})
    }
    assert len(found) == 4


def test_one_too_many_is_told_as_documented() -> None:
    response = render_error(RATES.refusal(), LISTS)
    assert (response.status, value(response)) == (429, {"errors": [{"message": "too many requests", "field": None}]})
