"""Pages of what this server offers: its services with their contracts and how true they are, and the server itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broker.control.app import broker_version
from broker.dashboard.page import Page, View
from broker.errors import NotFound

#: Metrics that say nothing to people who look.
_INTERNAL = ("python_", "process_")


async def services(view: View) -> Mapping[str, Any]:
    """Every service, with its contract's version and its score."""
    contracts = {each["service"]: each for each in (await view.call("listContracts", path={}))["items"]}
    scores = {each["service"]: each for each in await view.listed("listFidelity", path={})}
    found = (await view.call("listServices", path={}))["items"]
    return {
        "services": [
            {**each, "contract": contracts[each["name"]], "score": scores.get(each["name"])} for each in found
        ],
        "documents": await view.listed("listDocuments", path={}),
        "cassettes": await view.listed("listCassettes", path={}),
    }


async def service(view: View) -> Mapping[str, Any]:
    """One, operation by operation; those that fit the text and the kind of answer."""
    contract = await view.call("showContract")
    text, kind = view.query.get("text", "").strip().lower(), view.query.get("kind", "")
    scores: Mapping[str, Any] = {}
    fidelity: Mapping[str, Any] | None = None
    try:
        fidelity = await view.call("showFidelity")
        scores = {each["operation"]: each for each in fidelity["items"]} if fidelity else {}
    except NotFound:
        pass  # a server that keeps nothing of drift has no scores
    found = [
        {**each, "score": scores.get(each["id"])}
        for each in contract["operations"]
        if (not kind or each["fidelity"] == kind) and text in f"{each['id']} {each['method']} {each['path']}".lower()
    ]
    kinds: dict[str, int] = {}
    for each in contract["operations"]:
        kinds[each["fidelity"]] = kinds.get(each["fidelity"], 0) + 1
    return {"contract": contract, "operations": found, "kinds": kinds, "fidelity": fidelity}


async def server(view: View) -> Mapping[str, Any]:
    """The server: whether it is ready, and its figures."""
    ready = await view.answer("readiness", path={})
    return {
        "version": broker_version(),
        "ready": ready.value,
        "settings": view.parts.settings,
        "figures": _figures(str(await view.call("metrics", path={}))),
    }


def _figures(text: str) -> list[tuple[str, str, list[tuple[str, float]]]]:
    """``(name, what it counts, [(labels, value)])`` from Prometheus' text format."""
    found: dict[str, tuple[str, list[tuple[str, float]]]] = {}
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name, _, about = line[7:].partition(" ")
            if not name.startswith(_INTERNAL):
                found[name] = (about, [])
        elif line and not line.startswith("#"):
            series, _, value = line.rpartition(" ")
            name, _, labels = series.partition("{")
            if name in found and float(value):
                found[name][1].append((labels.rstrip("}"), float(value)))
    return [(name, about, rows) for name, (about, rows) in found.items()]


PAGES = (
    Page(
        name="services",
        path="/services",
        title="Services",
        template="services.html",
        show=services,
        nav="server",
        icon="plug",
    ),
    Page(
        name="service",
        path="/services/{service}",
        title="{service}",
        template="service.html",
        show=service,
        under="services",
    ),
    Page(name="server", path="/server", title="Server", template="server.html", show=server, nav="server", icon="gear"),
)
