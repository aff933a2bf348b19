"""The driver's table of contents."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from sandboxes.s3.provider import PERMISSIONS, PROVIDER


def test_the_endpoint_is_one_of_the_hosts() -> None:
    assert urlsplit(PROVIDER.endpoint).hostname in PROVIDER.hosts


def test_it_reads_the_same_contract_as_the_mock() -> None:
    assert PROVIDER.contract().name == "s3"
    assert set(PROVIDER.rules) <= set(PROVIDER.contract().operations())


def test_permissions_are_actions_each_once() -> None:
    assert len(set(PERMISSIONS)) == len(PERMISSIONS)
    assert all(re.fullmatch(r"(s3|sts):[A-Za-z]+\*?", action) for action in PERMISSIONS)
    assert "s3:*" not in PERMISSIONS


def test_further_addresses_are_options_that_the_broker_knows_as_such() -> None:
    # broker/sending.py reaches hosts of options with this ending.
    assert [name for name in PROVIDER.options if "endpoint" in name] == ["sts_endpoint"]
