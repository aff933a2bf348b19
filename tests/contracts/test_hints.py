"""What a probe leaves out of the comparison is left out, and nothing beside it."""

from __future__ import annotations

from contracts.hints import Hints


def test_a_probe_says_what_is_not_compared() -> None:
    hints = Hints(ignore=["body.data[].name", "body.*.size", "**.print"]).joined(Hints(ignore=["body.whole"]))
    for place in ("body.data[].name", "body.data[].name.first", "body.one.size", "body.print", "body.a[].b.print",
                  "body.whole[].any"):  # fmt: skip
        assert hints.ignores(place), place
    for place in ("body.data[]", "body.data[].names", "body.one.two.size", "body.printed", "body.a[].b"):
        assert not hints.ignores(place), place
