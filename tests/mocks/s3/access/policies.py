"""Policies as tests write them."""

from __future__ import annotations

import json
from typing import Any

BUCKET, OBJECTS = "arn:aws:s3:::bkt", "arn:aws:s3:::bkt/*"


def statement(**members: Any) -> dict[str, Any]:
    """A statement that lets everybody get every object, but for what ``members`` say; None leaves a member out."""
    whole = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": OBJECTS, **members}
    return {name: value for name, value in whole.items() if value is not None}


def document(*statements: Any, **members: Any) -> str:
    """The policy with these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements) or [statement()], **members})
