"""Virtual credentials: found by fingerprint, sealed at rest, opened again for the bundle; and addresses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from broker import bindings
from broker.settings import Settings
from broker.vault import Unsealable, Vault
from tests.broker.services import alpha, beta
from tests.clocks import HeldClock

VAULT = Vault("k" * 32)


def test_credentials_are_issued_per_specification_and_never_stored_open(clock: HeldClock) -> None:
    issued = bindings.issue("uid-1", [alpha(), beta()], VAULT, clock)
    assert [(c.service, c.spec, c.presented) for c in issued] == [
        ("alpha", "secret_key", True),
        ("alpha", "webhook_secret", False),
        ("beta", "access_key", True),
    ]
    assert {c.environment for c in issued} == {"uid-1"}
    view = bindings.view("beta", issued, bindings.Addresses(Settings(), "pr-1"), VAULT)
    key, secret = view.credentials["access_key"]
    assert issued[2].key_hash == VAULT.fingerprint(key)
    assert secret is not None
    for credential in issued:
        assert key not in repr(credential)
        assert secret not in repr(credential)
    assert issued[0].secret_sealed is None


def test_a_view_holds_one_service_only(clock: HeldClock) -> None:
    issued = bindings.issue("uid-1", [alpha(), beta()], VAULT, clock)
    view = bindings.view("alpha", issued, bindings.Addresses(Settings(), "pr-1"), VAULT)
    assert set(view.credentials) == {"secret_key", "webhook_secret"}
    assert view.base_url == "http://127.0.0.1:4600/e/pr-1/alpha"
    assert view.root_url == "http://127.0.0.1:4600"
    with pytest.raises(Unsealable):
        bindings.view("alpha", issued, bindings.Addresses(Settings(), "pr-1"), Vault("z" * 32))


def test_the_webhook_secret(clock: HeldClock) -> None:
    issued = bindings.issue("uid-1", [alpha(), beta()], VAULT, clock)
    found = bindings.signing(alpha(), issued, VAULT)
    assert found is not None
    assert found.present.startswith("alsec_")
    assert bindings.signing(beta(), issued, VAULT) is None
    assert {name: len(found) for name, found in bindings.by_service(issued).items()} == {"alpha": 2, "beta": 1}


@pytest.mark.parametrize(
    ("settings", "by_path", "by_host"),
    [
        (Settings(), "http://127.0.0.1:4600/e/pr-1/alpha", "http://alpha.pr-1.localhost:4600"),
        (
            Settings(public_url="https://broker.example/", base_domain="preview.example"),
            "https://broker.example/e/pr-1/alpha",
            "https://alpha.pr-1.preview.example",
        ),
        (Settings(host="::1", port=80), "http://[::1]:80/e/pr-1/alpha", "http://alpha.pr-1.localhost:80"),
        (Settings(host="0.0.0.0"), "http://127.0.0.1:4600/e/pr-1/alpha", "http://alpha.pr-1.localhost:4600"),  # noqa: S104 - the case
    ],
)
def test_addresses(settings: Settings, by_path: str, by_host: str) -> None:
    addresses = bindings.Addresses(settings, "pr-1")
    assert (addresses.by_path("alpha"), addresses.by_host("alpha")) == (by_path, by_host)


def test_earlier_secrets_sign_beside_fresh_ones_until_their_end(clock: HeldClock) -> None:
    now, until = clock.now(), clock.now() + timedelta(hours=1)
    old = bindings.issue("pr-1.0", [alpha()], VAULT, clock)
    before = bindings.signing(alpha(), old, VAULT)
    fresh = bindings.overlapping(bindings.issue("pr-1.0", [alpha()], VAULT, clock), old, VAULT, now, until)
    found = bindings.signing(alpha(), fresh, VAULT)
    assert before is not None
    assert found is not None
    assert found.earlier == ((before.present, until),)
    assert [each.secret_sealed for each in fresh if each.presented] == [None], "keys have no earlier ones"
    last = bindings.signing(alpha(), bindings.overlapping(old, fresh, VAULT, now, now), VAULT)
    assert last is not None
    assert last.earlier == (), "at once"


def test_an_account_that_had_a_credential_gets_another(clock: HeldClock) -> None:
    spec = beta().credentials[0]
    old = bindings.sealed("uid-1", "beta", "access_key:alt", spec, VAULT, clock)
    issued = bindings.issue("uid-1", [alpha(), beta()], VAULT, clock, [old, old])
    assert [c.spec for c in issued] == ["secret_key", "webhook_secret", "access_key", "access_key:alt"]
    assert issued[3].key_hash != old.key_hash
