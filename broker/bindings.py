"""An environment's binding to a service: its virtual credentials, and the addresses that it is reached by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from broker.clock import Clock
from broker.settings import INBOX, Settings
from broker.signing import Secrets
from broker.storage.base import Credential
from broker.vault import Vault
from mocks.base import BindingView, CredentialSpec, MockService


def issue(
    environment_uid: str,
    services: Collection[MockService],
    vault: Vault,
    clock: Clock,
    old: Sequence[Credential] = (),
) -> list[Credential]:
    """Fresh virtual credentials for every service, sealed; the registry stores them with the environment. Each account
    that has one among the ``old`` ones gets another."""
    wanted = [(service.name, spec.name, spec) for service in services for spec in service.credentials]
    for service in services:
        accounts = service.accounts
        if accounts is not None:
            names = sorted({each.spec for each in old if each.service == service.name and accounts.holds(each.spec)})
            wanted += [(service.name, name, accounts.spec) for name in names if name != accounts.spec.name]
    return [sealed(environment_uid, service, name, spec, vault, clock) for service, name, spec in wanted]


def sealed(
    environment_uid: str, service: str, name: str, spec: CredentialSpec, vault: Vault, clock: Clock
) -> Credential:
    """A fresh credential of that form, called ``name``."""
    key, secret = spec.make(clock.text)
    return Credential(
        environment=environment_uid,
        service=service,
        spec=name,
        key_hash=vault.fingerprint(key),
        key_sealed=vault.seal(key),
        secret_sealed=None if secret is None else vault.seal(secret),
        presented=spec.presented,
    )


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where an environment, and each of its services, is reached."""

    settings: Settings
    environment: str

    @property
    def endpoint(self) -> str:
        """The environment's own address; a service's follows as one more segment."""
        return f"{self.settings.origin}/e/{self.environment}"

    def by_path(self, service: str) -> str:
        """For SDKs whose base URL may have a path."""
        return f"{self.endpoint}/{service}"

    def by_host(self, service: str) -> str:
        """For SDKs that take a host only, and for buckets in the host name."""
        origin = urlsplit(self.settings.origin)
        port = f":{origin.port}" if origin.port else ""
        return f"{origin.scheme}://{service}.{self.environment}.{self.settings.base_domain}{port}"


def view(service: str, credentials: Sequence[Credential], addresses: Addresses, vault: Vault) -> BindingView:
    """What the service may know of a binding to name its SDKs' variables. Raises vault.Unsealable."""
    opened: dict[str, tuple[str, str | None]] = {}
    for credential in credentials:
        if credential.service == service:
            sealed = credential.secret_sealed
            opened[credential.spec] = (
                vault.unseal(credential.key_sealed),
                None if sealed is None else vault.unseal(sealed),
            )
    return BindingView(
        base_url=addresses.by_path(service),
        root_url=addresses.settings.origin,
        credentials=opened,
        inbox_url=addresses.by_path(INBOX),
        smtp=addresses.settings.smtp,
    )


def signing(service: MockService, credentials: Iterable[Credential], vault: Vault) -> Secrets | None:
    """What signs the service's events for the policy's own targets; None where it signs none."""
    for credential in credentials:
        if credential.service == service.name and credential.spec == service.webhook_credential:
            return secrets(credential, vault)
    return None


def secrets(credential: Credential, vault: Vault) -> Secrets:
    """Those of a credential that signs events. Its key is the present one; the secret that it has none of holds those
    from before it was rolled."""
    present = vault.unseal(credential.key_sealed)
    if credential.presented or credential.secret_sealed is None:
        return Secrets(present)
    found = Secrets.read(vault.unseal(credential.secret_sealed))
    return found if found.present == present else Secrets(present)


def overlapping(
    fresh: Sequence[Credential], old: Iterable[Credential], vault: Vault, now: datetime, until: datetime
) -> list[Credential]:
    """The fresh credentials, those that sign events with the secrets of the old ones beside them."""
    before = {(each.service, each.spec): each for each in old if not each.presented}
    found = []
    for each in fresh:
        earlier = before.get((each.service, each.spec))
        if earlier is not None and each.secret_sealed is None:
            rolled = secrets(earlier, vault).rolled(vault.unseal(each.key_sealed), now, until)
            each = replace(each, secret_sealed=vault.seal(rolled.text()))
        found.append(each)
    return found


def by_service(credentials: Iterable[Credential]) -> Mapping[str, list[Credential]]:
    """The credentials of one environment, by the service that they open."""
    found: dict[str, list[Credential]] = {}
    for credential in credentials:
        found.setdefault(credential.service, []).append(credential)
    return found
