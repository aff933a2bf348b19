"""Accepted drift: entries hold until their day is over, and what is wrong with the file is said."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from broker.accepted import Acceptance, UnreadableAcceptance, parse, read, sort
from contracts.drift import Finding

TODAY = date(2026, 3, 1)


def finding(place: str) -> Finding:
    return Finding(
        service="alpha",
        operation="things.create",
        rule="response-property-removed",
        place=place,
        severity="breaking",
        message="gone",
    )


def test_entries_hold_until_their_day_is_over() -> None:
    one, two, three = finding("a"), finding("b"), finding("c")
    entries = [
        Acceptance(one.key, "waits for the next release", TODAY),
        Acceptance(two.key, "was to be mended by now", date(2026, 2, 28)),
        Acceptance("0" * 16, "long over", date(2027, 1, 1)),
    ]
    sorted_ = sort([one, two, three], entries, TODAY)
    assert list(sorted_.counted) == [two, three]
    assert sorted_.accepted == {one.key: entries[0]}
    assert list(sorted_.expired) == [entries[1]]
    assert list(sorted_.unknown) == [entries[2]]


def test_an_expired_entry_of_which_nothing_is_found_is_unknown_only() -> None:
    entries = [Acceptance("0" * 16, "over", date(2026, 1, 1))]
    sorted_ = sort([], entries, TODAY)
    assert (list(sorted_.expired), list(sorted_.unknown)) == ([], entries)


def test_the_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "accepted.yaml"
    path.write_text(
        "accepted:\n  - key: '0123456789abcdef'\n    reason: ' Known since spring. '\n    until: 2026-12-31\n"
    )
    assert read(path) == [Acceptance("0123456789abcdef", "Known since spring.", date(2026, 12, 31))]
    assert read(None) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("accepted: {}", "a list of entries"),
        ("other: []", "write one key, accepted"),
        ("- x", "write one key, accepted"),
        ("accepted: [x]", "accepted[0]: must be a mapping"),
        ("accepted:\n  - {key: '0123456789abcdef', until: 2026-12-31}", "line 2, accepted[0]: reason is missing"),
        ("accepted:\n  - {key: 1234567890123456, reason: x, until: 2026-12-31}", "in quotes"),
        ("accepted:\n  - {key: '0123456789abcdef', reason: x, until: 2026-02-30}", "accepted[0].until: is no day"),
        ("accepted:\n  - {key: '0123456789abcdef', reason: ' ', until: 2026-12-31}", "says why it may stay"),
        ("accepted:\n  - {key: '0123456789abcdef', reason: x, until: 2026-12-31, by: me}", "unknown key"),
        ("accepted: [", "not valid YAML"),
        (
            "accepted:\n" + "  - {key: '0123456789abcdef', reason: x, until: 2026-12-31}\n" * 2,
            "line 3, accepted[1].key: stands twice",
        ),
    ],
)
def test_faults_are_named_with_their_place(text: str, said: str) -> None:
    with pytest.raises(UnreadableAcceptance) as raised:
        parse(text.encode(), "accepted.yaml")
    assert said in str(raised.value)
    assert str(raised.value).startswith("accepted.yaml: ")


def test_what_cannot_be_read_accepts_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnreadableAcceptance, match="No such file"):
        read(tmp_path / "none.yaml")
    (tmp_path / "huge.yaml").write_bytes(b"#" * (1 << 20) + b"\n")
    with pytest.raises(UnreadableAcceptance, match="larger than 1 MiB"):
        read(tmp_path / "huge.yaml")
