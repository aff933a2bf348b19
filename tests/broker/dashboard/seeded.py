"""A server with something of everything that operators look at: accounts, ledger, webhooks, drift."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

from broker.storage.drift import Observed, Run, Skipped, Tally
from broker.storage.external import AccountRow, HookRow, Lease, Notice
from contracts.drift import Finding
from sandboxes.base import Resource
from tests.broker.dashboard.site import Site, shown
from tests.broker.sandbox import line


def words(html: str) -> str:
    """The text of a page, as it is read."""
    return unescape(shown(html))


def finding(text: str = "name: is missing", **changes: Any) -> Finding:
    """A breaking difference of a service of the server."""
    values: dict[str, Any] = {
        "service": "stripe",
        "operation": "customers.retrieve",
        "rule": "field-removed",
        "place": "response.200.body.name",
        "severity": "breaking",
        "message": text,
        "before": "string",
    }
    return Finding(**{**values, **changes})


async def fill(site: Site, text: str = "plain") -> None:
    """``text`` stands wherever somebody outside could have written it."""
    broker = site.broker
    now, uid = broker.clock.now(), (await broker.environments.get("pr-1")).uid
    external, drift = broker.storage.external, broker.drift.store
    await external.put_account(
        AccountRow(
            name="team",
            service="stripe",
            secret={"variable": "TEAM_KEY"},
            created_at=now,
            options={"note": text},
            environments=("*",),
        )
    )
    await external.add_lease(
        Lease(id="lea_1", uid=uid, service="stripe", account="team", kind="account", issued_at=now, subaccount=text)
    )
    lines = [
        line(uid, broker.clock, Resource("thing", f"{text}-{number}"), service="stripe", account="team", error=text)
        for number in range(3)
    ]
    await external.ledger.add(lines)
    await external.add_hook(
        HookRow(
            account="team",
            event_id="evt_1",
            type=text,
            received_at=now,
            payload={"id": "evt_1", "words": text},
            ids=(text,),
            markers=(text,),
        )
    )
    await external.put_notice(
        Notice(
            id="ntc_1", type="closed", payload={}, status="pending", attempts=1, created_at=now, next_at=now, error=text
        )
    )
    await drift.put_run(
        Run(
            id="run_1",
            service="stripe",
            account="team",
            endpoint="https://stripe.example",
            contract="1",
            probes="*",
            status="failed",
            started_at=now - timedelta(minutes=2),
            ended_at=now,
            scenarios=2,
            finished=1,
            findings=[finding(text, before=text)],
            operations={"customers.retrieve": Tally(passed=2, failed=1, skipped=1)},
            skipped=[Skipped(text, 3, "customers.retrieve", text)],
            errors=[text],
        )
    )
    example = {"account": "team", "exchange": "ex_1", "status": 200, "place": text, "type": "string"}
    await drift.add_observed(
        [Observed(finding=finding(text, place=text), count=3, first_at=now, last_at=now, example=example)]
    )
