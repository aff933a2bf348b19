"""The copy that the bench compares differs from its original, in places of every kind, and is still a contract."""

from __future__ import annotations

import pytest

from bench.diffing import changed
from contracts import library
from contracts.diff import diff


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("sendgrid", {"response-optional-property-removed", "response-property-type-changed"}),
        ("s3", {"response-optional-property-removed", "response-property-enum-value-added"}),
    ],
)
def test_the_changes_are_found(name: str, rules: set[str]) -> None:
    files = {path.name: path.read_bytes() for path in library.folder(name).iterdir() if path.is_file()}
    again = library.open_files(files)
    assert not diff(again, library.open_files(files)).findings
    found = diff(again, library.open_files(changed(files)))
    assert rules <= {finding.rule for finding in found.findings}
