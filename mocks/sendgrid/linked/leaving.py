"""The pages by which people leave: everything, one unsubscribe group, or some of those that a mail names.

A visit shows a form and changes nothing, since programs follow links too; what is submitted counts, and so does the
one click of RFC 8058 (``List-Unsubscribe=One-Click``), which is submitted to the same address.
https://www.twilio.com/docs/sendgrid/ui/sending-email/unsubscribe-groups,
https://www.twilio.com/docs/sendgrid/ui/account-and-settings/tracking#subscription-tracking (2026-11).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from contracts.exchange import Response
from mocks.base import Call, Page, Record, ServiceError
from mocks.sendgrid import groups, settings, suppressing
from mocks.sendgrid.linked import markup, visits
from mocks.sendgrid.linked.visits import Visit

_GLOBAL: Final = "unsubscribes"
#: The field of a group in the form of preferences, and that of leaving everything.
_FIELD, _ALL = "group_", "all"
#: "It will display the groups ... up to 25": groups_to_display of Mail Send.
_SHOWN: Final = 25


async def _show(call: Call, refused: ServiceError | None) -> Response:
    visit = await visits.found(call)
    if visit is None:
        return markup.nowhere()
    body = f"<p>{markup.text(visit.address)} will get no more mail from this sender.</p>"
    return _form("Unsubscribe from all mail", body, "Unsubscribe")


async def _leave(call: Call) -> Response:
    visit = await visits.found(call)
    if visit is None:
        return markup.nowhere()
    await _left_all(visit)
    setting = settings.enabled(await settings.read(call.state), "subscription") or {}
    if setting.get("url"):
        return markup.onward(setting["url"], 303)
    if setting.get("landing"):
        return markup.foreign(setting["landing"])
    return _done("You are unsubscribed", f"{visit.address} gets no more mail from this sender.")


async def _show_group(call: Call, refused: ServiceError | None) -> Response:
    visit = await visits.found(call)
    group = None if visit is None else await groups.group(call, visit.sent.get("asm_group_id"))
    if visit is None or group is None:
        return markup.nowhere()
    body = (
        f"<p>{markup.text(visit.address)} will get no more mail of this kind: {markup.text(group['description'])}</p>"
    )
    return _form(f"Unsubscribe from {group['name']}", body, "Unsubscribe")


async def _leave_group(call: Call) -> Response:
    visit = await visits.found(call)
    group = None if visit is None else await groups.group(call, visit.sent.get("asm_group_id"))
    if visit is None or group is None:
        return markup.nowhere()
    await _left(visit, group)
    return _done(f"You are unsubscribed from {group['name']}", f"{visit.address} gets no more mail of this kind.")


async def _show_preferences(call: Call, refused: ServiceError | None) -> Response:
    visit = await visits.found(call)
    if visit is None:
        return markup.nowhere()
    lines = []
    for group in await _displayed(visit):
        checked = "" if await _is_out(visit, group) else " checked"
        lines.append(
            f'<label><input type="checkbox" name="{_FIELD}{group["id"]}" value="on"{checked}><span>'
            f"{markup.text(group['name'])}<small>{markup.text(group['description'])}</small></span></label>"
        )
    everything = (
        f'<label><input type="checkbox" name="{_ALL}" value="on"><span>Unsubscribe from all mail</span></label>'
    )
    body = f"<p>What {markup.text(visit.address)} gets:</p>{''.join(lines)}{everything}"
    return _form("Your mail", body, "Save")


async def _prefer(call: Call) -> Response:
    visit = await visits.found(call)
    if visit is None:
        return markup.nowhere()
    form: dict[str, Any] = call.params.body or {}
    if form.get(_ALL):
        await _left_all(visit)
    for group in await _displayed(visit):
        stays = f"{_FIELD}{group['id']}" in form
        if not stays:
            await _left(visit, group)
        elif await _is_out(visit, group):
            await _returned(visit, group)
    return _done("Saved", f"The choice of {visit.address} counts from now on.")


async def _displayed(visit: Visit) -> Sequence[Record]:
    """The groups that the mail names, or the one it was sent in with all others, up to what is shown."""
    known = await groups.every(visit.call)
    wanted = visit.sent.get("groups_to_display")
    return [group for group in known if not wanted or group["id"] in wanted][:_SHOWN]


async def _is_out(visit: Visit, group: Record) -> bool:
    return await suppressing.entry(visit.call.state, _list(group), visit.address) is not None


async def _left_all(visit: Visit) -> None:
    if await suppressing.entry(visit.call.state, _GLOBAL, visit.address) is None:
        await suppressing.suppress(visit.call, _GLOBAL, visit.address)
        await visit.happen("unsubscribe")


async def _left(visit: Visit, group: Record) -> None:
    if not await _is_out(visit, group):
        await suppressing.suppress(visit.call, "group", visit.address, group_id=group["id"])
        await visit.happen("group_unsubscribe", **_where(visit), asm_group_id=group["id"])


async def _returned(visit: Visit, group: Record) -> None:
    await suppressing.remove(visit.call.state, _list(group), visit.address)
    await visit.happen("group_resubscribe", **_where(visit), asm_group_id=group["id"])


def _where(visit: Visit) -> dict[str, str]:
    """Where it happened: the page that was visited, and from where."""
    request = visit.call.request
    return {**visit.agent(), "url": f"{visit.call.address}{request.path}?{request.query}"}


def _list(group: Record) -> str:
    return suppressing.list_name("group", group["id"])


def _form(title: str, body: str, button: str) -> Response:
    # Without an action it goes where it came from, which says whose it is.
    return markup.page(title, f'<form method="post">{body}<button>{markup.text(button)}</button></form>')


def _done(title: str, said: str) -> Response:
    return markup.page(title, f"<p>{markup.text(said)}</p>")


UNSUBSCRIBE: Final = Page(_show, _leave)
GROUP: Final = Page(_show_group, _leave_group)
PREFERENCES: Final = Page(_show_preferences, _prefer)
