"""A fault that a policy asks for: which calls it meets, what goes wrong, how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from broker.policy.rules import Rule, pause

#: The longest latency: a call holds its connection meanwhile.
LONGEST = timedelta(minutes=5)

When = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Injected:
    """One entry of ``services.NAME.faults``. ``place`` is the policy's own path to it.

    ``before``: the call has no effect. ``after``: it has its effect, and its answer is lost. With neither ``status``
    nor ``reset`` the call is only slow. ``times`` and ``rate`` None mean every time.
    """

    place: str
    rule: Rule
    status: int | None = None
    code: str = ""
    message: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    latency: timedelta = timedelta()
    reset: bool = False
    when: When = "before"
    skip: int = 0
    times: int | None = None
    probability: float = 1.0
    #: Calls a second that pass; those beyond meet the fault.
    rate: int | None = None

    @classmethod
    def of(cls, service: str, index: int, body: Mapping[str, Any]) -> Injected:
        """From its document, which is valid."""
        latency = body.get("latency")
        return cls(
            place=f"services.{service}.faults[{index}]",
            # Matched as the modes that let a call pass are: by the path as it was sent.
            rule=Rule.of({"mode": "mock", **body}),
            status=body.get("status"),
            code=body.get("code") or "",
            message=body.get("message") or "",
            details=body.get("details") or {},
            latency=pause(latency) if latency else timedelta(),
            reset=body.get("reset") or False,
            when=body.get("when") or "before",
            skip=body.get("skip") or 0,
            times=body.get("times"),
            probability=1.0 if body.get("probability") is None else float(body["probability"]),
            rate=body.get("rate"),
        )
