"""The shapes of accounts and leases: what they let in, and that no credential has a place in an answer."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from broker.control.external_shapes import ACCOUNT, COMPONENTS, ROTATION


@pytest.mark.parametrize(
    "secret",
    [{"variable": "KEY_1"}, {"file": "/run/secrets/key"}, {"value": "k"}, {"value": {"key": "k", "secret": "s"}}],
)
def test_a_credential_has_one_place(secret: Any) -> None:
    validator = jsonschema_rs.Draft202012Validator(ACCOUNT)
    assert validator.is_valid({"service": "alpha", "secret": secret})
    assert not validator.is_valid({"service": "alpha", "secret": {**secret, "more": "x"}})
    assert not validator.is_valid({"service": "alpha", "secret": {"variable": "A", "file": "/a", **secret}})


@pytest.mark.parametrize("body", [{}, {"rate": 0}, {"concurrency": 0}, {"environments": []}, {"pool": "A_B"}])
def test_what_is_no_account_is_refused(body: Any) -> None:
    given = {**body} if not body else {"service": "alpha", **body}
    assert not jsonschema_rs.Draft202012Validator(ACCOUNT).is_valid(given)


def test_answers_have_exactly_what_is_declared() -> None:
    for name in ("Account", "AccountVerdict", "Lease", "Rotated"):
        assert COMPONENTS[name]["additionalProperties"] is False
    assert set(COMPONENTS["Account"]["properties"]["secret"]["properties"]) == {"from", "name"}


def test_a_rotation_says_nothing_or_how() -> None:
    validator = jsonschema_rs.Draft202012Validator(ROTATION)
    assert validator.is_valid({})
    assert validator.is_valid({"service": "alpha", "overlap": "0"})
    assert not validator.is_valid({"overlap": 5})
