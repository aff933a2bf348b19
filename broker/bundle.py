"""The bundle: what an orchestrator injects into an environment, and the formats that it is written in."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from broker.errors import InvalidInput

#: ``{"name", "status", "endpoint", "expires_at", "variables": {name: value}, "bindings": {service: {...}}}``
Bundle = Mapping[str, Any]

# Readable without quotes by every dotenv dialect, Docker's --env-file included, which knows no quotes at all.
_BARE = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")


def _json(bundle: Bundle) -> str:
    return orjson.dumps(bundle, option=orjson.OPT_INDENT_2).decode() + "\n"


def _dotenv(bundle: Bundle) -> str:
    return "".join(f"{name}={_dotenv_value(value)}\n" for name, value in bundle["variables"].items())


def _dotenv_value(value: str) -> str:
    if _BARE.fullmatch(value):
        return value
    # Single quotes are literal in every dialect, as long as nothing in the text needs an escape.
    if not re.search(r"['\\\n\r]", value):
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def _shell(bundle: Bundle) -> str:
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in bundle["variables"].items())


def _github(bundle: Bundle) -> str:
    """Lines for ``$GITHUB_ENV``. A value of several lines stands between delimiters:
    https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions#multiline-strings"""
    out = []
    for name, value in bundle["variables"].items():
        if "\n" not in value and "\r" not in value:
            out.append(f"{name}={value}\n")
            continue
        delimiter = "BROKER_EOF"
        while delimiter in value:
            delimiter += "_"
        out.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    return "".join(out)


def _k8s(bundle: Bundle) -> str:
    """A Secret; ``stringData`` takes plain text: https://kubernetes.io/docs/concepts/configuration/secret/"""
    import yaml  # a slow import that only this format needs

    manifest = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": f"broker-{bundle['name']}",
            "labels": {"app.kubernetes.io/managed-by": "preview-broker", "preview-broker/environment": bundle["name"]},
        },
        "type": "Opaque",
        "stringData": dict(bundle["variables"]),
    }
    return str(yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=4096))


FORMATS: Mapping[str, Callable[[Bundle], str]] = {
    "json": _json,
    "dotenv": _dotenv,
    "shell": _shell,
    "github": _github,
    "k8s": _k8s,
}


def render(bundle: Bundle, format: str) -> str:
    """The bundle as text; raises InvalidInput for an unknown format."""
    try:
        write = FORMATS[format]
    except KeyError:
        raise InvalidInput(f"unknown format {format!r}; known ones are {', '.join(FORMATS)}") from None
    return write(bundle)
