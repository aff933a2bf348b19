"""The propagation check: does each component of an environment see that environment's values, and nobody else's?

A component reports keyed digests of its variables (``broker env attest``), and ``judge`` compares them with what
the environment was given, with its other components, and with every other environment. No value leaves its
component. Two keys come with the bundle and are derived, never stored: the environment's own, which also lets
its holder report for it, and a salt that all environments share, so that one value in two of them is seen.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from broker.errors import InvalidInput
from broker.storage.base import Environment
from broker.storage.external import Attested

if TYPE_CHECKING:
    from broker.vault import Vault

KEY, SALT = "BROKER_ATTEST_KEY", "BROKER_ATTEST_SALT"

#: The environment's own address: the one canonical variable whose value the broker knows.
ENDPOINT = "EXTERNAL_API_ENDPOINT"
#: What must differ from environment to environment, and be the same in all components of one.
CANONICAL = ("DATABASE_URL", "QUEUE_NAMESPACE_PREFIX", "CACHE_KEY_PREFIX", ENDPOINT, "FRONTEND_API_BASE_URL")

#: A component's name.
COMPONENT = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
#: A variable's name as POSIX has it, and its digest: by the environment's own key, and by the salt where it has one.
VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
DIGEST = r"^[0-9a-f]{64}(:[0-9a-f]{64})?$"
#: Variables in one report.
MOST = 200

#: ``foreign``: another environment's value. ``wrong``: not what the environment was given. ``missing``: not set, or not
#: reported. ``differs``: its components disagree. ``stale``: reported too long ago. ``refused``: the component came
#: with a key that is not this environment's.
Verdict = Literal["ok", "foreign", "wrong", "missing", "differs", "stale", "refused"]

_LINE = re.compile(r"([^=\s]+)=(\S*)")


def check_component(name: str) -> str:
    """The name, when it can name a component; raises InvalidInput."""
    if len(name) > 63 or not re.fullmatch(COMPONENT.strip("^$"), name):
        raise InvalidInput(f"{name[:80]!r} cannot name a component: use 1 to 63 of letters, digits, . _ and -")
    return name


def own_key(vault: Vault, uid: str) -> str:
    """``pr-142-8f3kd02ma1.<64 hex>``: says which opening it belongs to, and proves it."""
    return f"{uid}.{vault.fingerprint(f'attest key of {uid}').hex()}"


def salt(vault: Vault) -> str:
    """64 hex, the same for all environments of this server."""
    return vault.fingerprint("attest salt").hex()


def holder(vault: Vault, key: str) -> str | None:
    """The uid whose key this is; None for anything else. Compared in constant time."""
    uid = key.partition(".")[0]
    fits = hmac.compare_digest(key.encode("utf-8", "replace"), own_key(vault, uid).encode("utf-8", "replace"))
    return uid if fits else None


def variables(vault: Vault, environment: Environment) -> dict[str, str]:
    """What the bundle gives for it. A fork's code holds nothing that others share, so it has no salt."""
    found = {KEY: own_key(vault, environment.uid)}
    return found if environment.trust == "fork" else {**found, SALT: salt(vault)}


def digest(key: str, value: str) -> str:
    """HMAC-SHA256, in hex: ``printf %s "$VALUE" | openssl dgst -sha256 -hmac "$KEY"`` gives the same."""
    return hmac.new(key.encode(), value.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


def digests(values: Mapping[str, str], key: str, shared: str | None) -> dict[str, str]:
    """By variable: ``own``, or ``own:shared``."""
    return {
        name: digest(key, value) + (f":{digest(shared, value)}" if shared else "") for name, value in values.items()
    }


def from_lines(text: str) -> dict[str, dict[str, str]]:
    """``NAME=digest`` lines, as shells write them, as the JSON body; raises ValueError."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise ValueError(f"line {number} is not NAME=digest")
        found[match[1]] = match[2]
    return {"digests": found}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen of one variable of one component; ``variable`` is None where it is about the component."""

    component: str
    variable: str | None
    verdict: Verdict
    because: str


@dataclass(frozen=True, slots=True)
class Other:
    """Another open environment: what it was given, and what its components reported."""

    name: str
    given: Mapping[str, str]
    reports: Sequence[Attested] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Everything that a verdict rests on. ``given`` are values that the environment's bundle has, ``expected`` digests
    by its own key that the orchestrator knows, ``required`` what each component must have; ``refused`` says by
    component whose key it came with instead."""

    environment: str
    key: str
    now: datetime
    reports: Sequence[Attested]
    given: Mapping[str, str]
    others: Sequence[Other] = ()
    expected: Mapping[str, str] = field(default_factory=dict)
    required: Iterable[str] = ()
    components: Iterable[str] = ()
    max_age: timedelta | None = None
    refused: Mapping[str, str] = field(default_factory=dict)


def judge(asked: Question) -> list[Finding]:
    """One finding for each variable of each component, and one for each component that something is wrong with."""
    found: list[Finding] = []
    for report in asked.reports:
        found += _age(asked, report)
        found += [_variable(asked, report, name) for name in _names(asked, report)]
    reported = {report.component for report in asked.reports}
    found += [
        Finding(component, None, "missing", "has never attested in this environment")
        for component in sorted(set(asked.components) - reported - set(asked.refused))
    ]
    found += [
        Finding(component, None, "refused", f"came with the key of {whose}: it has that one's bundle")
        for component, whose in sorted(asked.refused.items())
    ]
    return found


def _names(asked: Question, report: Attested) -> list[str]:
    """The canonical ones first; what is required is looked at even where it was not reported."""
    wanted = {*report.digests, *asked.required}
    return [*(name for name in CANONICAL if name in wanted), *sorted(wanted - set(CANONICAL))]


def _age(asked: Question, report: Attested) -> list[Finding]:
    age = asked.now - report.at
    if asked.max_age is None or age <= asked.max_age:
        return []
    return [Finding(report.component, None, "stale", f"attested {_span(age)} ago")]


def _span(age: timedelta) -> str:
    seconds = int(age.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _variable(asked: Question, report: Attested, name: str) -> Finding:
    verdict, because = _verdict(asked, report, name)
    return Finding(report.component, name, verdict, because)


def _verdict(asked: Question, report: Attested, name: str) -> tuple[Verdict, str]:
    if name not in report.digests:
        return "missing", "is not set, or was not reported"
    own, _, shared = report.digests[name].partition(":")
    given = name in asked.given
    if given and hmac.compare_digest(own, digest(asked.key, asked.given[name])):
        return "ok", "is this environment's"
    # Before what is expected: an orchestrator that gives one value to two environments expects it in both.
    if whose := _owner(asked, name, own, shared):
        return "foreign", whose
    if name in asked.expected:
        fits = hmac.compare_digest(own, asked.expected[name])
        return ("ok", "is what was expected") if fits else ("wrong", "is not what was expected")
    if given:
        return "wrong", "is not what the bundle says"
    return _agreement(asked, report, name, own)


def _owner(asked: Question, name: str, own: str, shared: str) -> str | None:
    """Whose value it is, in words, when it is another environment's."""
    for other in asked.others:
        if name in other.given and digest(asked.key, other.given[name]) == own:
            return f"has {other.name}'s value"
        for report in other.reports:
            if shared and report.digests.get(name, "").partition(":")[2] == shared:
                return f"is the same as in {other.name}'s {report.component}"
    return None


def _agreement(asked: Question, report: Attested, name: str, own: str) -> tuple[Verdict, str]:
    """Among the environment's components: those that report the variable have one value."""
    against = [
        other.component
        for other in asked.reports
        if name in other.digests and other.digests[name].partition(":")[0] != own
    ]
    if against:
        return "differs", f"is another value than in {', '.join(against)}"
    others = sum(name in other.digests for other in asked.reports) - 1
    return "ok", f"is the same in {others} other{'s' * (others != 1)}" if others else "nobody else has it"
