"""Rules of cross-origin resource sharing: what S3 takes as one, and which of them a request meets.

Source: docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html and cors.html ("How does Amazon S3 evaluate
the CORS configuration on a bucket?"). The sentence about wildcards is quoted in versity/versitygw issue 1870; the
other sentences about rules have no source that we know of. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mocks.base import ServiceError
from mocks.s3.errors import invalid_request, malformed_xml

METHODS = frozenset({"GET", "PUT", "POST", "DELETE", "HEAD"})
_MOST, _LONGEST_ID = 100, 255
_VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"

Rule = Mapping[str, Any]


def check_rules(rules: Sequence[Rule]) -> None:
    """Raises MalformedXML or InvalidRequest."""
    if not rules:
        raise malformed_xml()
    if len(rules) > _MOST:
        raise invalid_request(f"The number of CORS rules should not exceed allowed limit of {_MOST} rules.")
    for rule in rules:
        _check(rule)


def _check(rule: Rule) -> None:
    if not rule["AllowedMethods"] or not rule["AllowedOrigins"]:
        raise malformed_xml()
    if len(rule.get("ID", "")) > _LONGEST_ID:
        raise malformed_xml()
    for method in rule["AllowedMethods"]:
        if method not in METHODS:
            raise invalid_request(f"Found unsupported HTTP method in CORS config. Unsupported method is {method}")
    for name, values in (("AllowedOrigin", "AllowedOrigins"), ("AllowedHeader", "AllowedHeaders")):
        for value in rule.get(values, ()):
            if value.count("*") > 1:
                raise invalid_request(f'{name} "{value}" can not have more than one wildcard.')
    for value in rule.get("ExposeHeaders", ()):
        if "*" in value:
            raise invalid_request(
                f'ExposeHeader "{value}" contains wildcard. We currently do not support wildcard for ExposeHeader.'
            )


def chosen(rules: Sequence[Rule], origin: str, method: str, headers: Sequence[str] = ()) -> Rule | None:
    """The first rule that allows ``method`` with ``headers`` to ``origin``, None when no rule does."""
    return next((rule for rule in rules if _allows(rule, origin, method, headers)), None)


def _allows(rule: Rule, origin: str, method: str, headers: Sequence[str]) -> bool:
    allowed = [pattern.lower() for pattern in rule.get("AllowedHeaders", ())] if headers else []
    return (
        method in rule["AllowedMethods"]
        and any(_matches(pattern, origin) for pattern in rule["AllowedOrigins"])
        and all(any(_matches(pattern, name.lower()) for pattern in allowed) for name in headers)
    )


def _matches(pattern: str, text: str) -> bool:
    """Whether ``text`` is what a pattern with at most one ``*`` stands for."""
    start, star, end = pattern.partition("*")
    if not star:
        return text == pattern
    return len(text) >= len(start) + len(end) and text.startswith(start) and text.endswith(end)


def requested(text: str | None) -> list[str]:
    """The names in Access-Control-Request-Headers."""
    return [name for name in (each.strip() for each in (text or "").split(",")) if name]


def told(rule: Rule, origin: str, headers: Sequence[str] = ()) -> list[tuple[str, str]]:
    """The headers of an answer that this rule allows ``origin`` to see."""
    everyone = next((p for p in rule["AllowedOrigins"] if _matches(p, origin)), "") == "*"
    found = [
        ("access-control-allow-origin", "*" if everyone else origin),
        ("access-control-allow-methods", ", ".join(rule["AllowedMethods"])),
    ]
    if headers:
        found.append(("access-control-allow-headers", ", ".join(name.lower() for name in headers)))
    if rule.get("ExposeHeaders"):
        found.append(("access-control-expose-headers", ", ".join(rule["ExposeHeaders"])))
    if rule.get("MaxAgeSeconds") is not None:
        found.append(("access-control-max-age", str(rule["MaxAgeSeconds"])))
    if not everyone:
        found.append(("access-control-allow-credentials", "true"))
    return [*found, ("vary", _VARY)]


def refused(message: str, method: str, kind: str) -> ServiceError:
    """What a preflight is told that may not go on; ``kind`` is BUCKET or OBJECT."""
    details = {"Method": method, "ResourceType": kind}
    return ServiceError(403, "AccessForbidden", f"CORSResponse: {message}", details=details)
