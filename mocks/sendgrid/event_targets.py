"""Who hears an event: the webhooks of the account that it is of, by their settings. And the event of a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from mocks.base import Call, Record, Reply, State, Target
from mocks.sendgrid import accounts, happenings
from mocks.sendgrid import event_webhooks as webhooks
from mocks.sendgrid.errors import Fault, refused
from mocks.sendgrid.webhook_secrets import Credentials

_PAGE: Final = 500
#: The mail that a test's events are of; its members are those of the documentation's examples.
_SAMPLE: Final[Record] = {
    "message_id": "14c5d75ce93.dfd.64b469",
    "to": [{"email": "example@test.com"}],
    "categories": ["cat facts"],
    "asm_group_id": 10,
}
_DETAILS: Final[Mapping[str, Mapping[str, Any]]] = {
    "dropped": {"reason": "Bounced Address"},
    "click": {"url": "http://www.sendgrid.com/", "url_offset": {"index": 0, "type": "html"}},
    "deferred": {"attempt": "5"},
    "group_unsubscribe": {"url": "http://www.sendgrid.com/"},
    "group_resubscribe": {"url": "http://www.sendgrid.com/"},
}


async def targets(state: State, unseal: Callable[[str], str]) -> Sequence[Target]:
    """Of all accounts. Costs one look where no webhook was made."""
    found = await accounts.parent(state).page(webhooks.KIND, order="oldest", limit=_PAGE)
    return [_target(record, unseal) for record in found if record["enabled"] and record["url"]]


def _target(record: Record, unseal: Callable[[str], str]) -> Target:
    text = _credentials(record, unseal).written()
    return Target(record["url"], text, endpoint=record["id"], wants=partial(_hears, record))


def _hears(record: Record, payload: Mapping[str, Any]) -> bool:
    setting = webhooks.SETTINGS.get(payload["event"])
    return setting is not None and record[setting] and payload.get(happenings.ACCOUNT, "") == record["account"]


def _credentials(record: Record, unseal: Callable[[str], str]) -> Credentials:
    key = unseal(record["key"]) if record.get("signed") else ""
    if not record.get("oauth_token_url"):
        return Credentials(key)
    return Credentials(key, record["oauth_client_id"], unseal(record["oauth_secret"]), record["oauth_token_url"])


async def test(call: Call) -> Reply:
    """204: an event of each kind goes to a URL, to be read and not to be counted.

    https://www.twilio.com/docs/sendgrid/api-reference/webhooks/test-event-notification-settings (2026-11): OAuth's
    secret is the webhook's own where the body tells none."""
    body = call.params.body or {}
    webhooks.checked_url(body["url"])
    known = await webhooks.every(call.state, accounts.name(call))
    record = next((each for each in known if body.get("id") in (each["id"], None) and _same(each, body)), None)
    if record is None and body.get("id"):
        record = next((each for each in known if each["id"] == body["id"]), None)
        if record is None:
            raise refused([Fault("Invalid id provided.")], 404)
    to = [Target(body["url"], _tested(call, record, body).written(), endpoint=record["id"] if record else None)]
    for event in happenings.KINDS:
        happened = happenings.told(call, _SAMPLE, "example@test.com", event, **_DETAILS.get(event, {}))
        happenings.emit(call, happened, accounts.name(call), to=to)
    return Reply(status=204)


def _same(record: Record, body: Mapping[str, Any]) -> bool:
    return bool(body.get("id")) or record["url"] == body["url"]


def _tested(call: Call, record: Record | None, body: Mapping[str, Any]) -> Credentials:
    """What a test signs with, and whom it asks for a token."""
    stored = Credentials() if record is None else _credentials(record, call.unseal)
    if not (body.get("oauth_client_id") or body.get("oauth_token_url") or body.get("oauth_client_secret")):
        return stored
    secret = body.get("oauth_client_secret") or stored.client_secret
    if not (body.get("oauth_client_id") and body.get("oauth_token_url") and secret):
        # Wording ours.
        raise refused([Fault("oauth_client_id, oauth_client_secret and oauth_token_url are needed together")])
    webhooks.checked_url(body["oauth_token_url"])
    return Credentials(stored.key, body["oauth_client_id"], secret, body["oauth_token_url"])
