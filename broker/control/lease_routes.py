"""Control routes of leases: what an environment holds of real accounts; show, renew, revoke. No credential is shown."""

from __future__ import annotations

from typing import Any

from broker.control import forms
from broker.control.account_routes import accounts_of
from broker.control.answering import Ask, Route
from broker.control.parts import Parts
from broker.control.shapes import ref
from broker.errors import Conflict, NotFound
from broker.storage.external import Lease
from mocks.base import Refusal

_V1 = "/_broker/v1"
_OF_ONE = _V1 + "/environments/{name}/leases"
_LEASE = _V1 + "/leases/{id}"


async def list_leases(parts: Parts, ask: Ask) -> Any:
    """Oldest first, those that live."""
    environment = await parts.environments.get(ask.path["name"])
    return {"items": [await _described(parts, each) for each in await accounts_of(parts).held(environment.uid)]}


async def revoke_leases(parts: Parts, ask: Ask) -> Any:
    """All of an environment."""
    environment = await parts.environments.get(ask.path["name"])
    ended = await accounts_of(parts).leases.revoke_all(environment.uid)
    return {"items": [await _described(parts, each) for each in ended]}


async def show_lease(parts: Parts, ask: Ask) -> Any:
    """One that lives or lived."""
    return await _described(parts, await accounts_of(parts).leases.lease(ask.path["id"]))


async def renew_lease(parts: Parts, ask: Ask) -> Any:
    """A new life."""
    try:
        renewed = await accounts_of(parts).leases.renew(ask.path["id"])
    except Refusal as refused:
        raise Conflict(f"the lease is as it was: {refused.message}") from None
    return await _described(parts, renewed)


async def revoke_lease(parts: Parts, ask: Ask) -> Any:
    """The next call leases anew."""
    return await _described(parts, await accounts_of(parts).leases.revoke(ask.path["id"]))


async def _described(parts: Parts, lease: Lease) -> dict[str, Any]:
    environment = await parts.storage.registry.environment_by_uid(lease.uid)
    end = lease.expires_at or (None if environment is None else environment.expires_at)
    left = 0 if end is None or lease.revoked_at is not None else (end - parts.clock.now()).total_seconds()
    return {
        "lease_id": lease.id,
        "environment": None if environment is None else environment.name,
        "service": lease.service,
        "account": lease.account,
        "kind": lease.kind,
        "issued_at": forms.moment(lease.issued_at),
        "expires_at": None if end is None else forms.moment(end),
        "lease_duration": max(0, int(left)),
        "renewable": lease.renewable and lease.revoked_at is None,
        "revoked_at": None if lease.revoked_at is None else forms.moment(lease.revoked_at),
        "subaccount": lease.subaccount,
    }


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=_OF_ONE,
        id="listLeases",
        about="List what an environment leases of real accounts, oldest first.",
        respond=list_leases,
        replies={200: ref("LeaseList")},
        errors=(NotFound,),
    ),
    Route(
        method="DELETE",
        path=_OF_ONE,
        id="revokeLeases",
        about="Revoke all leases of an environment that can end before it does; its next calls lease anew.",
        respond=revoke_leases,
        replies={200: ref("LeaseList")},
        errors=(NotFound, Conflict),
    ),
    Route(
        method="GET",
        path=_LEASE,
        id="showLease",
        about="Show a lease.",
        respond=show_lease,
        replies={200: ref("Lease")},
        errors=(NotFound,),
    ),
    Route(
        method="DELETE",
        path=_LEASE,
        id="revokeLease",
        about="Revoke a lease: a credential dies at the provider, and the environment's next call leases anew. What "
        "holds the environment's own objects ends with the environment only.",
        respond=revoke_lease,
        replies={200: ref("Lease")},
        errors=(NotFound, Conflict),
    ),
    Route(
        method="POST",
        path=_LEASE + "/renew",
        id="renewLease",
        about="Renew a lease that ends by itself. The others live as long as their environment: renew that.",
        respond=renew_lease,
        replies={200: ref("Lease")},
        errors=(NotFound, Conflict),
    ),
)
