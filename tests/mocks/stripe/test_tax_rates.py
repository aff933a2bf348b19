"""Tax rates: https://docs.stripe.com/api/tax_rates."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_a_tax_rate_lives(stripe: Stripe) -> None:
    made = await stripe.post("tax_rates", display_name="VAT", inclusive=False, percentage=20.5, country="DE",
                             jurisdiction="DE", tax_type="vat")  # fmt: skip
    assert (made["percentage"], made["active"], made["rate_type"]) == (20.5, True, "percentage")
    changed = await stripe.post(f"tax_rates/{made['id']}", active=False, description="Old", metadata={"a": "b"})
    assert (changed["active"], changed["description"], changed["metadata"]) == (False, "Old", {"a": "b"})
    assert await stripe.get(f"tax_rates/{made['id']}") == changed
    other = await stripe.post("tax_rates", display_name="GST", inclusive=True, percentage=10)
    assert (await stripe.get("tax_rates", active=True))["data"] == [other]
    assert (await stripe.get("tax_rates", inclusive=False))["data"] == [changed]
    assert await stripe.event_types() == ["tax_rate.created", "tax_rate.updated", "tax_rate.created"]


async def test_what_is_no_tax_rate(stripe: Stripe) -> None:
    rate = {"display_name": "VAT", "inclusive": True, "percentage": 20}
    assert (await stripe.error("POST", "tax_rates", 400, **rate | {"percentage": 101}))["param"] == "percentage"
    assert (await stripe.error("POST", "tax_rates", 400, **rate | {"display_name": ""}))["param"] == "display_name"
    assert (await stripe.error("POST", "tax_rates", 400, display_name="VAT", inclusive=True))["param"] == "percentage"
    made = await stripe.post("tax_rates", **rate)
    refused = await stripe.error("POST", f"tax_rates/{made['id']}", 400, percentage=10)
    assert refused["code"] == "parameter_unknown"
    assert (await stripe.error("GET", "tax_rates/txr_none", 404))["message"] == "No such tax rate: 'txr_none'"
