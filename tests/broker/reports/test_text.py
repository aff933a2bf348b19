"""Findings as JSON and as markdown."""

from __future__ import annotations

from broker.reports import text
from contracts.drift import Finding


def finding(severity: str = "breaking", **changes: object) -> Finding:
    facts: dict[str, object] = {
        "service": "shop",
        "operation": "carts.create",
        "rule": "request-property-removed",
        "place": "request.body.note",
        "severity": severity,
        "message": "cannot be sent any more",
    }
    return Finding(**{**facts, **changes})  # type: ignore[arg-type]  # the members of a finding


def test_json() -> None:
    found = text.described(finding(after=("a", "b")), {"b", "a"})
    assert (found["severity"], found["after"], found["operations"]) == ("breaking", ["a", "b"], ["a", "b"])
    assert found["key"] == finding(after=("a", "b")).key


def test_markdown_counts_and_escapes() -> None:
    written = text.markdown("a|b", [finding(), finding("safe", message="the value `|x|` <b>\n# is new")])
    assert "1 breaking, 0 risky, 1 safe." in written
    assert "## a\\|b" in written
    assert "\\`\\|x\\|\\` \\<b\\> \\# is new" in written


def test_markdown_of_nothing() -> None:
    assert "Nothing differs." in text.markdown("a", [])


def test_a_long_list_is_cut_and_counted() -> None:
    many = [finding(place=f"request.body.{number}") for number in range(150)]
    assert "… and 50 more." in text.markdown("a", many)


def test_what_a_finding_is_about() -> None:
    shared = finding(operation=None)
    assert text.subject(shared, {"b", "a", "c"}) == "a and 2 more"
    assert text.subject(shared) == "the API"
    assert text.subject(finding()) == "carts.create"
