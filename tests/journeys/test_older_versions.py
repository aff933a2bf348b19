"""An application of years ago: stripe-python sends what its version had, by every way of addressing."""

from __future__ import annotations

from typing import Any

import pytest

from demo.serving import Broker
from tests.journeys.test_stripe_python import WAYS, Way, client


@pytest.mark.usefixtures("loopback_names")
@pytest.mark.parametrize("way", WAYS)
def test_a_shop_of_2014(server: Broker, environment: dict[str, Any], way: Way) -> None:
    shop = client(server, environment, way)

    def call(method: Any, path: str, **params: Any) -> Any:
        return shop.deserialize(
            shop.raw_request(method, f"/v1/{path}", stripe_version="2014-12-08", **params), api_mode="V1"
        )

    plan = call("post", "plans", id="gold", name="Gold", amount=1500, currency="usd", interval="month")
    assert plan["name"] == "Gold"
    customer = call("post", "customers", card="tok_visa", plan="gold", email="ada@example.com")
    assert customer["default_card"] == customer["cards"]["data"][0]["id"]
    [subscription] = call("get", f"customers/{customer['id']}/subscriptions")["data"]
    assert (subscription["status"], subscription["plan"]["id"]) == ("active", "gold")
    waits = call("delete", f"customers/{customer['id']}/subscriptions/{subscription['id']}", at_period_end=True)
    assert waits["cancel_at_period_end"] is True
    charge = call("post", "charges", amount=700, currency="usd", customer=customer["id"], statement_description="TEA")
    assert (charge["card"]["last4"], charge["statement_description"]) == ("4242", "TEA")
    refunded = call("post", f"charges/{charge['id']}/refund")
    assert (refunded["object"], refunded["refunded"]) == ("charge", True)
    assert call("get", "invoices", customer=customer["id"])["data"][0]["closed"] is True
