"""A bucket policy: parsed, and refused as S3 refuses it.

Sources: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html, AmazonS3/latest/userguide/
add-bucket-policy.html (20 KB) and s3-bucket-user-policy-specifying-principal-intro.html. The sentences of
MalformedPolicy are those that users of S3 quote; where none is found, wording ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mocks.base import ServiceError
from mocks.s3.access.operators import Condition, UnknownOperator, condition
from mocks.s3.access.patterns import Pattern, like, nothing, reaches
from mocks.s3.access.vocabulary import ACTIONS, bearers, expanded, known

#: Bytes of the normalised document.
LARGEST = 20480
_VERSIONS = ("2012-10-17", "2008-10-17")
_ACCOUNT = re.compile(r"\d{12}\Z", re.ASCII)
_ROOT = re.compile(r"arn:aws(?:-cn|-us-gov)?:iam::(\d{12}):root\Z", re.ASCII)
_ARN = re.compile(
    r"arn:aws(?:-cn|-us-gov)?:(?:iam::(?:\d{12}|cloudfront):(?:user|role|group|instance-profile|saml-provider)/[^*]+"
    r"|sts::\d{12}:(?:assumed-role|federated-user)/[^*]+)\Z",
    re.ASCII,
)
_CANONICAL = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Principals:
    """Who a statement is about. ``roots`` are account ids, ``arns`` users and roles, ``canonical`` canonical ids."""

    everyone: bool = False
    roots: frozenset[str] = frozenset()
    arns: frozenset[str] = frozenset()
    canonical: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    federated: frozenset[str] = frozenset()
    #: Everybody else is meant (NotPrincipal).
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. ``actions`` are patterns as written; with ``other_actions`` they are those that are not meant."""

    allow: bool
    principals: Principals
    actions: tuple[str, ...]
    other_actions: bool
    resources: tuple[Pattern, ...]
    other_resources: bool
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a bucket's policy says."""

    statements: tuple[Statement, ...]


def malformed(message: str) -> ServiceError:
    """A policy that S3 does not take."""
    return ServiceError(400, "MalformedPolicy", message)


@lru_cache(maxsize=128)
def parsed(text: str, bucket: str) -> Policy:
    """The policy in ``text`` of the bucket called ``bucket``. Raises MalformedPolicy. Parsed once for each text."""
    document = _document(text)
    for name in document:
        if name not in ("Version", "Id", "Statement"):
            raise malformed(f"Unknown field {name}")
    if document.get("Version", _VERSIONS[1]) not in _VERSIONS:
        raise malformed("The policy must contain a valid version string")
    if "Statement" not in document:
        raise malformed("Missing required field Statement")
    raw = document["Statement"]
    statements = raw if isinstance(raw, list) else [raw]
    if not statements:
        raise malformed("Could not parse the policy: Statement is empty!")
    # Without today's version ${...} is text like any other (reference_policies_variables.html).
    variables = document.get("Version") == _VERSIONS[0]
    seen: set[str] = set()
    return Policy(tuple(_statement(each, bucket, variables, seen) for each in statements))


def _document(text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text, object_pairs_hook=_once) if text.startswith("{") else None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise malformed("Policies must be valid JSON and the first byte must be '{'")
    if len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")) > LARGEST:
        raise malformed(f"Normalized policy document exceeds the maximum allowed size of {LARGEST} bytes")
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice")
    return found


_PAIRED = ("Principal", "Action", "Resource")
_FIELDS = frozenset(("Sid", "Effect", "Condition", *_PAIRED, *(f"Not{name}" for name in _PAIRED)))


def _statement(raw: Any, bucket: str, variables: bool, seen: set[str]) -> Statement:
    if not isinstance(raw, dict):
        raise malformed("Invalid policy syntax.")
    for name in raw:
        if name not in _FIELDS:
            raise malformed(f"Unknown field {name}")
    _check_sid(raw.get("Sid", ""), seen)
    if "Effect" not in raw:
        raise malformed("Missing required field Effect")
    effect = raw["Effect"]
    if effect not in ("Allow", "Deny"):
        raise malformed(f"Invalid effect: {effect}")
    who, other_who = _one_of(raw, "Principal")
    if other_who and effect == "Allow":
        raise malformed("Allow with NotPrincipal is not allowed.")
    actions, other_actions = _one_of(raw, "Action")
    resources, other_resources = _one_of(raw, "Resource")
    statement = Statement(
        effect == "Allow",
        _principals(who, inverted=other_who),
        _actions(actions),
        other_actions,
        _resources(resources, bucket, variables, other_resources),
        other_resources,
        _conditions(raw.get("Condition", {}), variables),
    )
    _check_fit(statement, bucket)
    return statement


def _check_sid(sid: Any, seen: set[str]) -> None:
    if not isinstance(sid, str):
        raise malformed("Invalid policy syntax.")
    if sid and sid in seen:
        raise malformed("Statement IDs (SID) in a single policy must be unique.")
    seen.add(sid)


def _one_of(raw: Mapping[str, Any], name: str) -> tuple[Any, bool]:
    """What stands under ``name`` or under its opposite, and whether it is the opposite."""
    if name in raw and f"Not{name}" in raw:
        raise malformed(f"Statement contains both {name} and Not{name}")
    if name not in raw and f"Not{name}" not in raw:
        raise malformed(f"Missing required field {name}")
    opposite = name not in raw
    found = raw[f"Not{name}" if opposite else name]
    if found in ([], {}, ""):
        raise malformed(f"Missing required field {name} cannot be empty!")
    return found, opposite


def _texts(raw: Any, complaint: str) -> list[str]:
    found = raw if isinstance(raw, list) else [raw]
    if not found or any(not isinstance(each, str) for each in found):
        raise malformed(complaint)
    return found


_WHO = "Invalid principal in policy"


def _principals(raw: Any, *, inverted: bool) -> Principals:
    if raw == "*":
        return Principals(everyone=True, inverted=inverted)
    if not isinstance(raw, dict):
        raise malformed(_WHO)
    found: dict[str, set[str]] = {"everyone": set()}
    for kind, given in raw.items():
        if kind not in ("AWS", "CanonicalUser", "Service", "Federated"):
            raise malformed(_WHO)
        for text in _texts(given, _WHO):
            place, value = _principal(kind, text)
            found.setdefault(place, set()).add(value)
    everyone = bool(found.pop("everyone"))
    return Principals(everyone=everyone, inverted=inverted, **{name: frozenset(held) for name, held in found.items()})


def _principal(kind: str, text: str) -> tuple[str, str]:
    """Where a principal belongs, and in which form. Raises MalformedPolicy."""
    if kind == "AWS":
        root = _ROOT.match(text)
        if text == "*":
            return "everyone", text
        if _ACCOUNT.match(text) or root:
            return "roots", root[1] if root else text
        if _ARN.match(text):
            return "arns", text
        if _CANONICAL.match(text):
            return "canonical", text
    elif kind == "CanonicalUser" and _CANONICAL.match(text):
        return "canonical", text
    elif kind == "Service" and _SERVICE.match(text):
        return "services", text
    elif kind == "Federated" and text and "*" not in text:
        return "federated", text
    raise malformed(_WHO)


def _actions(raw: Any) -> tuple[str, ...]:
    complaint = "Policy has invalid action"
    found = _texts(raw, complaint)
    if not all(map(expanded, found)):
        raise malformed(complaint)
    return tuple(found)


def _resources(raw: Any, bucket: str, variables: bool, other: bool) -> tuple[Pattern, ...]:
    complaint = "Policy has invalid resource"
    found = _texts(raw, complaint)
    for text in found:
        if not (_kinds(text, bucket) or (other and like("arn:aws*:s3:::?*", text))):
            raise malformed(complaint)
    return tuple(Pattern(text, variables=variables) for text in found)


def _kinds(text: str, bucket: str) -> frozenset[str]:
    """What a resource may name of this bucket: itself, its objects."""
    # A variable may stand for anything.
    plain = re.sub(r"\$\{[^}]*\}", "*", text)
    where = f"arn:aws:s3:::{bucket}"
    found = set()
    if Pattern(plain, variables=False).matches(where, nothing):
        found.add("bucket")
    if reaches(plain, f"{where}/"):
        found.add("object")
    return frozenset(found)


def _conditions(raw: Any, variables: bool) -> tuple[Condition, ...]:
    if not isinstance(raw, dict):
        raise malformed("Invalid policy syntax.")
    found = []
    for operator, keys in raw.items():
        if not isinstance(keys, dict):
            raise malformed("Invalid policy syntax.")
        for key, values in keys.items():
            if not known(key.lower()):
                raise malformed("Policy has an invalid condition key")
            found.append(_condition(operator, key, _values(values), variables))
    return tuple(found)


def _values(raw: Any) -> list[str]:
    """Texts; numbers and booleans are written as text. Raises MalformedPolicy."""
    found = raw if isinstance(raw, list) else [raw]
    if not found or any(isinstance(each, dict | list) or each is None for each in found):
        raise malformed("Invalid policy syntax.")
    return [str(each).lower() if isinstance(each, bool) else str(each) for each in found]


def _condition(operator: str, key: str, values: Sequence[str], variables: bool) -> Condition:
    try:
        return condition(operator, key, values, variables=variables)
    except UnknownOperator as error:
        raise malformed(f"Invalid Condition type : {operator}") from error
    except ValueError as error:
        raise malformed(f"Invalid value for condition {operator} of {key}") from error


def _check_fit(statement: Statement, bucket: str) -> None:
    """Each action must act on one of the resources, each condition key must be one of each action's."""
    kinds: set[str] = {"bucket", "object"}
    if not statement.other_resources:
        kinds = set().union(*(_kinds(resource.text, bucket) for resource in statement.resources))
    for action in () if statement.other_actions else statement.actions:
        fitting = {name for name in expanded(action) if ACTIONS[name] in kinds}
        if not fitting:
            raise malformed("Action does not apply to any resource(s) in statement")
        for each in statement.conditions:
            having = bearers(each.key)
            if having is not None and not having & fitting:
                raise malformed("Conditions do not apply to combination of actions and resources in statement")
