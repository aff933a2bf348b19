"""Exit codes."""

from __future__ import annotations

from broker.cli import codes


def test_every_code_has_one_meaning() -> None:
    named = {value for name, value in vars(codes).items() if name.isupper() and isinstance(value, int)}
    assert named == set(codes.MEANINGS)
    assert len(set(codes.MEANINGS.values())) == len(codes.MEANINGS)


def test_refusals_by_their_status() -> None:
    assert codes.BY_STATUS == {
        401: codes.UNAUTHORISED,
        404: codes.MISSING,
        408: codes.NOTHING_CAME,
        409: codes.CONFLICT,
        410: codes.CONFLICT,
    }
