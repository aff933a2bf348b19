"""A night as markdown for an issue or a comment on a pull request: short, with the details folded."""

from __future__ import annotations

from collections.abc import Sequence

from broker.reports.night import ADVICE, SOURCES, Report, Row, Verdict, acceptances, figures, plain

#: A comment has room for 65,536 characters: https://github.com/orgs/community/discussions/27190
ROOM = 60_000
#: Rows that are not folded, rows of each folded table, lines of one list.
_SHOWN, _FOLDED, _LISTED = 15, 60, 20
_LONGEST = 240
_MARKS: dict[Verdict, str] = {"failed": "❌", "drift": "⚠️", "clean": "✅"}
_SEVERITIES = {"breaking": "🔴", "risky": "🟡", "safe": "🟢"}
_WORDS: dict[Verdict, str] = {
    "failed": "Not everything could be found out: this is no green.",
    "drift": "Mocks and real providers differ.",
    "clean": "No drift that counts.",
}
#: What would steer markdown or HTML, name a person or a number, or end a cell of a table.
_ESCAPED = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]<>#|~!"} | {"@": "@\u200b"})


def markdown(report: Report) -> str:
    """The whole comment, never longer than ROOM."""
    night = report.night
    lines = [f"## {_MARKS[report.verdict]} {_text(report.title)}", "", _WORDS[report.verdict], ""]
    lines += _list("Could not be found out:", report.failures)
    new, known, accepted, over = night.fresh, night.known, night.accepted, night.over
    lines += ["| New since the night before | Known | Accepted | Over |", "|---|---|---|---|"]
    lines += [f"| {figures(new)} | {figures(known)} | {figures(accepted)} | {len(over) or 'none'} |", ""]
    ended = [f"{each.key} until {each.until}: {each.reason}" for each in night.expired]
    lines += _list("Accepted no longer, and still there:", ended)
    if new:
        lines += [f"### New since the night before ({len(new)})", "", *_table(new, _SHOWN), ""]
    folded: list[list[str]] = []
    if len(new) > _SHOWN:
        folded.append(_fold(f"All that is new ({len(new)})", _table(new, _FOLDED)))
    if not report.since_last:
        groups = (("Known drift", known), ("Accepted drift", accepted), ("Over: not found any more", over))
        folded += [_fold(f"{title} ({len(rows)})", _table(rows, _FOLDED)) for title, rows in groups if rows]
        unknown = [f"{each.key}: {each.reason}" for each in night.unknown]
        folded += [_fold(f"Acceptances of nothing ({len(unknown)})", _list("", unknown))] if unknown else []
    if report.rows:
        found = {row.source for row in report.rows}
        folded.append(_fold("What to do", [f"- **{each}**: {ADVICE[each]}" for each in SOURCES if each in found]))
    if new:
        entries = ["```yaml", *acceptances(night, new[:_LISTED]).splitlines(), "```"]
        folded.append(_fold("Entries for the file of accepted drift", entries))
    folded.append(_fold("What was looked at", _parts(report)))
    return _within(lines, folded)


def _within(lines: Sequence[str], folded: Sequence[Sequence[str]]) -> str:
    """As many folded parts as have room; the last one is kept: what was looked at."""
    text = "\n".join(lines)
    *others, last = ("\n".join(part) for part in folded)
    left = ROOM - len(text) - len(last)
    for part in others:
        if len(part) < left:
            text += part
            left -= len(part)
    return text + last


def _text(text: object) -> str:
    return plain(str(text))[:_LONGEST].translate(_ESCAPED)


def _list(title: str, items: Sequence[str]) -> list[str]:
    if not items:
        return []
    shown = [f"- {_text(each)}" for each in items[:_LISTED]]
    rest = [f"- … and {len(items) - _LISTED} more"] if len(items) > _LISTED else []
    return [*([f"**{title}**", ""] if title else []), *shown, *rest, ""]


def _table(rows: Sequence[Row], most: int) -> list[str]:
    lines = ["| | Operation | Place | What differs | Called by | Key |", "|---|---|---|---|---|---|"]
    for row in rows[:most]:
        finding = row.finding
        callers = "" if row.callers is None else str(row.callers or "nobody")
        cells = (f"{finding.service} {finding.operation or ''}", finding.place, finding.message)
        shown = " | ".join(_text(cell) for cell in cells)
        lines.append(f"| {_SEVERITIES[finding.severity]} | {shown} | {callers} | `{row.key}` |")
    if len(rows) > most:
        lines += ["", f"… and {len(rows) - most} more."]
    return lines


def _fold(title: str, lines: Sequence[str]) -> list[str]:
    """GitHub renders what is folded only after an empty line."""
    return ["", f"<details><summary>{title}</summary>", "", *lines, "", "</details>", ""]


def _parts(report: Report) -> list[str]:
    lines = [
        "| Service | By | Account | Status | Agreed | Differed | Skipped | Score |",
        "|---|---|---|---|---|---|---|---|",
    ]
    means = {each.service: each.mean for each in report.night.fidelity}
    for part in report.night.parts:
        compared = (part.passed, part.failed, part.skipped) if part.source == "probes" else ("", "", "")
        mean = means.get(part.service) if part.source == "probes" else None
        cells = (part.service, part.source, part.account, part.status, *compared, "" if mean is None else mean)
        lines.append("| " + " | ".join(_text(cell) for cell in cells) + " |")
    return lines
