"""Balance settings: https://docs.stripe.com/api/balance-settings."""

from __future__ import annotations

from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


async def test_the_schedule_of_a_connected_account_is_changed(stripe: Stripe) -> None:
    account = await connect.account(stripe)
    on = connect.on(account["id"])
    found = (await stripe.get("balance_settings", headers=on))["payments"]
    assert (found["payouts"]["schedule"], found["payouts"]["status"]) == ({"interval": "daily"}, "enabled")
    assert found["settlement_timing"] == {"delay_days": 2, "delay_days_override": None}
    new = await stripe.post("balance_settings", headers=on, payments={
        "debit_negative_balances": True,
        "payouts": {
            "minimum_balance_by_currency": {"usd": 1500, "cad": 8000},
            "schedule": {"interval": "weekly", "weekly_payout_days": ["monday", "wednesday"]},
            "statement_descriptor": "SHOP",
        },
        "settlement_timing": {"delay_days_override": 3},
    })  # fmt: skip
    assert await stripe.get("balance_settings", headers=on) == new
    paid = new["payments"]["payouts"]
    assert paid["schedule"] == {"interval": "weekly", "weekly_payout_days": ["monday", "wednesday"]}
    assert (paid["minimum_balance_by_currency"], paid["statement_descriptor"]) == ({"usd": 1500, "cad": 8000}, "SHOP")
    assert new["payments"]["settlement_timing"] == {"delay_days": 3, "delay_days_override": 3}
    own = (await stripe.get(f"accounts/{account['id']}"))["settings"]["payouts"]
    assert (own["schedule"]["interval"], own["schedule"]["weekly_anchor"]) == ("weekly", "monday")
    told = [event["type"] for event in (await stripe.get("events", headers=on))["data"]]
    assert told[:2] == ["balance_settings.updated", "account.updated"]
    back = await stripe.post("balance_settings", headers=on, payments={
        "payouts": {"minimum_balance_by_currency": {"cad": ""}}, "settlement_timing": {"delay_days_override": ""},
    })  # fmt: skip
    assert back["payments"]["payouts"]["minimum_balance_by_currency"] == {"usd": 1500}
    assert back["payments"]["settlement_timing"] == {"delay_days": 2, "delay_days_override": None}


async def test_the_platform_has_settings_of_its_own(stripe: Stripe) -> None:
    schedule = {"interval": "monthly", "monthly_payout_days": [5, 20]}
    new = await stripe.post("balance_settings", payments={"payouts": {"schedule": schedule}})
    assert new["payments"]["payouts"]["schedule"] == schedule
    assert await stripe.get("balance_settings") == new


async def test_what_does_not_fit_is_refused(stripe: Stripe) -> None:
    await stripe.customer()
    before = stripe.records()
    for schedule in (
        {"interval": "weekly"},
        {"interval": "monthly", "monthly_payout_days": [32]},
        {"interval": "daily", "weekly_payout_days": ["monday"]},
    ):
        await stripe.error("POST", "balance_settings", 400, payments={"payouts": {"schedule": schedule}})
    await stripe.error("POST", "balance_settings", 400, payments={"settlement_timing": {"delay_days_override": 32}})
    assert stripe.records() == before
