"""The names of credentials, and of the accounts that have them."""

from __future__ import annotations

import pytest

from mocks.base import Accounts, CredentialSpec, Presented

SPEC = CredentialSpec("key", lambda text: (text(4, "abc"), None))
ACCOUNTS = Accounts(SPEC, lambda realm, name: {"account": f"{realm}/{name}"}, lambda pair: {"KEY": pair[0]})


@pytest.mark.parametrize(("account", "credential"), [("primary", "key"), ("alt", "key:alt")])
def test_an_account_and_its_credential_name_each_other(account: str, credential: str) -> None:
    assert ACCOUNTS.credential(account) == credential
    assert ACCOUNTS.account(credential) == account
    assert ACCOUNTS.holds(credential)


def test_other_credentials_are_no_accounts() -> None:
    assert not ACCOUNTS.holds("webhook_secret")


def test_what_accounts_may_be_called() -> None:
    assert all(map(Accounts.allowed, ("a", "Alt_2", "111122223333", "me@example.com", "x" * 64)))
    assert not any(map(Accounts.allowed, ("", "a b", "a:b", "-a", "x" * 65, "alt\n")))


def test_nothing_of_a_key_is_shown_unless_its_service_says_what() -> None:
    assert Presented("secret").hint == ""
    assert Presented("secret", mask=lambda key: key[:2]).hint == "se"
