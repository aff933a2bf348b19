"""Every attempt to cross a wall, written down where it can be seen.

An incident never holds a credential: the path is redacted and a presented key appears by its hint only.
"""

from __future__ import annotations

import logging
from typing import Any

from broker.clock import Clock
from broker.metrics import Metrics
from broker.redact import Redactor
from broker.storage.base import Environment, Incident, Registry
from contracts.exchange import Request

#: Characters of a path that are kept.
_PATH = 2048

log = logging.getLogger("broker.incidents")


class Incidents:
    """Writes incidents to the registry and counts them."""

    def __init__(self, registry: Registry, clock: Clock, redactor: Redactor) -> None:
        self._registry = registry
        self._clock = clock
        self._redactor = redactor
        #: By (service, kind), for the metrics.
        self.counts: dict[tuple[str, str], int] = {}

    def expose(self, metrics: Metrics) -> None:
        """How many of each kind."""
        metrics.counter("incidents", "Attempts to cross a wall.", ("service", "kind"), lambda: self.counts)

    async def report(
        self,
        kind: str,
        message: str,
        *,
        request: Request,
        name: str | None = None,
        environment: Environment | None = None,
        service: str | None = None,
        **details: Any,
    ) -> str:
        """Store one; answers its id. ``name`` is what the caller addressed when no such environment exists."""
        incident = Incident(
            id="inc_" + self._clock.text(16),
            at=self._clock.now(),
            kind=kind,
            environment=environment.name if environment else name,
            uid=environment.uid if environment else None,
            service=service,
            message=message,
            details={
                "method": request.method,
                "path": self._path(request),
                **details,
            },
        )
        try:
            await self._registry.add_incident(incident)
        except Exception:
            # A full disk must not keep a refusal from its caller: the log has it, and the count.
            log.exception("incident %s (%s) could not be stored", incident.id, kind)
        key = (service or "none", kind)
        self.counts[key] = self.counts.get(key, 0) + 1
        return incident.id

    def _path(self, request: Request) -> str:
        """Cut after it is redacted, so that no part of a secret is left at the end; a flood of long paths must neither
        fill the disk nor keep the patterns busy."""
        sent = request.sent_path or request.path
        return self._redactor.target(sent[: 2 * _PATH])[:_PATH]
