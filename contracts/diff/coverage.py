"""Every class of change that oasdiff tells, and what tells it here: one of our rules, or the reason why none does.

The classes are patterns over its rule ids (github.com/oasdiff/oasdiff, checker/localizations_src/en/messages.yaml). An
id that is the name of one of our own rules needs no line; tests hold the table against the whole list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from contracts.diff import rules

_SUBJECT = r"(?P<subject>request-(body|property|parameter|parameter-property)|response-(body|property|header))"

#: Pattern over their ids -> our rule, in which ``{subject}`` is what the pattern found.
ELSEWHERE: Mapping[str, str] = {
    rf"{_SUBJECT}-one-of-added": "{subject}-any-of-added",
    rf"{_SUBJECT}-one-of-removed": "{subject}-any-of-removed",
    rf"{_SUBJECT}-wrapped-in-one-of.*": "{subject}-any-of-added",
    rf"{_SUBJECT}-const-added": "{subject}-became-enum",
    rf"{_SUBJECT}-const-removed": "{subject}-became-not-enum",
    rf"{_SUBJECT}-const-changed": "{subject}-enum-value-removed",
    rf"{_SUBJECT}-list-of-types-widened": "{subject}-type-generalized",
    rf"{_SUBJECT}-list-of-types-narrowed": "{subject}-type-specialized",
    rf"{_SUBJECT}-pattern-generalized": "{subject}-pattern-changed",
    r"(?P<side>request|response)-(required|optional)-property-became-(?P<kind>.*)": "{side}-property-became-{kind}",
    r"request-read-only-property-(?P<kind>.*)": "request-property-{kind}",
    r"response-(optional|required)-write-only-property-(?P<kind>.*)": "response-optional-property-{kind}",
    r"response-write-only-property-(?P<kind>.*)": "response-property-{kind}",
    r"request-header-property-(?P<kind>became-required|became-enum)": "request-property-{kind}",
    r"new-required-request-header-property": "new-required-request-property",
    r"new-(?P<kind>required|optional)-request-default-parameter-to-existing-path": "new-{kind}-request-parameter",
    r"response-mediatype-enum-value-removed": "response-body-enum-value-removed",
    r"request-body-media-type-(added|removed)": "request-body-media-type-changed",
    r"response-media-type-name-.*": "response-media-type-name-changed",
    r"api-operation-id-added": "api-operation-id-removed",
    r"response-header-type-compatible": "response-header-type-changed",
}

#: Pattern over their ids -> why a compiled contract cannot tell it, or why it is nothing to a client.
NOT_TOLD: Mapping[str, str] = {
    r".*sunset.*": "compiled contracts keep no dates of sunset",
    r".*stability.*": "compiled contracts keep no extensions, and the level of stability is one",
    r"api-(path-)?removed-with-deprecation": "operations keep no mark of deprecation: a removal is told without it",
    r"request-parameter-removed-with-deprecation": "parameters keep no mark of deprecation of their own",
    r"request-parameter-(deprecated|reactivated)": "parameters keep no mark of deprecation of their own",
    r"endpoint-(deprecated|reactivated).*": "operations keep no mark of deprecation",
    r"api-tag-.*": "compiled contracts keep no tags",
    r"api-schema-removed": "a component is nothing to a client: where it is used, its absence is told",
    r"api-(major-)?version-.*": "versions name what is compared; how they are counted is the provider's affair",
    r"api-(global-)?security-.*": "no security schemes are kept: a service knows where its credential is",
    r".*-x-extensible-enum-.*": "compiled contracts keep no extensions",
    r"webhook-(added|removed)": "events are no operations; their list is not part of a compiled contract",
    r".*-all-of-(added|removed)(-annotation-only)?": "allOf is merged first: what a part adds or takes is told as such",
    r".*-type-compatible": "types are compared as JSON has them, also where a form writes all of them as text",
    r".*-media-type-item-schema-.*": "no compiler here reads OpenAPI 3.2's streams of items",
}


def covered_by(rule: str) -> str | None:
    """Our rule that tells what oasdiff's ``rule`` tells; None when there is none."""
    if rule in names():
        return rule
    for pattern, ours in ELSEWHERE.items():
        found = re.fullmatch(pattern, rule)
        if found is not None:
            return ours.format(**found.groupdict())
    return None


def reason(rule: str) -> str | None:
    """Why nothing here tells what oasdiff's ``rule`` tells; None when something does, or when nobody has said why."""
    if covered_by(rule) is not None:
        return None
    return next((why for pattern, why in NOT_TOLD.items() if re.fullmatch(pattern, rule)), None)


def names() -> frozenset[str]:
    """Every rule that a finding of a diff can have."""
    subjects = {
        "request": ("request-body", "request-property", "request-parameter", "request-parameter-property"),
        "response": ("response-body", "response-property", "response-header"),
    }
    values = {f"{subject}-{kind}" for group in subjects.values() for subject in group for kind in rules.KINDS}
    return frozenset({*rules.OPERATION, *rules.PROPERTY, *values})
