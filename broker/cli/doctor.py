"""``broker doctor`` and ``broker version``."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version as installed

from broker.cli import terminal
from broker.cli.client import Control, Failure
from broker.cli.options import Json
from broker.doctor import Finding, local_findings

_PARTS = ("uvicorn", "starlette", "dbos", "jsonschema-rs", "orjson")


def doctor(json: Json = False) -> None:
    """Look over settings, files, server and token, and say what to do. Exits 1 when something fails."""
    control = Control()
    findings = [*local_findings(control.settings), *_server_findings(control)]
    if json:
        terminal.emit([asdict(finding) for finding in findings])
    else:
        terminal.table(
            ("", "WHAT", "FOUND", "NEXT STEP"),
            [(one.verdict, one.subject, one.message, one.next or None) for one in findings],
            empty="Nothing to look at.",
        )
    failed = [one for one in findings if one.verdict == "failed"]
    if failed:
        raise Failure(f"{len(failed)} of {len(findings)} checks failed.")


def _server_findings(control: Control) -> Iterator[Finding]:
    subject = f"server {control.settings.url}"
    try:
        control.send("GET", "/_broker/healthz")
    except Failure as lost:
        yield Finding(subject, "failed", lost.message, "broker serve")
        return
    try:
        control.send("GET", "/_broker/readyz")
        yield Finding(subject, "ok", "is ready")
    except Failure:
        yield Finding(subject, "warning", "answers, but is not ready yet", "wait, then look again")
    source = control.token.source if control.token else "nowhere"
    try:
        services = control.ask("GET", "/services")["items"]
    except Failure as refused:
        yield Finding("token", "failed", refused.message, "export BROKER_TOKEN=...")
        return
    yield Finding("token", "ok", f"from {source}, accepted")
    yield Finding("services", "ok", ", ".join(service["name"] for service in services))


def version(json: Json = False) -> None:
    """Print the versions of the broker and of what it stands on."""
    found = {
        "preview-broker": installed("preview-broker"),
        "python": platform.python_version(),
        **{name: installed(name) for name in _PARTS},
    }
    if json:
        return terminal.emit(found)
    return terminal.facts(found.items())
