"""Which objects a call mentions: in its path, its query, its body and in ``Stripe-Account``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandboxes.base import Outgoing, Reference
from sandboxes.stripe import kinds

#: Path parameters that name something with the same name everywhere, and no object.
_NAMES = frozenset({"capability", "country", "rate_id"})
#: https://docs.stripe.com/api/connected-accounts: a call in the name of a connected account.
ACCOUNT_HEADER = "stripe-account"


def references(call: Outgoing) -> Sequence[Reference]:
    """The subject first, then the others; each id once. Stripe's own test ids and free text are nobody's."""
    if call.rule.scope == "public":
        return ()
    found: dict[str, Reference] = {}
    for name, value in sorted(call.params.path.items(), key=lambda item: item[0] != call.rule.id_param):
        if name in _NAMES or kinds.everybodys(value):
            continue
        subject = name == call.rule.id_param
        kind = kinds.kind_of(value) or (call.rule.kind if subject else _noun(name))
        found[value] = Reference(value, name, kind, in_path=True, subject=subject, bearer=kind in kinds.BORNE)
    account = call.request.headers.get(ACCOUNT_HEADER)
    if account:
        found.setdefault(account, Reference(account, "Stripe-Account", "account"))
    members = _members(call)
    for path, mention, kind in kinds.mentions(members) if members else ():
        found.setdefault(mention, Reference(mention, _parameter(path), kind, bearer=kind in kinds.BORNE))
    return tuple(found.values())


def _members(call: Outgoing) -> dict[str, Any]:
    members = call.params.members()
    # A create may choose its object's id, which is not there yet.
    if call.rule.effect == "create":
        members.pop("id", None)
    if "ids" in members:
        members["products" if call.rule.kind == "product" else call.rule.kind] = members.pop("ids")
    for cursor in ("starting_after", "ending_before"):
        # An id of the listed kind, also where applications choose it.
        if isinstance(members.get(cursor), str) and call.rule.kind in kinds.CHOSEN:
            members[call.rule.kind] = members.pop(cursor)
    return members


def _noun(parameter: str) -> str:
    return "transfer" if parameter == "id" else parameter


def _parameter(path: Sequence[str]) -> str:
    """As Stripe writes parameters in errors: ``items[0][price]``."""
    return path[0] + "".join(f"[{step}]" for step in path[1:])
