"""Addresses get a verdict."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Harness, value
from tests.mocks.sendgrid.audience import suppressed


async def verdict(sendgrid: Harness, email: str, **more: Any) -> dict[str, Any]:
    response = await sendgrid.call("POST", "/v3/validations/email", json={"email": email, **more})
    assert response.status == 200, response.body
    found: dict[str, Any] = value(response)["result"]
    return found


async def test_a_good_address(sendgrid: Harness) -> None:
    assert await verdict(sendgrid, "ada@Example.com", source="signup") == {
        "email": "ada@Example.com",
        "verdict": "Valid",
        "score": 0.97,
        "local": "ada",
        "host": "example.com",
        "checks": {
            "domain": {
                "has_valid_address_syntax": True,
                "has_mx_or_a_record": True,
                "is_suspected_disposable_address": False,
            },
            "local_part": {"is_suspected_role_address": False},
            "additional": {"has_known_bounces": False, "has_suspected_bounces": False},
        },
        "ip_address": "192.0.2.1",
        "source": "signup",
    }


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("no address", "Invalid"),
        ("a@b", "Invalid"),
        ("a" * 250 + "@example.com", "Invalid"),
        ("ada@nowhere.invalid", "Invalid"),
        ("invalid@example.com", "Invalid"),
        ("bounce@example.com", "Risky"),
        ("info@example.com", "Risky"),
        ("ada@mailinator.com", "Risky"),
        ("ada@gmial.com", "Risky"),
    ],
)
async def test_worse_ones(sendgrid: Harness, email: str, expected: str) -> None:
    assert (await verdict(sendgrid, email))["verdict"] == expected


async def test_typos_and_bounces_are_told(sendgrid: Harness) -> None:
    assert (await verdict(sendgrid, "ada@gmial.com"))["suggestion"] == "gmail.com"
    await suppressed(sendgrid, "bounces", "ada@example.com")
    found = await verdict(sendgrid, "ada@example.com")
    assert (found["verdict"], found["checks"]["additional"]["has_known_bounces"]) == ("Risky", True)


@pytest.mark.parametrize("sent", [{}, {"email": ""}, {"email": 5}])
async def test_without_an_address(sendgrid: Harness, sent: dict[str, Any]) -> None:
    response = await sendgrid.call("POST", "/v3/validations/email", json=sent)
    assert response.status == 400
    assert value(response)["errors"][0]["field"] == "email"
