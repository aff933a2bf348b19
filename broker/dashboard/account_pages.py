"""Pages of real accounts: what they bear, who leases them, where their webhooks arrive, and what providers sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broker.dashboard.page import Action, Done, Page, View, at
from broker.errors import NotFound

#: Entries of a page of webhooks.
_PAGE = 50


async def accounts(view: View) -> Mapping[str, Any]:
    """By name; none where the server has no real providers."""
    try:
        return {"accounts": (await view.call("listAccounts", path={}))["items"], "trouble": ""}
    except NotFound as none:
        return {"accounts": [], "trouble": none.detail}


async def account(view: View) -> Mapping[str, Any]:
    """One of them, with its endpoint for webhooks and the last that arrived there."""
    found = await view.call("showAccount")
    hooks = await view.call("listHooks", path={}, query={"account": found["name"], "limit": 10})
    return {"account": found, "endpoint": await _endpoint(view), "hooks": hooks["items"]}


async def _endpoint(view: View) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = await view.call("showHookEndpoint")
    except NotFound:
        return None
    return found


async def hooks(view: View) -> Mapping[str, Any]:
    """What real providers sent, newest first; all of it, or only what nobody claims."""
    claimed = {"yes": True, "no": False}.get(view.query.get("claimed", ""))
    query = {"account": view.query.get("account"), "claimed": claimed, "after": view.query.get("after"), "limit": _PAGE}
    try:
        found = await view.call("listHooks", path={}, query=query)
    except NotFound as none:
        return {"found": {"items": [], "next": None}, "trouble": none.detail}
    return {"found": found, "trouble": ""}


async def hook(view: View) -> Mapping[str, Any]:
    """One delivery, whose it is, and the environments that may claim it."""
    opened = await view.call("listEnvironments", path={}, query={"status": "open", "limit": 1000})
    return {"hook": await view.call("showHook"), "names": [each["name"] for each in opened["items"]]}


async def check(view: View) -> Done:
    """A look into the account that changes nothing."""
    found = await view.call("checkAccount")
    name = found["name"]
    if found["usable"]:
        view.session.tell("good", f"{name} is usable: the provider takes its credential {found['fingerprint']}.")
    else:
        view.session.tell("bad", f"{name} cannot be used: {found['trouble']}")
    return Done(at("accounts", name))


async def ensure(view: View) -> Done:
    """The account's endpoint, made or found alive."""
    found = await view.call("ensureHookEndpoint")
    return Done(at("accounts", found["account"]), f"The endpoint of {found['account']} is {found['state']}.")


async def claim(view: View) -> Done:
    """An event that is nobody's becomes an environment's."""
    name = view.form.get("environment", "")
    await view.call("claimHook", body={"environment": name})
    return Done(
        at("hooks", view.path["account"], view.path["event"]), f"The event is {name}'s now, and on its way there."
    )


PAGES = (
    Page(
        name="accounts",
        path="/accounts",
        title="Accounts",
        template="accounts.html",
        show=accounts,
        nav="server",
        icon="key",
    ),
    Page(
        name="account",
        path="/accounts/{account}",
        title="{account}",
        template="account.html",
        show=account,
        under="accounts",
    ),
    Page(
        name="hooks",
        path="/hooks",
        title="Provider webhooks",
        template="hooks.html",
        show=hooks,
        nav="server",
        icon="bell",
    ),
    Page(
        name="hook",
        path="/hooks/{account}/{event}",
        title="{event}",
        template="hook.html",
        show=hook,
        under="hooks",
    ),
)

ACTIONS = (
    Action(name="check_account", path="/accounts/{account}/check", act=check),
    Action(name="ensure_endpoint", path="/accounts/{account}/endpoint", act=ensure),
    Action(name="claim_hook", path="/hooks/{account}/{event}/claim", act=claim),
)
