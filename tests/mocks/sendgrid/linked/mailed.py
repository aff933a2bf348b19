"""A message whose links people follow."""

from __future__ import annotations

from typing import Any

from broker.storage.base import Event
from contracts.exchange import Response
from mocks.base import Record
from mocks.sendgrid import messages
from mocks.sendgrid.tracking import Token
from tests.harness import Harness

KEY = "abc.0"
LINKS = ["https://shop.example.com/?a=1&b=2", "https://shop.example.com/two"]


async def store(sendgrid: Harness, account: str = "", **changes: Any) -> None:
    """The record of a message to two people."""
    record: Record = {
        "message_id": "abc",
        "place": 0,
        "created": 0,
        "from": {"email": "shop@example.com"},
        "to": [{"email": "Ada@example.com"}, {"email": "bob@example.com"}],
        "subject": "Hi",
        "outcomes": {},
        "links": LINKS,
        **({"account": account} if account else {}),
        **changes,
    }
    state = (await sendgrid.store()).begin("sendgrid")
    await state.put(f"{account}/{messages.KIND}" if account else messages.KIND, KEY, record)
    await state.commit()


def upn(recipient: int = 0, link: int | None = None, account: str = "", key: str = KEY) -> str:
    return "upn=" + Token(account, key, recipient, link).written()


async def visit(sendgrid: Harness, path: str, query: str, form: dict[str, Any] | None = None) -> Response:
    return await sendgrid.visit("GET" if form is None else "POST", path, query=query, form=form)


async def happened(sendgrid: Harness) -> list[Event]:
    """Oldest first."""
    return list(reversed(await (await sendgrid.store()).outbox.events()))


async def record(sendgrid: Harness) -> Record:
    state = (await sendgrid.store()).begin("sendgrid")
    found = await state.get(messages.KIND, KEY)
    await state.rollback()
    assert found is not None
    return found
