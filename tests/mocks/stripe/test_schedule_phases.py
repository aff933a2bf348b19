"""Phases of schedules: https://docs.stripe.com/api/subscription_schedules/create."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mocks.stripe.billing import payer, price
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.test_schedules import phase

#: 2027-01-31 00:00 UTC, and the ends of months after it.
JANUARY, FEBRUARY, MARCH = 1_801_353_600, 1_803_772_800, 1_806_451_200


async def scheduled(stripe: Stripe, *phases: Any, expect: int = 200, version: str | None = None) -> Any:
    headers = {"Stripe-Version": version} if version else None
    asked = {"customer": (await payer(stripe))["id"], "start_date": JANUARY, "phases": phases}
    return await stripe.post("subscription_schedules", expect=expect, headers=headers, **asked)


async def test_a_phase_lasts_to_its_end_or_for_a_time(stripe: Stripe) -> None:
    tea = await price(stripe)
    made = await scheduled(stripe, phase(tea), phase(tea, end_date=MARCH), phase(tea, duration={"interval": "week"}))
    dates = [(each["start_date"], each["end_date"]) for each in made["phases"]]
    assert dates == [(JANUARY, FEBRUARY), (FEBRUARY, MARCH), (MARCH, MARCH + 604_800)]


async def test_iterations_are_of_older_versions(stripe: Stripe) -> None:
    tea = await price(stripe)
    refused = await scheduled(stripe, phase(tea, iterations=2), expect=400)
    assert (refused["error"]["code"], refused["error"]["param"]) == ("parameter_unknown", "phases[0][iterations]")
    made = await scheduled(stripe, phase(tea, iterations=2), version="2025-08-27.basil")
    assert made["phases"][0]["end_date"] == MARCH


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"end_date": JANUARY}, "phases[0][end_date]"),
        ({"end_date": MARCH, "duration": {"interval": "week"}}, "phases[0][end_date]"),
        ({"trial_end": MARCH, "end_date": FEBRUARY}, "phases[0][trial_end]"),
        ({"trial": True, "trial_end": FEBRUARY}, "phases[0][trial]"),
        ({"default_payment_method": "pm_card_visa"}, "phases[0][default_payment_method]"),
        ({"discounts": [{"coupon": "none"}]}, "phases[0][discounts][0][coupon]"),
        ({"items": [{"price": "price_none"}]}, "phases[0][items][0][price]"),
    ],
)
async def test_what_no_phase_can_be_is_refused(stripe: Stripe, wrong: dict[str, Any], param: str) -> None:
    refused = await scheduled(stripe, phase(await price(stripe), **wrong), expect=400)
    assert refused["error"]["param"] == param


async def test_a_trial_may_be_the_whole_phase(stripe: Stripe) -> None:
    made = await scheduled(stripe, phase(await price(stripe), trial=True))
    assert made["phases"][0]["trial_end"] == FEBRUARY
