"""``make fidelity``: how true the mocks are, measured against the stand-ins and written beside the compiled contracts.

A server of its own checks each service against a stand-in, and ``broker fidelity --save`` writes what came of it. What
is measured is how alike two imitations are: the files and the tables made from them say against what.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from demo.serving import Broker
from tests.journeys.accounts import AWS_KEY, AWS_SECRET, MAIL_KEY, STRIPE_KEY, put_account
from tests.standins import prism
from tests.standins.localstripe import LocalStripe
from tests.standins.moto import Moto

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "contracts" / "library"
#: Seconds that the check of one service may take.
_PATIENCE = 1800.0


@dataclass(frozen=True)
class StandIn:
    """What stands in for the provider of a service; ``name`` with its version is what a score says it rests on."""

    name: str
    start: Callable[[], AbstractContextManager[Any]]
    secret: Any


def _prism_version() -> str:
    found: dict[str, Any] = json.loads((Path(prism.__file__).parent / "package.json").read_text())
    return str(found["dependencies"]["@stoplight/prism-cli"])


STAND_INS = {
    "stripe": StandIn(f"localstripe {version('localstripe')}", LocalStripe, STRIPE_KEY),
    "s3": StandIn(f"moto {version('moto')}", Moto, {"key": AWS_KEY, "secret": AWS_SECRET}),
    "sendgrid": StandIn(f"Prism {_prism_version()}", lambda: prism.Prism("sendgrid"), MAIL_KEY),
}


class OfThisCheckout(Broker):
    """Runs the code beside this file, whatever the virtual environment was installed from."""

    def _environment(self) -> dict[str, str]:
        return {**super()._environment(), "PYTHONPATH": str(ROOT)}


def check(server: Broker, service: str) -> dict[str, Any]:
    """The run at its end. Raises RuntimeError where it could not be carried out."""
    run: dict[str, Any] = server.control("POST", "drift/checks", {"service": service, "account": service})
    until = time.monotonic() + _PATIENCE
    while run["status"] == "running":
        if time.monotonic() > until:
            raise RuntimeError(f"the check of {service} is not over after {_PATIENCE:g} s")
        time.sleep(0.2)
        run = server.control("GET", f"drift/checks/{run['id']}")
    if run["status"] != "done":
        raise RuntimeError(f"the check of {service} failed: {'; '.join(run['errors'])}")
    return run


def measure(services: Sequence[str], library: Path = LIBRARY) -> list[str]:
    """Check the services and write their files; a line about each."""
    told = []
    with tempfile.TemporaryDirectory(prefix="broker-fidelity-") as folder:
        server = OfThisCheckout(Path(folder) / "server")
        server.start()
        try:
            for service in services:
                stand_in = STAND_INS[service]
                with stand_in.start() as running:
                    put_account(server, service, service, running.url, {"value": stand_in.secret})
                    run = check(server, service)
                words = f"{stand_in.name}: a stand-in, not the provider"
                saved = server.cli("fidelity", service, "--save", "--against", words, "--into", str(library))
                told.append(f"{run['scenarios']} scenarios, {len(run['findings'])} findings; {saved.stdout.strip()}")
        finally:
            server.stop()
    return told


def main(arguments: Sequence[str]) -> int:
    """``python -m tests.standins.fidelity [SERVICE]...``."""
    unknown = [each for each in arguments if each not in STAND_INS]
    if unknown:
        sys.stderr.write(f"no stand-in for {', '.join(unknown)}; there are {', '.join(STAND_INS)}\n")
        return 2
    for line in measure(arguments or list(STAND_INS)):
        sys.stdout.write(line + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
