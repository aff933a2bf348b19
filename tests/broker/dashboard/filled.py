"""An environment with something of everything that pages of environments show."""

from __future__ import annotations

from broker.storage.base import Incident
from tests.broker.dashboard.site import Site

#: A violation of either side, with its place.
BROKEN = [
    {"side": "request", "where": "body.card.number", "rule": "pattern", "message": "is no number of a card"},
    {"side": "response", "where": "body.items[1]", "rule": "type", "message": "must be an integer"},
]


async def fill(site: Site, text: str = "plain") -> None:
    """``text`` stands wherever a caller could have written it: in what is recorded of calls and of incidents."""
    broker = site.broker
    environment = await broker.environments.get("pr-1")
    await site.record(
        "pr-1",
        {
            "path": f"/e/pr-1/stripe/v1/charges?note={text}",
            "service": "stripe",
            "operation": text,
            "method": text,
            "request_headers": [("content-type", "application/x-www-form-urlencoded"), (text, text)],
            "request_body": f"card[number]={text}&{text}=1",
            "response_headers": [("content-type", "application/json"), (text, text)],
            "response_body": '{"items": [1, 2.5], "note": "plain"}',
            "violations": [*BROKEN, {"side": text, "where": text, "rule": text, "message": text}],
            "scope": text,
            "incident": text,
        },
        {"service": text, "request_body": text, "response_body": f"<p>{text}</p>", "status": 503, "fidelity": text},
        {
            "service": None,
            "operation": None,
            "mode": "refuse",
            "status": 401,
            "request_headers": [("content-type", "application/json")],
            "request_body": '{"a": [true, null, "x"]}',
        },
    )
    for name, uid in (("pr-1", environment.uid), (None, None)):
        await broker.storage.registry.add_incident(
            Incident(
                id=f"inc_{name}",
                at=broker.clock.now(),
                kind=text,
                environment=name,
                uid=uid,
                service=text,
                message=text,
                details={"method": text, "path": text, text: [text]},
            )
        )
