"""Control routes of real accounts: add, change, show, list, check, remove. None of them shows a credential."""

from __future__ import annotations

from typing import Any

from broker.accounts import Accounts, Wanted
from broker.control import forms
from broker.control.answering import Answer, Ask, Route
from broker.control.external_shapes import ACCOUNT
from broker.control.parts import Parts
from broker.control.shapes import ref
from broker.errors import Conflict, NotFound
from broker.storage.external import AccountRow

_V1 = "/_broker/v1"
_ONE = _V1 + "/accounts/{account}"


def accounts_of(parts: Parts) -> Accounts:
    """The server's accounts; raises NotFound where it has none."""
    if parts.accounts is None:
        raise NotFound("this server has no accounts of real providers")
    return parts.accounts


async def put_account(parts: Parts, ask: Ask) -> Answer:
    """Add it, or change it."""
    accounts = accounts_of(parts)
    body = ask.body
    row, new = await accounts.put(
        Wanted(
            name=ask.path["account"],
            service=body["service"],
            secret=body.get("secret"),
            endpoint=body.get("endpoint"),
            pool=body.get("pool"),
            exclusive=body.get("exclusive", False),
            environments=tuple(body.get("environments") or ("*",)),
            rate=body.get("rate"),
            concurrency=body.get("concurrency"),
            options=body.get("options") or {},
        )
    )
    return Answer(await _described(accounts, row), status=201 if new else 200)


async def show_account(parts: Parts, ask: Ask) -> Any:
    """One."""
    accounts = accounts_of(parts)
    return await _described(accounts, await accounts.row(ask.path["account"]))


async def list_accounts(parts: Parts, ask: Ask) -> Any:
    """By name."""
    accounts = accounts_of(parts)
    return {"items": [await _described(accounts, row) for row in await accounts.rows()]}


async def check_account(parts: Parts, ask: Ask) -> Any:
    """With a look into the account that changes nothing."""
    name = ask.path["account"]
    fingerprint, trouble = await accounts_of(parts).check(name)
    return {"name": name, "usable": trouble is None, "fingerprint": fingerprint, "trouble": trouble}


async def remove_account(parts: Parts, ask: Ask) -> Any:
    """Once nobody uses it, and nothing is left in it."""
    row = await accounts_of(parts).remove(ask.path["account"])
    return {"name": row.name}


async def _described(accounts: Accounts, row: AccountRow) -> dict[str, Any]:
    """An account for people and machines."""
    source, place = next(iter(row.secret.items()))
    fingerprint, trouble = await accounts.state(row)
    usage = dict(accounts.usage(row.name))
    bears = accounts.bears(row)
    return {
        "name": row.name,
        "service": row.service,
        "endpoint": bears.endpoint,
        "secret": {"from": source, "name": None if source == "sealed" else place},
        "fingerprint": fingerprint,
        "trouble": trouble,
        "pool": row.pool,
        "exclusive": row.exclusive,
        "environments": list(row.environments),
        "rate": bears.rate,
        "concurrency": bears.concurrency,
        "options": dict(row.options),
        "created_at": forms.moment(row.created_at),
        "leased_by": list(await accounts.users(row.name)),
        "usage": {**usage, "environments": await accounts.by_name(usage.get("environments", {}))},
    }


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=_V1 + "/accounts",
        id="listAccounts",
        about="List the real accounts by name: where their credentials are kept, who leases them, what they bear.",
        respond=list_accounts,
        replies={200: ref("AccountList")},
        errors=(NotFound,),
    ),
    Route(
        method="PUT",
        path=_ONE,
        id="putAccount",
        about="Add a real account, or change it. Its credential is looked at first: one of production is refused, "
        "reported, and not stored.",
        respond=put_account,
        body=ACCOUNT,
        secret=True,
        replies={200: ref("Account"), 201: ref("Account")},
        errors=(NotFound, Conflict),
    ),
    Route(
        method="GET",
        path=_ONE,
        id="showAccount",
        about="Show a real account.",
        respond=show_account,
        replies={200: ref("Account")},
        errors=(NotFound,),
    ),
    Route(
        method="DELETE",
        path=_ONE,
        id="removeAccount",
        about="Remove a real account, once no environment leases it and nothing that was made in it is left.",
        respond=remove_account,
        replies={200: ref("AccountRemoved")},
        errors=(NotFound, Conflict),
    ),
    Route(
        method="POST",
        path=_ONE + "/check",
        id="checkAccount",
        about="Check a real account: read its credential, and list at the provider what of this server's is there.",
        respond=check_account,
        replies={200: ref("AccountVerdict")},
        errors=(NotFound,),
    ),
)
