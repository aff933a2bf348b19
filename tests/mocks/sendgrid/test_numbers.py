"""Ids that are numbers."""

from __future__ import annotations

from mocks.sendgrid.numbers import key
from tests.harness import Harness, value


def test_keys_are_ordered_as_numbers_are() -> None:
    assert sorted([key(10), key(9), key(100)]) == [key(9), key(10), key(100)]


async def test_a_number_is_given_once(sendgrid: Harness) -> None:
    """Links are numbered one by one, whatever was deleted."""
    made = []
    for name in ("a", "b", "c"):
        response = await sendgrid.call("POST", "/v3/whitelabel/links", json={"domain": f"{name}.example.com"})
        made.append(value(response)["id"])
        assert (await sendgrid.call("DELETE", f"/v3/whitelabel/links/{made[-1]}")).status == 204
    assert made == [1001, 1002, 1003]
