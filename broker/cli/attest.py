"""``broker env attest`` and ``broker env verify``: do the components of an environment see its own values?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
import typer

from broker import attestation
from broker.cli import client, codes, terminal
from broker.cli.client import Control, Failure, segment
from broker.cli.options import Json, Name, examples
from broker.settings import variables

_Variables = Annotated[
    list[str] | None,
    typer.Option("--variable", metavar="NAME", help="A further variable of this component; repeatable."),
]


def add(commands: typer.Typer) -> None:
    """The commands, into the group of env."""
    commands.command(
        "attest",
        epilog=examples(
            "broker env attest --component worker",
            "broker env attest pr-142 --component web --variable SEARCH_INDEX_PREFIX",
        ),
    )(attest)
    commands.command(
        "verify",
        epilog=examples(
            "broker env verify pr-142",
            "broker env verify pr-142 --component web --component worker --expect preview.env --max-age 1h",
        ),
    )(verify)


def attest(
    component: Annotated[
        str, typer.Option("--component", metavar="NAME", help="What this process is a part of: web, worker.")
    ],
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="The environment; BROKER_ENVIRONMENT when left out.")
    ] = None,
    variable: _Variables = None,
    json: Json = False,
) -> None:
    """Report what this process sees of its environment: keyed digests of its variables, never their values.

    To be run inside each component, with the variables that the component has. It needs BROKER_ATTEST_KEY from the
    environment's bundle, and not the control token. Without BROKER_URL the server is found by EXTERNAL_API_ENDPOINT.
    """
    names = dict.fromkeys([*attestation.CANONICAL, *(variable or ())])
    seen = variables([*names, attestation.KEY, attestation.SALT, "BROKER_ENVIRONMENT", "BROKER_URL"])
    key = seen.get(attestation.KEY)
    if key is None:
        raise Failure(f"{attestation.KEY} is not set: give this component the environment's bundle.", codes.USAGE)
    environment = name or seen.get("BROKER_ENVIRONMENT")
    if environment is None:
        raise Failure("No environment: name one, or set BROKER_ENVIRONMENT from the bundle.", codes.USAGE)
    values = {one: seen[one] for one in names if one in seen}
    if not values:
        raise Failure(f"None of {', '.join(names)} is set here.", codes.USAGE)
    digests = attestation.digests(values, key, seen.get(attestation.SALT))
    path = f"/_broker/v1/environments/{segment(environment)}/attestations/{segment(component)}"
    answer = _report(_server(seen), path, key, {"digests": digests})
    if json:
        return terminal.emit(answer)
    left_out = [one for one in names if one not in values]
    terminal.show(f"Attested {', '.join(answer['variables'])} of {environment}'s {component}.")
    if left_out:
        terminal.note(f"not set here: {', '.join(left_out)}")
    return None


def _server(seen: dict[str, str]) -> str:
    """A component knows the broker by the address that its calls go to."""
    if "BROKER_URL" in seen or attestation.ENDPOINT not in seen:
        return client.settings().url
    address = urlsplit(seen[attestation.ENDPOINT])
    return f"{address.scheme}://{address.netloc}"


def _report(url: str, path: str, key: str, body: Any) -> Any:
    """The answer of the server. Not as the other commands ask: the key is no control token."""
    try:
        with client.connect(client.settings().with_(url=url), {"authorization": f"Bearer {key}"}) as http:
            answer = http.put(path, json=body)
    except (httpx.TransportError, httpx.InvalidURL) as lost:
        raise Failure(
            f"No server answers at {url} ({lost}); BROKER_URL names another one.", codes.UNREACHABLE
        ) from lost
    try:
        found = answer.json()
    except ValueError:
        found = {}
    if answer.is_success and "variables" in found:
        return found
    detail = str(found.get("detail") or f"{url} answered {answer.status_code} and not as a broker does.")
    raise Failure(detail[:1].upper() + detail[1:], codes.BY_STATUS.get(answer.status_code, codes.FAILED))


def verify(
    name: Name,
    expect: Annotated[
        Path | None,
        typer.Option("--expect", metavar="FILE", help="NAME=VALUE lines that components must see; only digests leave."),
    ] = None,
    component: Annotated[
        list[str] | None,
        typer.Option("--component", metavar="NAME", help="A component that must have attested; repeatable."),
    ] = None,
    require: Annotated[
        list[str] | None,
        typer.Option("--require", metavar="VARIABLE", help="A variable that every component must have; repeatable."),
    ] = None,
    max_age: Annotated[
        str | None, typer.Option("--max-age", metavar="TIME", help="Older reports are stale: 1h, 30m.")
    ] = None,
    json: Json = False,
) -> None:
    """Tell which component has another environment's values, stale ones or none. Exits 1 when one has."""
    control = Control()
    body: dict[str, Any] = {"components": component or [], "require": require or []}
    if max_age:
        body["max_age"] = max_age
    if expect is not None:
        values = read_values(expect)
        bundle = control.ask("GET", f"/environments/{segment(name)}/bundle")
        key = bundle["variables"][attestation.KEY]
        body["expect"] = {one: attestation.digest(key, value) for one, value in values.items()}
    verdict = control.ask("POST", f"/environments/{segment(name)}/verify", body=body)
    if json:
        terminal.emit(verdict)
    else:
        _show(verdict)
    if not verdict["findings"]:
        # A check of nothing must not look like a check that went well.
        raise Failure(f"No component of {name} has attested: run `broker env attest` in each.")
    if verdict["faults"]:
        count = verdict["faults"]
        raise Failure(f"{name} has {count} {'fault' if count == 1 else 'faults'} in what its components see.")


def _show(verdict: dict[str, Any]) -> None:
    at = {one["component"]: one["at"] for one in verdict["components"]}
    terminal.table(
        ("COMPONENT", "ATTESTED", "VARIABLE", "VERDICT", "BECAUSE"),
        [
            (
                one["component"],
                terminal.moment(at.get(one["component"])),
                one["variable"],
                one["verdict"],
                one["because"],
            )
            for one in verdict["findings"]
        ],
        empty="Nothing was reported.",
    )


def read_values(path: Path) -> dict[str, str]:
    """``NAME=VALUE`` lines, as ``broker env open --format dotenv`` writes them; nothing is expanded. Raises Failure."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as wrong:
        raise Failure(f"{path} cannot be read as text: {wrong}.", codes.USAGE) from wrong
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not equals or not name.isidentifier() or not name.isascii():
            raise Failure(f"{path}: line {number} is not NAME=VALUE.", codes.USAGE)
        found[name] = _unquoted(value)
    return found


_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "r": "\r"}


def _unquoted(value: str) -> str:
    """Single quotes are literal; double ones know the escapes that broker/bundle.py writes."""
    if len(value) < 2 or value[0] != value[-1] or value[0] not in "'\"":
        return value
    if value[0] == "'":
        return value[1:-1]
    return _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[1]), value[1:-1])
