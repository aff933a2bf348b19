"""Single sign-on: identity providers and the certificates that they sign with. They are kept; nobody logs in by them.

https://www.twilio.com/docs/sendgrid/api-reference/single-sign-on-settings and .../certificates (2026-11); wording ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from mocks.base import Call, Handler, Record
from mocks.sendgrid import accounts, ids
from mocks.sendgrid.errors import told

INTEGRATION: Final = "sso_integration"
CERTIFICATE: Final = "sso_certificate"
_NUMBERS: Final = "sso_numbers"
_FIRST: Final = 66_000_000
_MEMBERS: Final = ("name", "enabled", "signin_url", "signout_url", "entity_id", "completed_integration")
_URLS: Final = ("signin_url", "signout_url")
#: Integrations of an account, and certificates of all of them.
MOST: Final = 100
#: A certificate that cannot be read is taken to be good for so long.
_YEAR: Final = 365 * 86_400


async def create(call: Call) -> Record:
    """A new identity provider, with the address of ours that it sends its answers to."""
    sent = _checked(call.params.body or {})
    if await call.state.count(INTEGRATION) >= MOST:
        raise told(400, f"an account has {MOST} integrations at the most")
    key = ids.uuid(call)
    url = f"{call.address}/v3/public/sso/saml/response/id/{key}"
    record = {"completed_integration": False, **sent, "id": key, "audience_url": url, "single_signon_url": url}
    return await _keep(call, record)


async def list_all(call: Call) -> list[Record]:
    """All identity providers, oldest first; ``completed_integration`` is told where ``si`` asks for it."""
    found = await call.state.page(INTEGRATION, order="oldest", limit=MOST)
    return [_shown(call, record) for record in found]


async def retrieve(call: Call) -> Record:
    """One of them."""
    return _shown(call, await _integration(call, call.params.path["id"]))


async def change(call: Call) -> Record:
    """PATCH: all that a new one has."""
    record = await _integration(call, call.params.path["id"])
    return _shown(call, await _keep(call, {**record, **_checked(call.params.body or {})}))


async def delete(call: Call) -> None:
    """204, once; its certificates go with it."""
    record = await _integration(call, call.params.path["id"])
    for each in await _of(call, record["id"]):
        await call.state.delete(CERTIFICATE, str(each["id"]))
    await call.state.delete(INTEGRATION, record["id"])


async def certify(call: Call) -> Record:
    """A certificate of an identity provider that is there."""
    sent = call.params.body or {}
    integration = await _integration(call, sent["integration_id"], "integration_id")
    if len(await _of(call, integration["id"])) >= MOST:
        raise told(400, f"an integration has {MOST} certificates at the most")
    number = await accounts.number(call.state, _NUMBERS, "id", _FIRST)
    record = {"id": number, "enabled": sent.get("enabled", True), **_read(call, sent["public_certificate"])}
    return await _keep_certificate(call, {**record, "integration_id": integration["id"]})


async def list_certificates(call: Call) -> list[Record]:
    """Those of an identity provider, oldest first."""
    integration = await _integration(call, call.params.path["integration_id"])
    return [_certificate(record) for record in await _of(call, integration["id"])]


async def retrieve_certificate(call: Call) -> Record:
    """One certificate."""
    return _certificate(await _stored(call))


async def change_certificate(call: Call) -> Record:
    """PATCH: what is sent."""
    record, sent = await _stored(call), call.params.body or {}
    if "integration_id" in sent:
        integration = await _integration(call, sent["integration_id"], "integration_id")
        record = {**record, "integration_id": integration["id"]}
    if "public_certificate" in sent:
        record |= _read(call, sent["public_certificate"])
    return await _keep_certificate(call, {**record, "enabled": sent.get("enabled", record["enabled"])})


async def delete_certificate(call: Call) -> Record:
    """200 with what is gone, once."""
    record = await _stored(call)
    await call.state.delete(CERTIFICATE, str(record["id"]))
    return _certificate(record)


def _checked(sent: Mapping[str, Any]) -> Record:
    for name in _URLS:
        if not str(sent.get(name) or "").startswith(("http://", "https://")):
            raise told(400, f"{name} must be a web address", name)
    for name in ("name", "entity_id"):
        if not sent.get(name):
            raise told(400, f"{name} is required", name)
    return {name: sent[name] for name in _MEMBERS if name in sent}


async def _integration(call: Call, key: Any, field: str | None = None) -> Record:
    record = await call.state.get(INTEGRATION, str(key))
    if record is None:
        raise told(404 if field is None else 400, "integration not found", field or "id")
    return record


async def _keep(call: Call, record: Record) -> Record:
    record = {**record, "last_updated": int(call.now.timestamp())}
    await call.state.put(INTEGRATION, record["id"], record)
    return record


def _shown(call: Call, record: Record) -> Record:
    if call.params.query.get("si"):
        return record
    return {name: value for name, value in record.items() if name != "completed_integration"}


async def _of(call: Call, integration: str) -> list[Record]:
    found = await call.state.page(CERTIFICATE, order="oldest", limit=MOST, where={"integration": integration})
    return list(found)


async def _stored(call: Call) -> Record:
    record = await call.state.get(CERTIFICATE, str(call.params.path["cert_id"]))
    if record is None:
        raise told(404, "certificate not found", "cert_id")
    return dict(record)


async def _keep_certificate(call: Call, record: Record) -> Record:
    await call.state.put(CERTIFICATE, str(record["id"]), record, {"integration": record["integration_id"]})
    return _certificate(record)


def _certificate(record: Record) -> Record:
    """The API's own answers spell it ``intergration_id``."""
    names = ("id", "public_certificate", "not_before", "not_after", "enabled")
    return {**{name: record[name] for name in names}, "intergration_id": record["integration_id"]}


def _read(call: Call, text: str) -> Record:
    """The certificate and its times; one that nobody can read is taken as it is, from now on for a year."""
    from cryptography.x509 import load_pem_x509_certificate  # megabytes, for one endpoint

    if not text:
        raise told(400, "public_certificate is required", "public_certificate")
    now = int(call.now.timestamp())
    try:
        found = load_pem_x509_certificate(text.encode())
    except ValueError:
        return {"public_certificate": text, "not_before": now, "not_after": now + _YEAR}
    return {
        "public_certificate": text,
        "not_before": _seconds(found.not_valid_before_utc),
        "not_after": _seconds(found.not_valid_after_utc),
    }


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


OPERATIONS: Final[Mapping[str, Handler]] = {
    "POST_sso-integrations": create,
    "GET_sso-integrations": list_all,
    "GET_sso-integrations-id": retrieve,
    "PATCH_sso-integrations-id": change,
    "DELETE_sso-integrations-id": delete,
    "POST_sso-certificates": certify,
    "GET_sso-integrations-integration_id-certificates": list_certificates,
    "GET_sso-certificates-cert_id": retrieve_certificate,
    "PATCH_sso-certificates-cert_id": change_certificate,
    "DELETE_sso-certificates-cert_id": delete_certificate,
}
