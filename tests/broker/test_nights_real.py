"""A night through the whole way: durable work, checks of both sides through the gateway, drift that comes and goes."""

from __future__ import annotations

from pathlib import Path

from broker.reports.night import Night
from contracts import probes
from mocks.stripe.service import SERVICE
from sandboxes.stripe.provider import PROVIDER
from tests.broker.planted import ACCOUNT, KEY, Pair, edited, pair
from tests.broker.targets import until

PROBES = """
version: 1
service: stripe
compare: {ignore: ["**.invoice_prefix"]}
scenarios:
  customers:
    steps:
      - call: POST /v1/customers
        form: {email: jenny@example.com, name: "Probe ${run}"}
        capture: {customer: id}
        expect: 200
      - call: GET /v1/customers/${customer}
        expect: 200
"""


async def night(two: Pair) -> Night:
    """One that is begun by hand, at its end."""
    nights = two.broker.drift.nights
    begun = await nights.begin()

    async def ended() -> bool:
        last = await nights.last()
        return last is not None and last.id == begun.id

    await until(ended, 60)
    last = await nights.last()
    assert last is not None
    return last


async def test_planted_drift_is_new_then_known_then_over(tmp_path: Path) -> None:
    async with pair(tmp_path, SERVICE, PROVIDER, KEY, probes.parse(PROBES, "stripe")) as two:
        two.broker.drift.nights.measuring.contracts = None  # nothing is fetched in tests
        first = await night(two)
        assert (first.verdict, list(first.failures)) == ("clean", [])
        assert [part.name for part in first.parts] == [f"stripe probes at {ACCOUNT}", "stripe observed"]
        assert first.parts[0].passed >= 2
        assert [(each.service, each.mean is not None) for each in first.fidelity] == [("stripe", True)]
        two.provider.plants.append(edited(lambda value: value.pop("email", None), path="/v1/customers/"))
        second = await night(two)
        assert second.verdict == "drift"
        assert [(row.finding.severity, row.finding.operation, row.fresh) for row in second.rows] == [
            ("breaking", "customers.retrieve", True)
        ]
        third = await night(two)
        assert ([row.key for row in third.known], list(third.fresh)) == ([second.rows[0].key], [])
        two.provider.plants.clear()
        fourth = await night(two)
        assert (fourth.verdict, [row.key for row in fourth.over]) == ("clean", [second.rows[0].key])
        left = await two.broker.storage.registry.environments(status="open")
        assert list(left) == [], "the environments of the checks are closed"
