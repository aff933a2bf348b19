"""The control route by which a mail from outside arrives."""

from __future__ import annotations

from typing import Any

from broker import scopes
from broker.control.answering import Answer, Ask, Query, Route
from broker.control.parts import Parts
from broker.control.shapes import ID_PARAMETER
from broker.errors import Conflict, EnvironmentClosed, NotFound
from mocks.arriving import MOST

_ADDRESS = {"type": "string", "minLength": 3, "maxLength": 8000}
#: What is answered for each post that is planned.
_ARRIVED = {
    "type": "object",
    "required": ["items"],
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["event", "url", "to"],
                "properties": {
                    "event": {"type": "string", "description": "Its id: `broker events show` has its attempts."},
                    "url": {"type": "string"},
                    "to": {"type": "array", "items": {"type": "string"}},
                },
            },
        }
    },
}


async def receive_mail(parts: Parts, ask: Ask) -> Any:
    """Planned in one transaction; the posts follow."""
    if parts.inbound is None:
        raise NotFound("this server takes no mail")
    query = ask.query
    found = await parts.inbound.receive(
        ask.path["name"],
        ask.raw,
        service=query.get("service"),
        to=[each.strip() for each in query.get("to", "").split(",") if each.strip()],
        sender=query.get("from"),
        scope=query.get("scope", ""),
        **({"client": query["ip"]} if "ip" in query else {}),
    )
    return Answer({"items": found}, 202)


ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/_broker/v1/environments/{name}/mail/inbound",
        id="receiveMail",
        about="Let a mail from outside arrive: the body is the message as RFC 5322 has it (message/rfc822), at most 30 "
        "MiB. The service posts it to the application where a setting of its API waits for mail to that hostname.",
        respond=receive_mail,
        query=(
            Query("service", ID_PARAMETER, "Whose mail it is; needed where several services take mail."),
            Query("to", _ADDRESS, "The envelope's recipients, with commas; those of the message unless told."),
            Query("from", _ADDRESS, "The envelope's sender; that of the message unless told."),
            Query("scope", {"type": "string", "pattern": scopes.PATTERN}, "Whose test the mail is of."),
            Query("ip", {"type": "string", "maxLength": 45}, "The address of the server that brings it."),
        ),
        opaque=True,
        max_body=MOST,
        replies={202: _ARRIVED},
        errors=(NotFound, Conflict, EnvironmentClosed),
    ),
)
