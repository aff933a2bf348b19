"""The provider as a whole."""

from __future__ import annotations

from urllib.parse import urlsplit

from sandboxes.sendgrid.provider import PROVIDER


def test_it_stands_behind_the_service_of_its_name() -> None:
    assert PROVIDER.name == PROVIDER.contract().name == "sendgrid"
    assert urlsplit(PROVIDER.endpoint).hostname in PROVIDER.hosts


def test_what_it_issues_is_taken_back() -> None:
    assert PROVIDER.issued.keys() == PROVIDER.isolations
    assert set(PROVIDER.issued.values()) <= set(PROVIDER.order)


def test_what_depends_on_others_goes_first() -> None:
    order = list(PROVIDER.order)
    assert order.index("segment") < order.index("list")
    assert order.index("scheduled_send") < order.index("batch")
    assert order[-1] == "subuser"
