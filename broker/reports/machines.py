"""Findings for machines that gate a build: JUnit and SARIF 2.1.0."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from contracts.drift import SEVERITIES, Finding

#: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html, section 3.27.10.
_LEVELS = {"breaking": "error", "risky": "warning", "safe": "note"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
#: What XML 1.0 cannot hold, escaped or not: https://www.w3.org/TR/xml/#charsets.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

NOBODY: Mapping[str, str] = {}


def junit(
    name: str,
    findings: Sequence[Finding],
    failing: Sequence[str],
    *,
    errors: Sequence[str] = (),
    accepted: Mapping[str, str] = NOBODY,
) -> str:
    """A case for each finding, failed for severities in ``failing`` and skipped where its key is ``accepted`` for a
    reason; a case in error for each of ``errors``: what could not be found out; one that passes when there is none."""
    cases = []
    failures = skipped = 0
    for words in errors:
        case = f"<testcase classname={_attribute(name)} name={_attribute('could be found out')}>"
        cases.append(f"{case}<error message={_attribute(words)}>{_text(words)}</error></testcase>")
    for each in findings:
        case = f"{each.rule} {each.place}"
        opening = f"<testcase classname={_attribute(each.operation or each.service)} name={_attribute(case)}"
        words = _text(f"{each.severity}: {each.message}")
        if each.key in accepted:
            skipped += 1
            cases.append(f"{opening}><skipped message={_attribute(accepted[each.key])}/></testcase>")
        elif each.severity in failing:
            failures += 1
            kind, message = _attribute(each.rule), _attribute(each.message)
            cases.append(f"{opening}><failure type={kind} message={message}>{words}</failure></testcase>")
        else:
            cases.append(f"{opening}><system-out>{words}</system-out></testcase>")
    if not cases:
        cases.append(f'<testcase classname={_attribute(name)} name="nothing differs"/>')
    figures = f'tests="{len(cases)}" failures="{failures}" errors="{len(errors)}" skipped="{skipped}"'
    suite = f"<testsuite name={_attribute(name)} {figures}>"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return "\n".join((head, f"<testsuites {figures}>", suite, *cases, "</testsuite>", "</testsuites>", ""))


def sarif(
    name: str,
    findings: Sequence[Finding],
    version: str,
    *,
    errors: Sequence[str] = (),
    accepted: Mapping[str, str] = NOBODY,
    fresh: Collection[str] | None = None,
) -> str:
    """One run with a rule for each kind of finding. Places are logical: nothing here is a line of a file. ``accepted``
    are suppressed, for the reason by their key; ``fresh`` are the keys that are new, None where that is not known."""
    rules = sorted({each.rule for each in findings})
    places = {rule: place for place, rule in enumerate(rules)}
    driver = {"name": "preview-broker", "version": version, "rules": [{"id": rule} for rule in rules]}
    results = [_result(each, places[each.rule]) for each in findings]
    for each, result in zip(findings, results, strict=True):
        if each.key in accepted:
            result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": accepted[each.key]}]
        if fresh is not None:
            result["baselineState"] = "new" if each.key in fresh else "unchanged"
    run: dict[str, Any] = {"tool": {"driver": driver}, "automationDetails": {"id": name}, "results": results}
    if errors:
        # Section 3.20: the tool itself did not do all that it was asked for.
        told = [{"level": "error", "message": {"text": words}} for words in errors]
        run["invocations"] = [{"executionSuccessful": False, "toolExecutionNotifications": told}]
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    where = f"{finding.operation or finding.service}: {finding.place}"
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{where}: {finding.message}"},
        "locations": [{"logicalLocations": [{"fullyQualifiedName": where, "kind": "member"}]}],
        "partialFingerprints": {"finding/v1": finding.key},
    }


def failing(fail_on: str) -> Sequence[str]:
    """The severities that fail a build: ``breaking``, ``risky`` (and what is worse), ``any``, or ``never``."""
    order: Sequence[str] = SEVERITIES
    return {"breaking": order[:1], "risky": order[:2], "any": order}.get(fail_on, ())


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("�", text))


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("�", text))
