"""What each service is to be for one environment: policy documents, read, decided and explained."""

from __future__ import annotations

from broker.policy.decisions import (
    DEFAULT_RETRIES,
    MODES,
    REAL,
    Decision,
    Policy,
    SandboxPolicy,
    ServicePolicy,
    WebhookTarget,
)
from broker.policy.injected import Injected
from broker.policy.rules import pause

__all__ = [
    "DEFAULT_RETRIES",
    "MODES",
    "REAL",
    "Decision",
    "Injected",
    "Policy",
    "SandboxPolicy",
    "ServicePolicy",
    "WebhookTarget",
    "pause",
]
