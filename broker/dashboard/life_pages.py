"""Pages of an environment's life: opened, renewed, reset, rotated, its clock moved, closed with a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broker.dashboard.page import Action, Done, Page, View, at
from broker.errors import Conflict, InvalidInput, NotFound

#: Seconds that the form of a close waits for its end; the receipt's page shows how far it is after that.
_PATIENCE = 2
#: What the session keeps of a form that was refused.
_OPENING = "opening"
#: Steps that the clock is often moved by.
STEPS = ("1h", "1d", "7d", "31d", "365d")


async def opening(view: View) -> Mapping[str, Any]:
    """The form of a new one, and what is wrong with the policy in it."""
    kept = view.session.kept(_OPENING) or {}
    return {"form": kept.get("form", view.query), "faults": kept.get("faults", [])}


async def life(view: View) -> Mapping[str, Any]:
    """What can be done with it; its clock while it is open."""
    found = await view.call("showEnvironment", query={"inventory": False})
    clock = await view.call("showClock") if found["status"] == "open" else None
    plan = await view.call("planClose")
    return {"environment": found, "clock": clock, "plan": plan, "steps": STEPS}


async def receipt(view: View) -> Mapping[str, Any]:
    """Of its closing, with what the signature is worth; while it is being closed, how far it is."""
    environment = await view.call("showEnvironment", query={"inventory": False})
    try:
        found = await view.call("showReceipt")
    except NotFound:
        if environment["status"] == "open":
            raise
        found = None
    verdict = None
    if found is not None and environment["status"] == "closed":
        verdict = await view.call("verifyReceipt", path={}, body=found)
    return {"environment": environment, "receipt": found, "verdict": verdict}


async def open_one(view: View) -> Done:
    """A new environment, or another policy for one that is there."""
    name, policy = view.form.get("name", "").strip(), view.form.get("policy", "")
    body: dict[str, Any] = {"reopen": view.form.get("reopen") == "true"}
    if policy.strip():
        body["policy"] = policy
    if view.form.get("ttl", "").strip():
        body["ttl"] = view.form["ttl"].strip()
    if view.form.get("trust") == "fork":
        body["trust"] = "fork"
    if not name:
        raise InvalidInput("name: an environment is called like a host, for instance pr-142")
    try:
        answer = await view.answer("openEnvironment", path={"name": name}, body=body)
    except InvalidInput as wrong:
        view.session.keep(_OPENING, {"form": dict(view.form), "faults": wrong.errors})
        raise
    outcome = answer.headers["broker-outcome"]
    said = {"created": "is open", "unchanged": "was open, as it is", "policy_changed": "has another policy now"}
    return Done(at("environments", name), f"{name} {said.get(outcome, outcome)}.")


async def renew(view: View) -> Done:
    """It lives on from now."""
    ttl = view.form.get("ttl", "").strip()
    await view.call("renewEnvironment", body={"ttl": ttl} if ttl else {})
    return Done(_life(view), f"{view.path['name']} lives on.")


async def reset(view: View) -> Done:
    """Mocks, mails and events are emptied."""
    deleted = (await view.call("resetEnvironment"))["deleted"]
    return Done(_life(view), f"Emptied: {deleted['events']} events, {deleted['mails']} mails, and all that mocks held.")


async def rotate(view: View) -> Done:
    """Fresh credentials; the old ones open it until the overlap is over."""
    body = {name: view.form[name].strip() for name in ("overlap", "service") if view.form.get(name, "").strip()}
    found = await view.call("rotateCredentials", body=body)
    services = ", ".join(found["rotated"])
    return Done(at("environments", view.path["name"], "bindings"), f"{services} have fresh credentials.")


async def move_clock(view: View) -> Done:
    """On, frozen, released, or back to the server's own time."""
    form, body = view.form, dict[str, Any]()
    if form.get("advance", "").strip():
        body["advance"] = form["advance"].strip()
    if form.get("freeze") in ("true", "false"):
        body["freeze"] = form["freeze"] == "true"
    if form.get("reset") == "true":
        body["reset"] = True
    found = await view.call("changeClock", body=body)
    return Done(_life(view), f"It is {found['now']} for its mocks; what became due has happened.")


async def close(view: View) -> Done:
    """Everything of it is deleted. Its name is typed, so that no other one is closed by a slip."""
    name = view.path["name"]
    if view.form.get("name", "").strip() != name:
        raise InvalidInput(f"type {name} to close it: everything of it is deleted")
    said = f"{name} is closed."
    try:
        await view.call("closeEnvironment", query={"wait": _PATIENCE})
    except Conflict:
        said = f"{name} is being closed: its credentials are dead, what it holds is being deleted."
    return Done(at("environments", name, "receipt"), said)


def _life(view: View) -> str:
    return at("environments", view.path["name"], "life")


PAGES = (
    Page(name="opening", path="/open", title="Open", template="opening.html", show=opening, under="environments"),
    Page(
        name="life",
        path="/environments/{name}/life",
        title="Life and clock",
        template="life.html",
        show=life,
        nav="environment",
        under="environment",
        icon="clock",
    ),
    Page(
        name="receipt",
        path="/environments/{name}/receipt",
        title="Receipt",
        template="receipt.html",
        show=receipt,
        under="environment",
    ),
)

ACTIONS = (
    Action(name="open_environment", path="/open", act=open_one),
    Action(name="renew", path="/environments/{name}/renew", act=renew),
    Action(name="reset", path="/environments/{name}/reset", act=reset),
    Action(name="rotate", path="/environments/{name}/rotate", act=rotate),
    Action(name="move_clock", path="/environments/{name}/clock", act=move_clock),
    Action(name="close", path="/environments/{name}/close", act=close),
)
