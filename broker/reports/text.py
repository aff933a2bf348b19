"""Findings as JSON and as markdown for an issue or a comment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from contracts.drift import SEVERITIES, Finding

#: Lines of one severity in markdown: a comment on a pull request has room for 65,536 characters.
_LINES = 100
_MARKS = {"breaking": "🔴", "risky": "🟡", "safe": "🟢"}
#: What would steer markdown, or end a cell of a table.
_ESCAPED = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]<>#|~"} | {"\n": " ", "\r": " "})


def described(finding: Finding, operations: Collection[str] = ()) -> dict[str, Any]:
    """A finding as a JSON object; ``operations`` are those that it concerns, where it is about more than one."""
    return {
        "key": finding.key,
        "service": finding.service,
        "operation": finding.operation,
        "operations": sorted(operations),
        "rule": finding.rule,
        "place": finding.place,
        "severity": finding.severity,
        "message": finding.message,
        "before": _plain(finding.before),
        "after": _plain(finding.after),
    }


def counts(findings: Sequence[Finding]) -> dict[str, int]:
    """How many of each severity."""
    return {severity: sum(each.severity == severity for each in findings) for severity in SEVERITIES}


def subject(finding: Finding, operations: Collection[str] = ()) -> str:
    """What a finding is about, for people: its operation, or how many share what it is about."""
    if finding.operation is not None:
        return finding.operation
    if not operations:
        return "the API"
    first = min(operations)
    return first if len(operations) == 1 else f"{first} and {len(operations) - 1} more"


def markdown(title: str, findings: Sequence[Finding], reach: Mapping[str, Collection[str]] | None = None) -> str:
    """A heading, the figures, and a table of each severity; what has no room is counted."""
    held = reach or {}
    lines = [f"## {title.translate(_ESCAPED)}", ""]
    if not findings:
        return "\n".join([*lines, "Nothing differs.", ""])
    lines += [", ".join(f"{count} {name}" for name, count in counts(findings).items()) + ".", ""]
    for severity in SEVERITIES:
        found = [each for each in findings if each.severity == severity]
        if not found:
            continue
        lines += [f"### {_MARKS[severity]} {severity} ({len(found)})", "", "| Operation | Place | Change | Rule |"]
        lines.append("|---|---|---|---|")
        for each in found[:_LINES]:
            cells = (subject(each, held.get(each.key, ())), each.place, each.message)
            lines.append("| " + " | ".join(cell.translate(_ESCAPED) for cell in cells) + f" | `{each.rule}` |")
        if len(found) > _LINES:
            lines += ["", f"… and {len(found) - _LINES} more."]
        lines.append("")
    return "\n".join(lines)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
