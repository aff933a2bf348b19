"""Taking back what was made. Idempotent: what is absent is done."""

from __future__ import annotations

from urllib.parse import quote

from sandboxes.base import Outcome, Refused, Resource, Tell, Upstream
from sandboxes.sendgrid.kinds import KINDS
from sandboxes.sendgrid.mail import SCHEDULED
from sandboxes.sendgrid.wire import ask, words


async def revoke(resource: Resource, send: Upstream, tell: Tell) -> Outcome:
    """Raises Refused for what SendGrid does not let go of now."""
    if resource.kind == "batch":
        return "kept"  # an id and nothing more: SendGrid has no call that deletes one
    if resource.kind == "scheduled_send":
        return await _cancel(resource.id.removeprefix(SCHEDULED), send)
    kind = KINDS.get(resource.kind)
    if kind is None:
        raise Refused(501, f"nothing is known that takes a {resource.kind} back")
    answer = await ask(send, "DELETE", kind.item.format(quote(resource.id, safe="")), accept=(404,))
    return "absent" if answer.status == 404 else "deleted"


async def _cancel(batch: str, send: Upstream) -> Outcome:
    """Of a canceled batch SendGrid discards the messages when their time comes; until then at most ten batches of an
    account can be canceled or paused, and the eleventh is refused, to be tried again:
    https://www.twilio.com/docs/sendgrid/api-reference/cancel-scheduled-sends (2026-11)."""
    wanted = {"batch_id": batch, "status": "cancel"}
    answer = await ask(send, "POST", "/v3/user/scheduled_sends", value=wanted, accept=(400, 404))
    if answer.status == 404:
        return "absent"
    if answer.status != 400:
        return "canceled"
    # It has a status already, which the application may have given it.
    changed = await ask(
        send, "PATCH", f"/v3/user/scheduled_sends/{quote(batch, safe='')}", value={"status": "cancel"}, accept=(404,)
    )
    if changed.status == 404:
        raise Refused(answer.status, words(answer))
    return "canceled"
