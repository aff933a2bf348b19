"""Webhook endpoints: https://docs.stripe.com/api/webhook_endpoints (2026-11).

The secret is shown once, when it is made.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from mocks.stripe import scope
from mocks.stripe.calls import Object, StripeCall, StripeHandler, given
from mocks.stripe.errors import invalid
from mocks.stripe.lists import page
from mocks.stripe.metadata import first, merged

KIND = "webhook_endpoint"
SECRET = "webhook_secret"  # noqa: S105 (the kind of a record, not a secret)

#: https://docs.stripe.com/webhooks: "You can register up to 16 webhook endpoints on each account."
MOST = 16


async def create(call: StripeCall) -> Object:
    body = call.body
    _checked_url(body["url"])
    if not body["enabled_events"]:
        raise invalid("You must specify at least one event.", param="enabled_events")
    if await call.state.count(KIND) >= MOST:
        raise invalid(f"You have reached the maximum of {MOST} test webhook endpoints.")
    endpoint: Object = {
        "id": call.new_id("we_1", 23),
        "object": KIND,
        "api_version": body.get("api_version"),
        # A Connect endpoint belongs to the platform's application: https://docs.stripe.com/api/webhook_endpoints/object
        "application": scope.application(call) if body.get("connect") else None,
        "created": call.timestamp,
        "description": given(body, "description"),
        "enabled_events": list(body["enabled_events"]),
        "livemode": False,
        "metadata": first(body.get("metadata")),
        "status": "enabled",
        "url": body["url"],
    }
    secret = call.new_id("whsec_", 32)
    await call.state.put(KIND, endpoint["id"], endpoint)
    await call.state.put(SECRET, endpoint["id"], {"sealed": call.seal(secret)})
    return {**endpoint, "secret": secret}


def _checked_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise invalid(
            "Invalid URL: An explicit scheme (such as https) must be provided.", code="url_invalid", param="url"
        )


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("webhook_endpoint"))


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(KIND, call.path("webhook_endpoint"))
    changes: Object = {}
    if "url" in body:
        _checked_url(body["url"])
        changes["url"] = body["url"]
    if "enabled_events" in body:
        if not body["enabled_events"]:
            raise invalid("You must specify at least one event.", param="enabled_events")
        changes["enabled_events"] = list(body["enabled_events"])
    if "description" in body:
        changes["description"] = given(body, "description")
    if "disabled" in body:
        changes["status"] = "disabled" if body["disabled"] else "enabled"
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    new = {**old, **changes}
    await call.state.put(KIND, new["id"], new)
    return new


async def delete(call: StripeCall) -> Object:
    endpoint = await call.named(KIND, call.path("webhook_endpoint"))
    await call.state.delete(KIND, endpoint["id"])
    await call.state.delete(SECRET, endpoint["id"])
    return {"id": endpoint["id"], "object": KIND, "deleted": True}


async def list_all(call: StripeCall) -> Object:
    return await page(call, KIND)


HANDLERS: dict[str, StripeHandler] = {
    "webhook_endpoints.create": create,
    "webhook_endpoints.delete": delete,
    "webhook_endpoints.list": list_all,
    "webhook_endpoints.retrieve": retrieve,
    "webhook_endpoints.update": update,
}
