from __future__ import annotations

from sandboxes.base import SandboxProvider
from sandboxes.stripe.provider import PROVIDER
from sandboxes.stripe.rules import RULES


def test_the_provider_is_whole() -> None:
    assert isinstance(PROVIDER, SandboxProvider)
    assert PROVIDER.name == PROVIDER.contract().name == "stripe"
    assert PROVIDER.rules is RULES
    assert PROVIDER.hooks is not None
    assert PROVIDER.isolations == {"ledger", "account"}


def test_it_reaches_its_own_hosts_and_says_where() -> None:
    assert PROVIDER.hosts == {"api.stripe.com", "files.stripe.com"}
    assert PROVIDER.endpoint == "https://api.stripe.com"


def test_the_limits_are_a_sandboxes() -> None:
    assert PROVIDER.limits.rate == 25
    assert PROVIDER.limits.concurrency == 20


def test_permissions_and_options_are_told() -> None:
    assert all("write" in each for each in PROVIDER.permissions)
    assert set(PROVIDER.options) == {"files_endpoint", "country", "publishable_key"}
    assert all(text.endswith(".") for text in PROVIDER.options.values())
