"""Keys on the wire, headers of answers, variables of SDKs."""

from __future__ import annotations

import pytest

from contracts.exchange import Headers, Request, Response
from mocks.base import BindingView
from mocks.sendgrid import signing, wire

KEY = f"SG.{'a' * 22}.{'b' * 43}"


def request(authorization: str | None) -> Request:
    return Request(
        method="POST",
        path="/v3/mail/send",
        headers=Headers([] if authorization is None else [("authorization", authorization)]),
    )


def test_a_made_key_has_sendgrids_shape() -> None:
    key, secret = wire.new_key(lambda length, alphabet: alphabet[0] * length)
    assert len(key) == 69
    assert secret is None
    presented = wire.credential(request(f"Bearer {key}"))
    assert presented is not None
    assert presented.familiar


def test_a_key_of_the_shape_may_be_a_real_one() -> None:
    presented = wire.credential(request(f"Bearer {KEY}"))
    assert presented is not None
    assert (presented.key, presented.live, presented.familiar) == (KEY, True, True)
    assert presented.hint == "SG.****bbbb"


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", f"Basic {KEY}", KEY])
def test_no_bearer_no_credential(authorization: str | None) -> None:
    assert wire.credential(request(authorization)) is None


def test_another_providers_key_is_not_familiar() -> None:
    presented = wire.credential(request("Bearer sk_test_4eC39HqLyjWDarjtT1zdp7dc"))
    assert presented is not None
    assert not presented.familiar
    assert not presented.live
    assert "dp7dc" not in presented.hint


def test_variables_are_what_the_sdks_read() -> None:
    keys: dict[str, tuple[str, str | None]] = {"api_key": (KEY, None)}
    view = BindingView(base_url="http://h/e/pr-1/sendgrid", root_url="http://h", credentials=keys)
    known = {"SENDGRID_API_BASE": "http://h/e/pr-1/sendgrid", "SENDGRID_API_KEY": KEY}
    assert wire.variables(view) == known
    keys["webhook_key"] = signing.new_key(lambda length, alphabet: alphabet[0] * length)
    told = wire.variables(view)
    assert told == {**known, "SENDGRID_WEBHOOK_PUBLIC_KEY": signing.public_key(keys["webhook_key"][0])}
    assert keys["webhook_key"][0] not in told.values()


def test_answers_carry_the_providers_headers() -> None:
    response = Response(202)
    wire.decorate(request(None), response, lambda prefix, length: prefix + "x" * length)
    assert response.header("server") == "nginx"
    assert response.header("access-control-allow-methods") == "POST"
    assert response.header("strict-transport-security") is not None


def test_keys_are_found_in_any_text() -> None:
    private, _ = signing.new_key(lambda length, alphabet: alphabet[1] * length)
    for (contained, pattern), key in zip(wire.SECRETS.items(), (KEY, private), strict=True):
        assert contained in key
        assert pattern.sub("*", f"a key {key}, and more") == "a key *, and more"
