"""What a bucket policy decides of one request: an explicit deny wins over every allow.

Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mocks.s3.access.documents import Policy, Principals, Statement
from mocks.s3.access.patterns import Lookup, like

#: ``silent``: no statement speaks of it.
Verdict = Literal["allow", "deny", "silent"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. ``account`` and ``canonical`` are None for an anonymous caller; ``action`` has no ``s3:``."""

    account: str | None
    canonical: str | None
    action: str
    resource: str
    lookup: Lookup


def decide(policy: Policy, asked: Asked) -> Verdict:
    """The policy's verdict."""
    verdict: Verdict = "silent"
    for statement in policy.statements:
        # What would change nothing is not worked out.
        if (statement.allow and verdict == "allow") or not _applies(statement, asked):
            continue
        if not statement.allow:
            return "deny"
        verdict = "allow"
    return verdict


def _applies(statement: Statement, asked: Asked) -> bool:
    return (
        _names(statement.actions, asked.action) != statement.other_actions
        and any(each.matches(asked.resource, asked.lookup) for each in statement.resources) != statement.other_resources
        and _means(statement.principals, asked)
        and all(each.holds(asked.lookup) for each in statement.conditions)
    )


def _names(actions: Sequence[str], action: str) -> bool:
    full = f"s3:{action}"
    return any(like(each, full, ignore_case=True) for each in actions)


def _means(who: Principals, asked: Asked) -> bool:
    named = who.everyone or (
        asked.account is not None and (asked.account in who.roots or asked.canonical in who.canonical)
    )
    return named != who.inverted
