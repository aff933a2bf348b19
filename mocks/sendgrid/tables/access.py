"""Operations of who may do what: API keys, scopes."""

from __future__ import annotations

from typing import Final

from mocks.base import Handler
from mocks.sendgrid import api_keys, scopes

OPERATIONS: Final[dict[str, Handler]] = {
    "GET_scopes": scopes.retrieve,
    "GET_api_keys": api_keys.list_all,
    "create-api-keys": api_keys.create,
    "GET_api_keys-api_key_id": api_keys.retrieve,
    "PATCH_api_keys-api_key_id": api_keys.rename,
    "PUT_api_keys-api_key_id": api_keys.replace,
    "DELETE_api_keys-api_key_id": api_keys.delete,
}
