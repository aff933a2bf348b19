"""The shapes of verifications: what may be asked."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from broker.control.verification_shapes import EXPECTING, JUDGING, LONGEST, VERIFYING, WAITING


@pytest.mark.parametrize(
    ("shape", "body", "valid"),
    [
        (VERIFYING, {"kind": "mails"}, True),
        (VERIFYING, {"kind": "events", "match": {}, "count": 1, "scope": "a", "since": "2026-01-01"}, True),
        (VERIFYING, {"kind": "deliveries", "count": {"at_least": 1, "at_most": 2}}, True),
        (VERIFYING, {"kind": "mails", "count": {}}, False),
        (VERIFYING, {"kind": "mails", "timeout": 1}, False),
        (VERIFYING, {"match": {}}, False),
        (WAITING, {"kind": "mails", "timeout": 0.5}, True),
        (WAITING, {"kind": "mails", "timeout": LONGEST + 1}, False),
        (EXPECTING, {"kind": "mails", "name": "a mail"}, True),
        (JUDGING, {}, True),
        (JUDGING, {"strict": True, "scope": "a"}, True),
        (JUDGING, {"kind": "mails"}, False),
    ],
)
def test_bodies(shape: Any, body: Any, valid: bool) -> None:
    assert jsonschema.Draft202012Validator(shape).is_valid(body) is valid
