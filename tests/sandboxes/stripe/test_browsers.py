"""What a browser needs of the account itself."""

from __future__ import annotations

from typing import Any

import pytest

from sandboxes.base import Account, Secret
from sandboxes.stripe import browsers
from sandboxes.stripe.provider import PROVIDER

KEY = "pk_test_51Browsers"


def account(subaccount: str | None = None, **options: Any) -> Account:
    return Account("main", "https://api.stripe.com", Secret("sk_test_x"), options, subaccount)


@pytest.mark.parametrize("key", ["pk_live_51Browsers", "sk_test_51Browsers", "", "pk_test_", 5])
def test_only_a_publishable_test_key_is_given_away(key: Any) -> None:
    assert "pk_test_" in (PROVIDER.check_options({browsers.KEY_OPTION: key}) or "")
    assert PROVIDER.check_options({browsers.KEY_OPTION: KEY, "country": "DE"}) is None
    assert PROVIDER.check_options({}) is None


def test_variables_take_the_place_of_the_mocks() -> None:
    assert PROVIDER.variables(account()) == {}
    assert PROVIDER.variables(account(publishable_key=KEY)) == {"STRIPE_PUBLISHABLE_KEY": KEY}
    assert PROVIDER.variables(account("acct_1", publishable_key=KEY)) == {
        "STRIPE_PUBLISHABLE_KEY": KEY,
        "STRIPE_ACCOUNT": "acct_1",
    }
