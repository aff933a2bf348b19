"""Every installed contract has a place where its newest source is published, and a reader for it."""

from __future__ import annotations

from contracts import library
from contracts.compile.newest import NEWEST
from contracts.compile.packages import PACKAGES


def test_each_installed_contract_has_one() -> None:
    assert set(NEWEST) == {entry.name for entry in library.installed()}
    for service, newest in NEWEST.items():
        assert (newest.package is None) != (newest.url is None)
        if newest.package is not None:
            assert PACKAGES[newest.package] == service
        else:
            assert str(newest.url).startswith("https://")
            assert newest.licence
