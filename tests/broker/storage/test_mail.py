"""What is asked of a mail that has just come, and what it has."""

from __future__ import annotations

from typing import Any

import pytest

from broker.storage.mail import Wanted, blobs_of, fits, size_of
from tests.broker.inbox.samples import file, found


@pytest.mark.parametrize(
    ("wanted", "so"),
    [
        (Wanted(), True),
        (Wanted(to="BOB@example.com"), True),
        (Wanted(to="shop@example.com"), False),
        (Wanted(service="beta"), False),
        (Wanted(scope="one"), False),
        (Wanted(scope="", service="alpha", since="whichever"), True),
        (Wanted(accept=lambda mail: mail["id"] == "m2"), False),
    ],
)
def test_whether_it_fits(wanted: Wanted, so: bool) -> None:
    assert fits(wanted, found()) is so


def test_its_blobs_and_its_size() -> None:
    mail: dict[str, Any] = found(attachments=[file("a"), file("b")], text="12345")
    assert (blobs_of(mail), size_of(mail)) == (["blob of a", "blob of b"], 11)
    mail |= {"bodies": {"html": {"id": "h", "size": 100}}}
    assert (blobs_of(mail), size_of(mail)) == (["blob of a", "blob of b", "h"], 111)
    mail |= {"raw": {"id": "r", "size": 50}}
    assert (blobs_of(mail)[-1], size_of(mail)) == ("r", 50)
