"""Who comes by a mail's link: the message, its recipient, and with what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mocks.base import Call, Record
from mocks.sendgrid import accounts, happenings, messages, tracking
from mocks.sendgrid.tracking import Token


@dataclass(slots=True)
class Visit:
    """One recipient of one message, who follows a link of it."""

    call: Call
    token: Token
    sent: Record
    address: str

    def agent(self) -> Mapping[str, str]:
        """Where the visitor comes from, as events tell it."""
        request = self.call.request
        return {
            "ip": request.client or happenings.READING_ADDRESS,
            "useragent": request.headers.get("user-agent") or happenings.READING_AGENT,
        }

    async def happen(self, event: str, **details: Any) -> None:
        """The event happened, and the message's record has it."""
        happenings.happen(self.call, self.sent, self.address, event, **details)
        self.sent.setdefault("outcomes", {})[self.address.lower()] = event
        await messages.store(self.call, self.sent)


async def found(call: Call) -> Visit | None:
    """The visit that the address tells of, in the account that sent the mail; None where it tells of none."""
    token = tracking.read(str(call.params.query.get("upn") or ""))
    if token is None:
        return None
    state = accounts.of(call.state, token.account)
    sent = await messages.stored(state, token.key)
    address = None if sent is None else tracking.address(sent, token)
    # Whose mail it was stands in its record: a token says so too, and is made of nothing secret.
    if sent is None or address is None or sent.get("account", "") != token.account:
        return None
    # Whoever follows a link of a test's mail does so for that test.
    call.state, call.scope = state, call.scope or str(sent.get("scope", ""))
    return Visit(call, token, sent, address)
