"""The way of one personalization once its message was accepted: who is held back, what the mail says, what happens.

One mail goes to the mailbox for all recipients of a personalization, unless every one of them is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mocks.base import Attachment, Call, Mail, Record
from mocks.sendgrid import accounts, agenda, composing, messages, outcomes, suppressing, tracking
from mocks.sendgrid.composing import Content
from mocks.sendgrid.happenings import happen, smtp_id
from mocks.sendgrid.outcomes import Step
from mocks.sendgrid.settings import Settings, enabled
from mocks.sendgrid.tracking import Tracked

Body = Mapping[str, Any]

#: What an application may want to assert on and a mail has no place for, by its name in the request.
_KEPT: Final = (
    "template_id",
    "batch_id",
    "asm",
    "ip_pool_name",
    "mail_settings",
    "tracking_settings",
    "send_at",
)
_KEPT_OF_BLOCK: Final = ("dynamic_template_data", "substitutions", "send_at")

#: The agenda's word for a deferred mail that arrives.
ARRIVES: Final = "arrives"


@dataclass(slots=True)
class Sending:
    """A message on its way: what its personalizations have in common."""

    call: Call
    body: Body
    message_id: str
    attachments: Sequence[Attachment]
    account: Settings


async def deliver(sending: Sending, place: int) -> bool:
    """Send the personalization at ``place``; False when it reached nobody and there is no mail of it."""
    call, body = sending.call, sending.body
    block = body["personalizations"][place]
    sent = messages.record(
        body,
        block,
        message_id=sending.message_id,
        place=place,
        account=accounts.name(call),
        at=int(call.now.timestamp()),
    )
    addresses = [person["email"] for kind in ("to", "cc", "bcc") for person in block.get(kind) or ()]
    if copy := _copy(body):
        addresses.append(copy)
        sent["bcc"] = [*sent.get("bcc", ()), {"email": copy}]
    barred = await _barred(sending, addresses)
    plans = {address: _plan(sending, address, barred.get(address.lower()), sent) for address in addresses}
    reached = [number for number, plan in enumerate(plans.values()) if plan[0].event != "dropped"]
    if reached:
        content, headers = _composed(sending, block, sent, reached[0])
        if "links" not in sent and any(step.event == "click" for plan in plans.values() for step in plan):
            sent["links"] = tracking.first_links(content.html, content.text)
    for address, plan in plans.items():
        await _carry_out(sending, sent, address, plan)
    await messages.store(call, sent)
    if reached:
        call.send_mail(_mail(sending, block, sent, content, headers))
    return bool(reached)


def _copy(body: Body) -> str | None:
    """Who gets a blind copy of every mail of the message."""
    setting = (body.get("mail_settings") or {}).get("bcc") or {}
    return setting.get("email") if setting.get("enable") else None


async def _barred(sending: Sending, addresses: Sequence[str]) -> Mapping[str, str]:
    """Why who gets no mail: the account's suppressions, without those that it or the message looks past."""
    mail_settings = sending.body.get("mail_settings") or {}
    bypass = [name for name in suppressing.BYPASSES if (mail_settings.get(name) or {}).get("enable")]
    group_id = (sending.body.get("asm") or {}).get("group_id")
    found = await suppressing.barred(sending.call, addresses, group_id=group_id, bypass=bypass)
    listed = enabled(sending.account, "address_whitelist") if found else None
    if listed is None:
        return found
    trusted = {entry.lower() for entry in listed["list"]}
    return {
        address: reason
        for address, reason in found.items()
        if address not in trusted and address.rpartition("@")[2] not in trusted
    }


def _plan(sending: Sending, address: str, reason: str | None, sent: Record) -> Sequence[Step]:
    """What happens to the mail of ``address``."""
    if reason is not None:
        return (Step("dropped", {"reason": reason}),)
    return outcomes.plan(address, sending.call.options)


def _composed(sending: Sending, block: Body, sent: Record, recipient: int) -> tuple[Content, Mapping[str, str]]:
    """The mail's content, and the headers that it adds. What its links led to goes into the message's record."""
    body = sending.body
    content = composing.written(body, block)
    composing.substitute(content, composing.tags(body, block))
    headers: Mapping[str, str] = {}
    if sending.account or body.get("mail_settings"):
        composing.furnish(content, body, sending.account)
    if sending.account or body.get("tracking_settings") or body.get("asm"):
        key = messages.key(sending.message_id, sent["place"])
        tracked = Tracked(sending.call.address, sent.get("account", ""), key, recipient)
        headers = composing.track(content, body, sending.account, tracked)
        if tracked.links:
            sent["links"] = tracked.links
    sent["subject"] = content.subject
    return content, headers


async def _carry_out(sending: Sending, sent: Record, address: str, plan: Sequence[Step]) -> None:
    """Let the plan happen, but what is to happen later; the record has what came last."""
    call = sending.call
    for step in plan:
        if step.after:
            key = messages.key(sent["message_id"], sent["place"])
            at = int(call.now.timestamp()) + step.after
            name = f"{key}/{address.lower()}"
            told = {"account": sent.get("account", ""), "key": key, "address": address, "event": step.event}
            await agenda.put(call.state, at, ARRIVES, name, **told)
            continue
        await _happen(sending, sent, address, step)


async def _happen(sending: Sending, sent: Record, address: str, step: Step) -> None:
    call, group_id = sending.call, sent.get("asm_group_id")
    event, listed, details = step.event, step.listed, step.details
    if event == "unsubscribe" and group_id:
        event, listed = "group_unsubscribe", "group"
    if event == "click":
        if not sent.get("links"):
            return  # nothing in the mail could be clicked
        details = {"url": sent["links"][0], "url_offset": {"index": 0, "type": "html"}}
    happen(call, sent, address, event, **details)
    sent["outcomes"][address.lower()] = event
    if listed is not None:
        told = {name: details[name] for name in ("reason", "status") if name in details}
        await suppressing.suppress(call, listed, address, group_id=group_id, **told)


async def arrive(call: Call, entry: Mapping[str, Any]) -> None:
    """A deferred mail arrives, long after its message."""
    sent = await messages.stored(call.state, entry["key"])
    if sent is None:
        return
    happen(call, sent, entry["address"], entry["event"])
    sent["outcomes"][entry["address"].lower()] = entry["event"]
    await messages.store(call, sent)


def _mail(sending: Sending, block: Body, sent: Record, content: Content, headers: Mapping[str, str]) -> Mail:
    """The mail of one personalization: what it names wins over what the message names."""
    body = sending.body
    values = composing.tags(body, block)
    replies = _people([body["reply_to"]] if body.get("reply_to") else body.get("reply_to_list"))
    if values:
        # "Substitutions apply to ... the content, subject, and reply_to parameters" (the errors page).
        replies = [{name: composing.substituted(text, values) for name, text in person.items()} for person in replies]
    return Mail(
        id=messages.key(sending.message_id, sent["place"]),
        sender=_person(sent["from"]),
        to=_people(sent["to"]),
        cc=_people(sent.get("cc")),
        bcc=_people(sent.get("bcc")),
        reply_to=replies,
        subject=content.subject,
        text=content.text,
        html=content.html,
        headers={**(body.get("headers") or {}), **(block.get("headers") or {}), **headers},
        categories=list(body.get("categories") or ()),
        custom=_custom(sending, block, sent),
        attachments=sending.attachments,
        message_id=smtp_id(sent),
        outcomes={address: event for address, event in sent["outcomes"].items() if event != "delivered"},
    )


def _person(entry: Mapping[str, Any]) -> dict[str, str]:
    return {"email": entry["email"], **({"name": entry["name"]} if entry.get("name") else {})}


def _people(entries: Sequence[Mapping[str, Any]] | None) -> list[dict[str, str]]:
    return [_person(entry) for entry in entries or ()]


def _custom(sending: Sending, block: Body, sent: Record) -> dict[str, Any]:
    body = sending.body
    kept: dict[str, Any] = {"message_id": sending.message_id}
    if sent.get("account"):
        kept["subuser"] = sent["account"]
    if sent.get("custom_args"):
        kept["custom_args"] = sent["custom_args"]
    kept.update({name: body[name] for name in _KEPT if body.get(name) is not None})
    kept.update({name: block[name] for name in _KEPT_OF_BLOCK if block.get(name) is not None})
    others = [
        part for part in body.get("content") or () if part["type"].lower() not in (composing.TEXT, composing.HTML)
    ]
    if others:
        kept["content"] = others
    return kept
