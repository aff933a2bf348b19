"""What the newest official contracts changed, found out in a process of its own.

Compiling an SDK takes seconds of a core and hundreds of megabytes: that is no work for the process that answers calls.
So ``broker contracts pull`` runs beside it, as a person would run it, and keeps the version that it fetched.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Collection, Sequence
from typing import Any

import orjson

from broker.settings import Settings, inherited
from contracts.compile.newest import NEWEST
from contracts.drift import Finding

#: Seconds for fetching, compiling and comparing.
_PATIENCE = 900.0
#: Characters of what the process says that are told.
_TOLD = 500


class Unfetched(Exception):
    """The newest contract is not known: says what hindered it."""


class News:
    """Of the services that the server has, those whose provider publishes its contract. ``broker`` is our command."""

    def __init__(
        self, settings: Settings, services: Collection[str], broker: Sequence[str] = (sys.executable, "-m", "broker")
    ) -> None:
        self._broker = broker
        self.services: Collection[str] = sorted(set(services) & NEWEST.keys())
        self._variables = inherited(
            BROKER_DATA=str(settings.data.resolve()), BROKER_CONTRACTS=str(settings.contracts_folder.resolve())
        )

    async def newest(self, service: str) -> Sequence[Finding]:
        """What differs between the contract in use and the newest one. Raises Unfetched."""
        child = await asyncio.create_subprocess_exec(
            *self._broker,
            *("contracts", "pull", service, "--json"),
            env=self._variables,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            out, said = await asyncio.wait_for(child.communicate(), _PATIENCE)
        except TimeoutError:
            raise Unfetched(f"the newest contract of {service} did not arrive within {_PATIENCE:g} s") from None
        finally:
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
        if child.returncode:
            raise Unfetched(said.decode(errors="replace").strip()[:_TOLD] or f"it ended with {child.returncode}")
        return [_finding(each) for each in orjson.loads(out)["findings"]]


def _finding(told: dict[str, Any]) -> Finding:
    """As broker/reports/text.py writes it."""
    names = ("service", "operation", "rule", "place", "severity", "message")
    return Finding(**{name: told[name] for name in names}, before=_fact(told["before"]), after=_fact(told["after"]))


def _fact(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
