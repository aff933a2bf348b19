"""The way of one personalization once its message was accepted: who is held back, what the mail says, what happens.

One mail goes to the mailbox for all recipients of a personalization, unless every one of them is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from mocks.base import Attachment, Blob, Call, Mail, Record
from mocks.sendgrid import (
    accounts,
    agenda,
    composing,
    groups,
    messages,
    outcomes,
    purging,
    settings,
    suppressing,
    templates,
    tracking,
)
from mocks.sendgrid.bounds import MOST, Bounds, TooLong
from mocks.sendgrid.composing import Content
from mocks.sendgrid.forwarding import forward
from mocks.sendgrid.handlebars.faults import MOST_STEPS
from mocks.sendgrid.happenings import happen, smtp_id
from mocks.sendgrid.outcomes import Step
from mocks.sendgrid.rendering import TemplateFault, Work
from mocks.sendgrid.settings import Settings, enabled
from mocks.sendgrid.templates import Version
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

#: The policy's option by which a mail whose template is not there, or has no active version, is dropped as SendGrid
#: drops it (see templates.py). Without it the mail arrives as the message wrote it: templates often are another
#: account's.
TEMPLATES: Final = "templates"
NO_TEMPLATE: Final = "Invalid SMTPAPI header"

#: Characters that a reply address may cost to fill in.
MOST_REPLY: Final = 1_000_000
#: What each mail of a message adds to what they all may cost to render.
STEPS_EACH: Final = 3_000

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
    #: The message as it came, where it came whole, and whether a mail is just that.
    raw: Blob | None = None
    raw_kept: bool = False
    #: The Message-ID that it came with.
    smtp_id: str = ""
    #: What a template makes of it, and how much it may still cost.
    version: Version | None = None
    work: Work = field(default_factory=Work)
    bounds: Bounds = field(default_factory=Bounds)


async def begun(call: Call, body: Body, message_id: str, attachments: Sequence[Attachment]) -> Sending:
    """A message with what it takes of the account."""
    sending = Sending(call, body, message_id, attachments, await settings.read(call.state))
    if body.get("template_id"):
        sending.version = await templates.template(call, body["template_id"])
        sending.work = Work(MOST_STEPS + STEPS_EACH * len(body["personalizations"]), MOST)
    return sending


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
    if sending.smtp_id:
        sent["smtp_id"] = sending.smtp_id
    addresses = [person["email"] for kind in ("to", "cc", "bcc") for person in block.get(kind) or ()]
    if copy := _copy(body):
        addresses.append(copy)
        sent["bcc"] = [*sent.get("bcc", ()), {"email": copy}]
    plans = await _plans(sending, addresses)
    reached = _reached(plans)
    made: Made | None = None
    if reached:
        made, reason = _made(sending, block, sent, reached[0])
        if made is None:
            plans = dict.fromkeys(addresses, _dropped(reason))
    for address, plan in plans.items():
        await _carry_out(sending, sent, address, plan, made)
    await messages.store(call, sent)
    if made is not None:
        if sent.get("asm_group_id"):
            await groups.mailed(call, sent["asm_group_id"])
        call.send_mail(_mail(sending, block, sent, made))
    return made is not None


def _reached(plans: Mapping[str, Sequence[Step]]) -> Sequence[int]:
    """The places of those recipients whose mail leaves."""
    return [number for number, plan in enumerate(plans.values()) if plan[0].event != "dropped"]


def _dropped(reason: str) -> Sequence[Step]:
    return (Step("dropped", {"reason": reason}),)


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


async def _plans(sending: Sending, addresses: Sequence[str]) -> dict[str, Sequence[Step]]:
    """What happens to the mail of each address."""
    barred = await _barred(sending, addresses)
    options = sending.call.options
    if sending.version is None and sending.body.get("template_id") and options.get(TEMPLATES) == "strict":
        return dict.fromkeys(addresses, _dropped(NO_TEMPLATE))
    return {
        address: _dropped(barred[address.lower()]) if address.lower() in barred else outcomes.plan(address, options)
        for address in addresses
    }


@dataclass(slots=True)
class Made:
    """What a mail says, the headers that it gets besides its message's, and what stands for what in it."""

    content: Content
    headers: Mapping[str, str]
    values: Mapping[str, str]


def _made(sending: Sending, block: Body, sent: Record, recipient: int) -> tuple[Made | None, str]:
    """The mail for its first reached recipient, or the reason why there can be none: wording ours."""
    try:
        made = _composed(sending, block, sent, recipient)
    except TemplateFault as fault:
        return None, f"Invalid template: {fault}"
    except TooLong as fault:
        return None, f"Invalid content: {fault}"
    sent["subject"] = made.content.subject
    return made, ""


def _composed(sending: Sending, block: Body, sent: Record, recipient: int) -> Made:
    """The mail. What its links led to goes into the message's record. Raises TemplateFault, TooLong."""
    body, account, version, bounds = sending.body, sending.account, sending.version, sending.bounds
    content = composing.written(body, block)
    tracked: Tracked | None = None
    if account or version or body.get("tracking_settings") or body.get("asm"):
        key = messages.key(sending.message_id, sent["place"])
        tracked = Tracked(sending.call.address, sent.get("account", ""), key, recipient)
        if version:
            links = composing.template_links(body, tracked)
            content = composing.filled(content, version, block, links, sending.work, bounds)
    values = composing.tags(body, block, bounds)
    composing.substitute(content, values, bounds)
    if account or body.get("mail_settings"):
        composing.furnish(content, body, account, bounds)
    headers: Mapping[str, str] = {}
    if tracked is not None:
        headers = composing.track(content, body, account, tracked, bounds)
        bounds.spend(len(content.text or "") + len(content.html or ""))
        if tracked.links:
            sent["links"] = tracked.links
    return Made(content, headers, values)


async def _carry_out(sending: Sending, sent: Record, address: str, plan: Sequence[Step], made: Made | None) -> None:
    """Let the plan happen, but what is to happen later; the record has what came last."""
    call = sending.call
    for step in plan:
        if step.after:
            key = messages.key(sent["message_id"], sent["place"])
            at = int(call.now.timestamp()) + step.after
            name = f"{key}/{address.lower()}"
            told = {"account": sent.get("account", ""), "key": key, "address": address, "event": step.event}
            await agenda.put(call.state, at, ARRIVES, name, scope=call.scope, **told)
            continue
        await _happen(sending, sent, address, step, made)


async def _happen(sending: Sending, sent: Record, address: str, step: Step, made: Made | None) -> None:
    call, group_id = sending.call, sent.get("asm_group_id")
    event, listed, details = step.event, step.listed, step.details
    if event == "unsubscribe" and group_id:
        event, listed = "group_unsubscribe", "group"
    if event == "click":
        links = sent.get("links") or (tracking.first_links(made.content.html, made.content.text) if made else [])
        if not links:
            return  # nothing in the mail could be clicked
        details = {"url": links[0], "url_offset": {"index": 0, "type": "html"}}
    happen(call, sent, address, event, **details)
    sent["outcomes"][address.lower()] = event
    if listed is not None:
        told = {name: details[name] for name in ("reason", "status") if name in details}
        await suppressing.suppress(call, listed, address, group_id=group_id, **told)
        if sending.account:
            await purging.plan(call, sending.account, listed, address, int(call.now.timestamp()))
            forward(call, sending.account, sent, address, event, details)


async def arrive(call: Call, entry: Mapping[str, Any]) -> None:
    """A deferred mail arrives, long after its message."""
    sent = await messages.stored(call.state, entry["key"])
    if sent is None:
        return
    happen(call, sent, entry["address"], entry["event"])
    sent["outcomes"][entry["address"].lower()] = entry["event"]
    await messages.store(call, sent)


def _mail(sending: Sending, block: Body, sent: Record, made: Made) -> Mail:
    """The mail of one personalization: what it names wins over what the message names."""
    body, content = sending.body, made.content
    kept = sending.raw is not None and not made.headers and content == composing.written(body, block)
    raw = sending.raw if kept else None
    sending.raw_kept |= kept
    replies = _people([body["reply_to"]] if body.get("reply_to") else body.get("reply_to_list"))
    if made.values:
        # "Substitutions apply to ... the content, subject, and reply_to parameters" (the errors page).
        replies = [{name: _replied(text, made.values) for name, text in person.items()} for person in replies]
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
        headers={**(body.get("headers") or {}), **(block.get("headers") or {}), **made.headers},
        categories=list(body.get("categories") or ()),
        custom=_custom(sending, block, sent),
        attachments=sending.attachments,
        message_id=smtp_id(sent),
        outcomes={address: event for address, event in sent["outcomes"].items() if event != "delivered"},
        raw=raw,
    )


def _replied(text: str, values: Mapping[str, str]) -> str:
    """A reply address with its tags replaced, as long as it stays one."""
    try:
        return composing.substituted(text, values, Bounds(MOST_REPLY))
    except TooLong:
        return text


def _person(entry: Mapping[str, Any]) -> dict[str, str]:
    return {"email": entry["email"], **({"name": entry["name"]} if entry.get("name") else {})}


def _people(entries: Sequence[Mapping[str, Any]] | None) -> list[dict[str, str]]:
    return [_person(entry) for entry in entries or ()]


def _custom(sending: Sending, block: Body, sent: Record) -> dict[str, Any]:
    body = sending.body
    kept: dict[str, Any] = {"message_id": sending.message_id}
    if sent.get("account"):
        kept["subuser"] = accounts.username(sent["account"])
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
