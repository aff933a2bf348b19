"""Identity providers and their certificates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from mocks.sendgrid import sso
from tests.harness import Harness, value

INTEGRATIONS = "/v3/sso/integrations"
CERTIFICATES = "/v3/sso/certificates"
OKTA = {
    "name": "Okta",
    "enabled": True,
    "signin_url": "https://idp.example/in",
    "signout_url": "https://idp.example/out",
    "entity_id": "http://idp.example/1",
}


async def integrate(sendgrid: Harness, **changes: Any) -> Any:
    response = await sendgrid.call("POST", INTEGRATIONS, json={**OKTA, **changes})
    assert response.status == 200, response.body
    return value(response)


async def certify(sendgrid: Harness, integration: str, text: str = "<your x509 certificate>", **changes: Any) -> Any:
    sent = {"public_certificate": text, "integration_id": integration, **changes}
    response = await sendgrid.call("POST", CERTIFICATES, json=sent)
    assert response.status == 200, response.body
    return value(response)


def certificate(begins: datetime, ends: datetime) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example")])
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), begins, ends)
    return built.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


async def test_an_integrations_life(sendgrid: Harness) -> None:
    made = await integrate(sendgrid)
    assert made == {**made, **OKTA}
    assert made["audience_url"] == made["single_signon_url"]
    assert made["audience_url"].endswith(made["id"])
    path = f"{INTEGRATIONS}/{made['id']}"
    assert value(await sendgrid.call("GET", path, query={"si": "true"})) == made
    shown = value(await sendgrid.call("GET", path))
    assert shown == {name: each for name, each in made.items() if name != "completed_integration"}
    assert value(await sendgrid.call("GET", INTEGRATIONS)) == [shown]
    changed = value(await sendgrid.call("PATCH", path, json={**OKTA, "name": "Other"}))
    assert changed["name"] == "Other"
    assert (await sendgrid.call("DELETE", path)).status == 204
    for method, body in (("GET", None), ("DELETE", None), ("PATCH", OKTA)):
        assert (await sendgrid.call(method, path, json=body)).status == 404
    assert value(await sendgrid.call("GET", INTEGRATIONS)) == []


@pytest.mark.parametrize("field", ["name", "signin_url", "signout_url", "entity_id"])
async def test_what_cannot_be_an_integration(sendgrid: Harness, field: str) -> None:
    response = await sendgrid.call("POST", INTEGRATIONS, json={**OKTA, field: ""})
    assert (response.status, value(response)["errors"][0]["field"]) == (400, field)
    missing = await sendgrid.call("POST", INTEGRATIONS, json={name: OKTA[name] for name in OKTA if name != field})
    assert missing.status == 400


async def test_a_certificates_life(sendgrid: Harness) -> None:
    integration = (await integrate(sendgrid))["id"]
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    text = certificate(begins, begins + timedelta(days=30))
    made = await certify(sendgrid, integration, text)
    assert (made["not_before"], made["not_after"]) == (
        int(begins.timestamp()),
        int((begins + timedelta(days=30)).timestamp()),
    )
    assert made["intergration_id"] == integration
    path = f"{CERTIFICATES}/{made['id']}"
    assert value(await sendgrid.call("GET", path)) == made
    assert value(await sendgrid.call("GET", f"{INTEGRATIONS}/{integration}/certificates")) == [made]
    other = (await integrate(sendgrid))["id"]
    changed = {"enabled": False, "integration_id": other, "public_certificate": "<another>"}
    assert (await sendgrid.call("PATCH", path, json=changed)).status == 200
    moved = value(await sendgrid.call("GET", path))
    assert (moved["enabled"], moved["intergration_id"], moved["public_certificate"]) == (False, other, "<another>")
    assert value(await sendgrid.call("GET", f"{INTEGRATIONS}/{integration}/certificates")) == []
    assert value(await sendgrid.call("DELETE", path)) == moved
    for method, body in (("GET", None), ("DELETE", None), ("PATCH", {})):
        assert (await sendgrid.call(method, path, json=body)).status == 404


async def test_certificates_go_with_their_integration(sendgrid: Harness) -> None:
    integration = (await integrate(sendgrid))["id"]
    made = await certify(sendgrid, integration)
    assert made["not_after"] - made["not_before"] == 365 * 86_400
    await sendgrid.call("DELETE", f"{INTEGRATIONS}/{integration}")
    assert (await sendgrid.call("GET", f"{CERTIFICATES}/{made['id']}")).status == 404


async def test_what_cannot_be_a_certificate(sendgrid: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    integration = (await integrate(sendgrid))["id"]
    for sent, field in (
        ({"public_certificate": "x", "integration_id": "nobody"}, "integration_id"),
        ({"public_certificate": "", "integration_id": integration}, "public_certificate"),
        ({"integration_id": integration}, "public_certificate"),
    ):
        response = await sendgrid.call("POST", CERTIFICATES, json=sent)
        assert (response.status, value(response)["errors"][0]["field"]) == (400, field)
    monkeypatch.setattr(sso, "MOST", 1)
    await certify(sendgrid, integration)
    sent = {"public_certificate": "x", "integration_id": integration}
    assert (await sendgrid.call("POST", CERTIFICATES, json=sent)).status == 400
    assert (await sendgrid.call("POST", INTEGRATIONS, json=OKTA)).status == 400
