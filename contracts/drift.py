"""What differs between two sides of one API, and how much it matters to a client: the word that diffs, probes and
observations of real answers share.

The sides are two contracts, or a mock and the real provider. Pure: it says what was found, not what to do about it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

#: For a client of the API: with ``breaking``, code that worked stops working; with ``risky`` it may, if it relied on
#: what was never promised; with ``safe`` it cannot notice, or only sees more.
Severity = Literal["breaking", "risky", "safe"]

SEVERITIES: tuple[Severity, ...] = ("breaking", "risky", "safe")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One difference. ``rule`` names its kind (``response-property-removed``), ``place`` where in the operation
    (``response.200.body.customer.email``); ``before`` and ``after`` are short facts, never values of real data."""

    service: str
    #: None: about the API as a whole.
    operation: str | None
    rule: str
    place: str
    severity: Severity
    message: str
    before: Any = None
    after: Any = None

    @property
    def key(self) -> str:
        """Sixteen characters that are the same whenever the same difference is found again, and after it was stored."""
        sides = [json.dumps(side, sort_keys=True, default=repr) for side in (self.before, self.after)]
        text = "\n".join((self.service, self.operation or "", self.rule, self.place, *sides))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def worst(findings: Iterable[Finding]) -> Severity | None:
    """The gravest severity of them; None of none."""
    found = {finding.severity for finding in findings}
    return next((severity for severity in SEVERITIES if severity in found), None)


def ranked(findings: Iterable[Finding]) -> Sequence[Finding]:
    """The gravest first, then by service, operation and place."""
    order = {severity: number for number, severity in enumerate(SEVERITIES)}
    return sorted(findings, key=lambda each: (order[each.severity], each.service, each.operation or "", each.place))
