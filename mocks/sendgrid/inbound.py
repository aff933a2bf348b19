"""Inbound parse at work: mail to a hostname is posted to the URL that its setting names, and counted.

https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/inbound-email (2026-11).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from contracts.exchange import Headers, Request
from mocks.arriving import Arriving
from mocks.base import Blob, Call, Record, State, Target
from mocks.posting import BODY, stored_body
from mocks.sendgrid import accounts, parse_settings, parsed_mail, security_policies, stats
from mocks.sendgrid.webhook_secrets import Credentials

#: The type of its events: nothing that an event webhook hears.
EVENT: Final = "inbound"
#: One record a mail and hostname, in its account.
KIND: Final = "inbound_mail"
_MEDIA: Final = "_media"
_CHUNK: Final = 64 * 1024
_AGENT: Final = "Sendlib/1.0 mx0001p1mdw1.sendgrid.net"


@dataclass(slots=True)
class _Post:
    setting: Record
    to: list[str]
    blob: Blob
    media: str


async def receive(call: Call, mail: Arriving) -> Sequence[Record]:
    """One post for each hostname that waits for the mail. Bodies are written first: no other call waits for them."""
    wanted: dict[str, list[str]] = {}
    for address in mail.to:
        wanted.setdefault(address.rpartition("@")[2].lower(), []).append(address)
    posts = []
    for host, addresses in wanted.items():
        setting = await parse_settings.of_host(call.state, host)
        if setting is not None:
            posts.append(await _written(call, mail, setting, addresses))
    planned = []
    for post in posts:
        # Read again: it may have been changed while the body was written.
        setting = await parse_settings.of_host(call.state, post.setting["hostname"])
        if setting == post.setting:
            planned.append(await _planned(call, mail, post))
    return planned


async def _written(call: Call, mail: Arriving, setting: Record, to: list[str]) -> _Post:
    compose = partial(
        parsed_mail.written,
        mail.raw,
        to=to,
        sender=mail.sender,
        client=mail.client,
        whole=setting["send_raw"],
        spam_check=setting["spam_check"],
    )
    post = await asyncio.to_thread(compose)
    blob = await call.state.write_blob(_chunks(post.pieces), sum(map(len, post.pieces)))
    return _Post(setting, to, blob, post.media)


async def _chunks(pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), _CHUNK):
            yield piece[start : start + _CHUNK]


async def _planned(call: Call, mail: Arriving, post: _Post) -> Record:
    setting, key = post.setting, call.new_id("", 22)
    told = {
        "from": mail.sender,
        "to": post.to,
        "subject": parsed_mail.subject(mail.raw),
        "hostname": setting["hostname"],
    }
    body = {"id": post.blob.id, "size": post.blob.size}
    payload = {
        "id": key,
        "event": EVENT,
        "timestamp": int(call.now.timestamp()),
        **told,
        BODY: body,
        _MEDIA: post.media,
    }
    state = accounts.of(call.state, setting["account"])
    secret = (await _credentials(call, state, setting)).written()
    call.emit(EVENT, payload, [Target(setting["url"], secret, endpoint=f"parse:{setting['hostname']}")])
    await state.put(KIND, key, {"id": key, **told}, {"day": call.now.date().isoformat()})
    return {"event": key, "url": setting["url"], "to": post.to}


async def _credentials(call: Call, state: State, setting: Record) -> Credentials:
    """What the setting's security policy says; nothing where it has none any more."""
    policy = await security_policies.find(state, setting["security_policy"]) if setting.get("security_policy") else None
    return Credentials() if policy is None else security_policies.credentials(policy, call.unseal)


def is_one(payload: Mapping[str, Any]) -> bool:
    """Whether an event is a mail that arrived."""
    return stored_body(payload) is not None


def posted(payload: Mapping[str, Any], target: Target) -> Request:
    """The head of the post; its body was written when the mail arrived."""
    url = urlsplit(target.url)
    headers = [("content-type", payload[_MEDIA]), ("user-agent", _AGENT), ("accept", "*/*")]
    return Request(
        method="POST",
        path=url.path or "/",
        query=url.query,
        headers=Headers(headers),
        host=url.netloc,
        scheme=url.scheme,
    )


async def count(call: Call) -> list[Record]:
    """How many mails were parsed, by day, week or month.

    https://www.twilio.com/docs/sendgrid/api-reference/webhooks/retrieves-inbound-parse-webhook-statistics (2026-11)."""
    asked = stats.span(call)
    received = dict.fromkeys(asked.groups(), 0)
    for number in range((asked.last - asked.first).days + 1):
        day = asked.first + timedelta(days=number)
        received[asked.group(day)] += await _on(call.state, day.isoformat())
    told = [{"date": day.isoformat(), "stats": [{"metrics": {"received": many}}]} for day, many in received.items()]
    return list(stats.paged(call, told))


async def _on(state: State, day: str) -> int:
    return await state.count(KIND, {"day": day})
