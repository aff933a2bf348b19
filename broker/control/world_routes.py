"""Control routes of the accounts that meet in a service's world: add one and get its credential, list, remove."""

from __future__ import annotations

from typing import Any

from broker.control.answering import Ask, Query, Route
from broker.control.parts import Parts
from broker.control.shapes import ID_PARAMETER, TEXT, Schema, many, mapping, record, ref
from broker.errors import Conflict, EnvironmentClosed, NotFound
from broker.worlds import Worlds

_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 63}
_ID: Schema = {**TEXT, "description": "What the provider knows the account by."}

COMPONENTS: dict[str, Schema] = {
    "AccountCredential": {
        "type": "object",
        "properties": {
            "account": _ID,
            "variables": {**mapping(TEXT), "description": "What SDKs read to call as that account."},
        },
        "required": ["account", "variables"],
        "additionalProperties": TEXT,
        "description": "An account of a service's world with its credential, and what else the provider tells of it.",
    },
    "EnvironmentAccount": {
        "type": "object",
        "properties": {"name": TEXT, "account": _ID},
        "required": ["name", "account"],
        "additionalProperties": TEXT,
        "description": "An account of a service's world, and what the provider tells of it. No credential.",
    },
    "EnvironmentAccountList": record({"items": many(ref("EnvironmentAccount"))}),
}

_ADDING = record(
    {
        "service": {**_NAME, "description": "A service in whose world several accounts meet."},
        "account": {
            "type": "string",
            "pattern": "^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$",
            "description": "The account's name, or its id at the provider.",
        },
    }
)


def worlds(parts: Parts) -> Worlds:
    """The accounts of this server's environments."""
    return Worlds(environments=parts.environments, storage=parts.storage, vault=parts.vault, clock=parts.clock)


async def add_credentials(parts: Parts, ask: Ask) -> Any:
    """Make the account, or find it."""
    return dict(await worlds(parts).add(ask.path["name"], ask.body["service"], ask.body["account"]))


async def list_credentials(parts: Parts, ask: Ask) -> Any:
    """Of an open environment."""
    environment = await parts.environments.get_open(ask.path["name"])
    return {"items": [dict(one) for one in await worlds(parts).list(environment, ask.query.get("service"))]}


async def remove_credentials(parts: Parts, ask: Ask) -> Any:
    """The account's keys die at once."""
    return dict(await worlds(parts).remove(ask.path["name"], ask.path["service"], ask.path["account"]))


_CREDENTIALS = "/_broker/v1/environments/{name}/credentials"
_ERRORS = (NotFound, Conflict, EnvironmentClosed)

ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=_CREDENTIALS,
        id="listCredentials",
        about="List the accounts of the services that can have several in an environment, its own first.",
        respond=list_credentials,
        query=(Query("service", ID_PARAMETER, "Only this service."),),
        replies={200: ref("EnvironmentAccountList")},
        errors=_ERRORS,
    ),
    Route(
        method="POST",
        path=_CREDENTIALS,
        id="addCredentials",
        about="Let a further account into a service's world, and get its credential. Asking again answers the same "
        "account and credential; `primary` is the environment's own.",
        respond=add_credentials,
        body=_ADDING,
        replies={200: ref("AccountCredential")},
        errors=_ERRORS,
    ),
    Route(
        method="DELETE",
        path=_CREDENTIALS + "/{service}/{account}",
        id="removeCredentials",
        about="Let an account's credential open nothing any more. What the account owns stays.",
        respond=remove_credentials,
        replies={200: ref("EnvironmentAccount")},
        errors=_ERRORS,
    ),
)
