"""Pages of what an environment is given: addresses, modes, variables in every format, targets of its webhooks, and the
accounts that meet in its services' worlds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broker.bundle import FORMATS, render
from broker.dashboard import snippets
from broker.dashboard.page import Action, Done, Page, View, at

#: What stands for a value until somebody asks to see it.
HIDDEN = "\u2022" * 8


async def bindings(view: View) -> Mapping[str, Any]:
    """Values of variables are hidden until the query's ``show`` is ``values``; addresses are no secrets."""
    bundle = await view.call("showBundle")
    shown = view.query.get("show") == "values"
    wanted = view.query.get("format", "shell")
    form = wanted if wanted in {*FORMATS, *snippets.LANGUAGES} else "shell"
    given = bundle if shown else {**bundle, "variables": masked(bundle)}
    text = snippets.LANGUAGES[form](given["variables"]) if form in snippets.LANGUAGES else render(given, form)
    return {
        "bundle": bundle,
        "variables": given["variables"],
        "shown": shown,
        "format": form,
        "formats": [*FORMATS, *snippets.LANGUAGES],
        "text": text,
        "accounts": (await view.call("listCredentials"))["items"],
        "worlds": [name for name, service in view.parts.services.items() if service.accounts is not None],
        "added": view.session.kept("account"),
    }


def masked(bundle: Mapping[str, Any]) -> dict[str, str]:
    """The variables; addresses and names as they are, everything else hidden."""
    plain = {bundle["name"], bundle["endpoint"]}

    def shown(value: str) -> bool:
        return value in plain or value.startswith(("http://", "https://"))

    return {name: value if shown(value) else HIDDEN for name, value in bundle["variables"].items()}


async def add(view: View) -> Done:
    """A further account of a service's world; its credential is shown once, on the next page."""
    body = {name: view.form.get(name, "").strip() for name in ("service", "account")}
    view.session.keep("account", await view.call("addCredentials", body=body))
    return Done(
        at("environments", view.path["name"], "bindings"), f"{body['account']} is an account of {body['service']}."
    )


async def remove(view: View) -> Done:
    """Its credential opens nothing any more."""
    found = await view.call("removeCredentials")
    return Done(at("environments", view.path["name"], "bindings"), f"{found['name']} opens nothing any more.")


PAGES = (
    Page(
        name="bindings",
        path="/environments/{name}/bindings",
        title="Variables",
        template="bindings.html",
        show=bindings,
        nav="environment",
        under="environment",
        icon="plug",
    ),
)

ACTIONS = (
    Action(name="add_account", path="/environments/{name}/credentials", act=add),
    Action(name="remove_account", path="/environments/{name}/credentials/{service}/{account}/remove", act=remove),
)
