"""Pages of an environment's policy: as it is, which line of it decides a call, another one tried and applied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from broker.dashboard.page import Action, Done, Page, View, at
from broker.errors import BrokerError, InvalidInput
from broker.policy import yaml_text
from broker.policy.faults import Faults

#: What the session keeps of a text that was checked.
_DRAFT = "policy"


async def policy(view: View) -> Mapping[str, Any]:
    """The policy in its normal form, with the line that decides where a request is asked about; below it a text to
    check and apply."""
    environment = await view.call("showEnvironment", query={"inventory": False})
    kept = view.session.kept(_DRAFT) or {}
    text = written(environment["policy"])
    asked = view.query.get("request", "").strip()
    decisions, trouble = [], ""
    if asked:
        try:
            query = {"request": asked, "service": view.query.get("service")}
            decisions = (await view.call("explainPolicy", query=query))["decisions"]
        except BrokerError as refused:
            trouble = refused.detail
    marked = {number for each in decisions if (number := deciding(text, each["service"], each["rule"])) is not None}
    return {
        "environment": environment,
        "lines": text.splitlines(),
        "text": text,
        "marked": marked,
        "asked": asked,
        "decisions": decisions,
        "trouble": trouble,
        "services": list(environment["services"]),
        "draft": kept.get("text", text),
        "verdict": kept.get("verdict"),
    }


def written(policy: Mapping[str, Any]) -> str:
    """As YAML, in the order in which people write policies."""
    return str(yaml.safe_dump(dict(policy), sort_keys=False, allow_unicode=True, width=120))


def deciding(text: str, service: str, rule: int | None) -> int | None:
    """The number of the line that decides for a service: its rule's, else that of its mode; None where the policy does
    not name the service."""
    read = Faults()
    yaml_text.parse(text.encode(), read)
    entry = ("services", service)
    for place in ((*entry, "rules", -1 if rule is None else rule), (*entry, "mode"), entry):
        if place in read.marks:
            return read.marks[place].line
    return None


async def check(view: View) -> Done:
    """The text is kept for the page, with its verdict; nothing is changed."""
    text = view.form.get("policy", "")
    verdict = await view.call("checkPolicy", path={}, body={"policy": text})
    view.session.keep(_DRAFT, {"text": text, "verdict": verdict})
    return Done(at("environments", view.path["name"], "policy") + "#try")


async def apply(view: View) -> Done:
    """The text becomes the environment's policy."""
    text, name = view.form.get("policy", ""), view.path["name"]
    try:
        answer = await view.answer("openEnvironment", body={"policy": text})
    except InvalidInput:
        verdict = await view.call("checkPolicy", path={}, body={"policy": text})
        view.session.keep(_DRAFT, {"text": text, "verdict": verdict})
        raise
    changed = answer.headers["broker-outcome"] == "policy_changed"
    return Done(
        at("environments", name, "policy"), "The policy is applied." if changed else "The policy was this already."
    )


PAGES = (
    Page(
        name="policy",
        path="/environments/{name}/policy",
        title="Policy",
        template="policy.html",
        show=policy,
        nav="environment",
        under="environment",
        icon="shield",
    ),
)

ACTIONS = (
    Action(name="check_policy", path="/environments/{name}/policy/check", act=check),
    Action(name="apply_policy", path="/environments/{name}/policy/apply", act=apply),
)
