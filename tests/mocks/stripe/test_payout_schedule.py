"""Which days are paydays: https://docs.stripe.com/connect/manage-payout-schedule."""

from __future__ import annotations

from datetime import UTC, datetime

from mocks.stripe.payout_schedule import is_payday


def paydays(plan: dict[str, object], month: int, days: int) -> list[int]:
    return [
        day for day in range(1, days + 1) if is_payday(plan, int(datetime(2026, month, day, tzinfo=UTC).timestamp()))
    ]


def test_money_leaves_on_the_days_of_the_schedule() -> None:
    assert paydays({"interval": "manual"}, 2, 28) == []
    assert paydays({"interval": "daily"}, 2, 8) == [2, 3, 4, 5, 6]
    assert paydays({"interval": "weekly", "weekly_payout_days": ["monday", "friday"]}, 2, 14) == [2, 6, 9, 13]
    assert paydays({"interval": "weekly", "weekly_anchor": "tuesday"}, 2, 8) == [3]
    assert paydays({"interval": "monthly", "monthly_payout_days": [5, 31]}, 2, 28) == [5, 28]
    assert paydays({"interval": "monthly", "monthly_anchor": 30}, 1, 31) == [30]
