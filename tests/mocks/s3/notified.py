"""Notification configurations as XML, and the events that came of what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.exchange import Response
from tests.mocks.s3.conftest import Caller

QUEUE = "arn:aws:sqs:us-east-1:111122223333:queue"
TOPIC = "arn:aws:sns:us-east-1:111122223333:topic"
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:code"

_ELEMENTS = {"sqs": "Queue", "sns": "Topic", "lambda": "CloudFunction"}


def configured(arn: str, *events: str, id: str = "", **rules: str | Sequence[str]) -> str:
    """One configuration: ``prefix`` and ``suffix`` are rules of its filter."""
    element = _ELEMENTS[arn.split(":")[2]] if arn.startswith("arn:aws:") and arn.count(":") > 2 else "Queue"
    named = f"<Id>{id}</Id>" if id else ""
    told = "".join(f"<Event>{event}</Event>" for event in events)
    values = [(name, value) for name, held in rules.items() for value in ([held] if isinstance(held, str) else held)]
    filtered = "".join(f"<FilterRule><Name>{name}</Name><Value>{value}</Value></FilterRule>" for name, value in values)
    within = f"<Filter><S3Key>{filtered}</S3Key></Filter>" if filtered else ""
    return f"<{element}Configuration>{named}<{element}>{arn}</{element}>{told}{within}</{element}Configuration>"


async def configure(s3: Caller, *configurations: str, bucket: str = "bkt", **headers: str) -> Response:
    body = f"<NotificationConfiguration>{''.join(configurations)}</NotificationConfiguration>"
    return await s3("PUT", f"/{bucket}", "notification", body.encode(), **headers)


async def happened(s3: Caller) -> list[tuple[str, Mapping[str, Any]]]:
    """Type and payload of each event, oldest first."""
    found = await (await s3.harness.store()).outbox.events()
    return [(event.type, event.payload) for event in reversed(found)]


async def records(s3: Caller) -> list[Any]:
    """The records of all notifications, oldest first."""
    return [record for _, payload in await happened(s3) for record in payload.get("Records", ())]
