"""Operations of who may do what: API keys, subusers, teammates; and on the account."""

from __future__ import annotations

from typing import Final

from mocks.base import Handler
from mocks.sendgrid import (
    access_requests,
    alerts,
    allowed_addresses,
    api_keys,
    invitations,
    partners,
    scopes,
    sso,
    subuser_settings,
    subusers,
    teammates,
    user,
)
from mocks.sendgrid.subusers import parents

OPERATIONS: Final[dict[str, Handler]] = {
    **access_requests.OPERATIONS,
    **alerts.OPERATIONS,
    **allowed_addresses.OPERATIONS,
    **invitations.OPERATIONS,
    **partners.OPERATIONS,
    **sso.OPERATIONS,
    **teammates.OPERATIONS,
    **user.OPERATIONS,
    "GET_scopes": scopes.retrieve,
    "GET_api_keys": api_keys.list_all,
    "create-api-keys": api_keys.create,
    "GET_api_keys-api_key_id": api_keys.retrieve,
    "PATCH_api_keys-api_key_id": api_keys.rename,
    "PUT_api_keys-api_key_id": api_keys.replace,
    "DELETE_api_keys-api_key_id": api_keys.delete,
    **{
        operation: parents(handler)
        for operation, handler in {
            "GET_subusers": subusers.list_all,
            "POST_subusers": subusers.create,
            "PATCH_subusers-subuser_name": subusers.change,
            "DELETE_subusers-subuser_name": subusers.delete,
            "PUT_subusers-subuser_name-ips": subusers.assign,
            "GET_subusers-reputations": subusers.reputations,
            "PatchSubusersSubuserNameWebsiteAccess": subusers.change_access,
            "GetSubusersSubuserNameCredits": subuser_settings.credit,
            "PutSubusersSubuserNameCredits": subuser_settings.set_credits,
            "PatchSubusersSubuserNameCreditsRemaining": subuser_settings.adjust,
            "GET_subusers-subuser_name-monitor": subuser_settings.monitor,
            "POST_subusers-subuser_name-monitor": subuser_settings.add_monitor,
            "PUT_subusers-subuser_name-monitor": subuser_settings.change_monitor,
            "DELETE_subusers-subuser_name-monitor": subuser_settings.delete_monitor,
        }.items()
    },
}
