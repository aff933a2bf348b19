"""Single values as text, both ways."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.aws_model import Shape, ShapeType
from contracts.aws_values import NotCoercible, from_text, http_date, iso, to_text

MOMENT = datetime(2026, 2, 28, 23, 59, 58, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", " as it is ", " as it is "),
        ("integer", " 12 ", 12),
        ("integer", "-2147483648", -(2**31)),
        ("long", "9223372036854775807", 2**63 - 1),
        ("boolean", "TRUE", True),
        ("boolean", "0", False),
        ("blob", "AP8=", b"\x00\xff"),
        ("timestamp", "2026-02-28T23:59:58.000Z", MOMENT),
        ("timestamp", "2026-03-01T00:59:58+01:00", MOMENT),
        ("timestamp", "Sat, 28 Feb 2026 23:59:58 GMT", MOMENT),
    ],
)
def test_reading(kind: ShapeType, text: str, value: Any) -> None:
    assert from_text(Shape("s", kind), text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", "2147483648"),
        ("integer", "1.0"),
        ("integer", ""),
        ("integer", "\N{ARABIC-INDIC DIGIT ONE}"),
        ("integer", "1" * 5000),
        ("long", "9223372036854775808"),
        ("boolean", "yes"),
        ("blob", "AP8"),
        ("timestamp", "yesterday"),
        ("timestamp", "2026-02-30T00:00:00Z"),
        ("timestamp", ""),
        ("structure", "x"),
    ],
)
def test_what_is_no_value(kind: ShapeType, text: str) -> None:
    with pytest.raises(NotCoercible):
        from_text(Shape("s", kind), text)


@pytest.mark.parametrize(
    ("shape", "value", "header", "text"),
    [
        (Shape("s", "boolean"), True, False, "true"),
        (Shape("s", "integer"), 7, True, "7"),
        (Shape("s", "blob"), b"\x00\xff", False, "AP8="),
        (Shape("s", "timestamp"), MOMENT, False, "2026-02-28T23:59:58.000Z"),
        (Shape("s", "timestamp"), MOMENT, True, "Sat, 28 Feb 2026 23:59:58 GMT"),
        (Shape("s", "timestamp"), "2026-02-28T23:59:58.000Z", True, "Sat, 28 Feb 2026 23:59:58 GMT"),
        (Shape("s", "timestamp", timestamp_format="iso8601"), MOMENT, True, "2026-02-28T23:59:58.000Z"),
        (Shape("s", "timestamp", timestamp_format="rfc822"), MOMENT, False, "Sat, 28 Feb 2026 23:59:58 GMT"),
    ],
)
def test_writing(shape: Shape, value: Any, header: bool, text: str) -> None:
    assert to_text(shape, value, header=header) == text


def test_times() -> None:
    assert iso(MOMENT.replace(microsecond=123456)) == "2026-02-28T23:59:58.123Z"
    assert http_date("not a time") == "not a time"
