"""Messages that are written to break whoever reads them."""

from __future__ import annotations

import pytest

from mocks.mime import DEEPEST, Unreadable, addresses, parsed


def nested(levels: int) -> bytes:
    """Parts in parts."""
    return b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(levels)
    )


def test_a_message_is_read() -> None:
    message = parsed(b"Subject: hello\r\n\r\nplain")
    assert (message["subject"], message.get_payload()) == ("hello", "plain")
    assert len(list(parsed(nested(DEEPEST)).walk())) == DEEPEST + 1


@pytest.mark.parametrize("levels", [DEEPEST + 1, 5_000])
def test_parts_in_parts_come_to_an_end(levels: int) -> None:
    with pytest.raises(Unreadable, match="100 deep"):
        parsed(nested(levels))


def test_many_lines_in_many_parts_are_not_looked_through() -> None:
    with pytest.raises(Unreadable, match="so many lines"):
        parsed(nested(99) + b"\n" * 2_000_000)
    assert parsed(nested(1) + b"\n" * 100_000).is_multipart()


def test_addresses_of_header_fields() -> None:
    assert addresses(["Ada <ada@example.com>, bob@example.com"]) == [
        ("Ada", "ada@example.com"),
        ("", "bob@example.com"),
    ]
    assert addresses(["(" * 20_000]) == []
