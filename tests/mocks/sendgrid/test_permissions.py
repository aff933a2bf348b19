"""Which scope an operation needs; what a key of others is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from contracts import library
from contracts.exchange import Request
from mocks.sendgrid import permissions, scopes
from tests.harness import Harness, value
from tests.mocks.sendgrid.test_api_keys import make

OPERATIONS = library.load("sendgrid").operations()
ANY = Request(method="GET", path="/v3/strange")
FORBIDDEN = {"errors": [{"message": "access forbidden", "field": None}]}


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("POST_mail-send", {"mail.send"}),
        ("POST_mail-batch", {"mail.batch.create"}),
        ("GET_user-profile", {"user.profile.read"}),
        ("PATCH_user-profile", {"user.profile.update"}),
        ("PUT_api_keys-api_key_id", {"api_keys.update"}),
        ("DELETE_templates-template_id-versions-version_id", {"templates.versions.delete"}),
        ("POST_templates-template_id-versions-version_id-activate", {"templates.versions.activate.create"}),
        ("GET_subusers-stats-monthly", {"subusers.stats.monthly.read"}),
        ("PUT_subusers-subuser_name-ips", {"subusers.update"}),
        ("GET-messages", {"messages.read", "email_activity.read"}),
        ("POST_v3-messages-download", {"messages.read", "email_activity.read"}),
        ("ListMessagesByFilter", {"messages.read", "email_activity.read"}),
        ("PUT_mc-contacts", {"marketing.read", "marketing_campaigns.update"}),
        ("POST_validations-email", {"validations.email.create"}),
        ("POST_whitelabel-domains-id-validate", {"whitelabel.create"}),
        ("POST_sso-integrations", {"sso.settings.create"}),
    ],
)
def test_scopes_are_called_as_paths_are(operation: str, expected: set[str]) -> None:
    assert permissions.needed(OPERATIONS[operation]) == expected


def test_every_operation_needs_a_scope_that_there_is() -> None:
    apart = {"validations.email.create"}
    for operation in OPERATIONS.values():
        if operation.id != "GET_scopes":
            wanted = permissions.needed(operation)
            assert wanted, operation.id
            assert wanted <= scopes.KNOWN, operation.id
            assert wanted & {*scopes.FULL_ACCESS, *apart}, operation.id


async def test_a_key_for_mail_sends_mail_alone(sendgrid: Harness, message: Callable[..., dict[str, Any]]) -> None:
    key = (await make(sendgrid, scopes=["mail.send"]))["api_key"]
    sent = await sendgrid.call("POST", "/v3/mail/send", json=message(), key=key)
    assert sent.status == 202
    for method, path in (("GET", "/v3/templates"), ("POST", "/v3/api_keys"), ("GET", "/v3/marketing/lists")):
        # Before anything else is wrong with the call.
        response = await sendgrid.call(method, path, json={"wrong": True}, key=key)
        assert (response.status, value(response)) == (403, FORBIDDEN)
    assert value(await sendgrid.call("GET", "/v3/scopes", key=key)) == {"scopes": ["mail.send"]}


async def test_a_key_for_reading_reads_alone(sendgrid: Harness) -> None:
    key = (await make(sendgrid, scopes=["templates.read", "alerts.read"]))["api_key"]
    assert (await sendgrid.call("GET", "/v3/alerts", key=key)).status == 200
    assert (await sendgrid.call("POST", "/v3/alerts", json={}, key=key)).status == 403
    response = await sendgrid.call("POST", "/v3/mail/send", json={}, key=key)
    # As all of Mail Send's errors are written.
    forbidden = {"errors": [{"message": "access forbidden", "field": None, "help": None}]}
    assert (response.status, value(response)) == (403, forbidden)


async def test_what_belongs_to_no_area_needs_a_whole_key(sendgrid: Harness) -> None:
    strange = permissions.Operation("strange", "GET", "/v3/strange")
    whole = await sendgrid.grant((await make(sendgrid))["api_key"])
    permissions.allow(strange, ANY, whole.terms)
    some = await sendgrid.grant((await make(sendgrid, scopes=list(scopes.FULL_ACCESS)))["api_key"])
    with pytest.raises(Exception, match="access forbidden"):
        permissions.allow(strange, ANY, some.terms)
    with pytest.raises(Exception, match="access forbidden"):
        permissions.allow(OPERATIONS["GET_scopes"], ANY, {"disabled": True})
