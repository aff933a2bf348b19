"""What fits: see also the journal's own searches."""

from __future__ import annotations

from broker.storage.looking import Wanted, class_of, lowered
from tests.broker.storage.samples import exchange


def test_all_of_it_must_fit() -> None:
    one = exchange(1, service="alpha", operation="things.list", status=429, scope="a", request_body=None)
    assert Wanted().fits(one)
    assert Wanted(service="alpha", operation="things.list", status="4xx", scope="a", text="EXC_").fits(one)
    for wrong in ({"service": "beta"}, {"operation": "x"}, {"status": "5xx"}, {"scope": "b"}, {"text": "absent"}):
        assert not Wanted(**{"service": "alpha", **wrong}).fits(one)  # type: ignore[arg-type]  # texts all of them
    assert not Wanted(violations_only=True).fits(one)
    assert not Wanted(incidents_only=True).fits(one)


def test_classes_and_letters() -> None:
    assert (class_of(200), class_of(503)) == ("2xx", "5xx")
    assert lowered("ÄB\ud800") == "Äb".encode() + b"\xed\xa0\x80"
