"""Documents through the control API: looked at before they are kept, and told about."""

from __future__ import annotations

import orjson
import pytest

from tests.broker.control.conftest import Bench
from tests.mocks.generic.crm import DOCUMENT

PLACE = "/_broker/v1/documents"


async def test_a_document_is_put_listed_used_and_removed(bench: Bench) -> None:
    put = await bench.client.put(f"{PLACE}/crm", content=orjson.dumps(DOCUMENT))
    assert put.status_code == 200
    assert put.json() == {
        "name": "crm",
        "title": "CRM",
        "version": "2",
        "operations": 11,
        "resources": ["contact", "contact.note"],
        "notes": [],
    }
    (one,) = (await bench.client.get(PLACE)).json()["items"]
    assert (one["name"], one["bytes"]) == ("crm", len(orjson.dumps(DOCUMENT)))
    body = {"policy": {"version": 1, "services": {"crm": {"contract": "crm"}}}}
    opened = await bench.client.put("/_broker/v1/environments/pr-1", json=body)
    assert opened.status_code == 201
    assert opened.json()["variables"]["CRM_API_KEY"].startswith("crm_vk_")
    asked = {"request": "GET /v2/contacts/1"}
    explained = await bench.client.get("/_broker/v1/environments/pr-1/policy/explain", params=asked)
    assert [(one["service"], one["operation"]) for one in explained.json()["decisions"]] == [("crm", "getContact")]
    nobody = await bench.client.get("/_broker/v1/environments/pr-1/policy/explain", params={**asked, "service": "crn"})
    assert nobody.status_code == 404
    assert (await bench.client.delete(f"{PLACE}/crm")).json() == {"name": "crm"}
    assert (await bench.client.delete(f"{PLACE}/crm")).status_code == 404
    again = await bench.client.put("/_broker/v1/environments/pr-1", json={})
    assert again.headers["broker-outcome"] == "unchanged", "what it was made with stays"
    refused = await bench.client.put("/_broker/v1/environments/pr-2", json=body)
    assert refused.status_code == 400
    assert "services.crm.contract: crm: the server has no such document" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("crm", b"", "neither JSON nor YAML"),
        ("crm", b"swagger: '2.0'", "Swagger 2.0"),
        ("crm", b"openapi: 3.0.0\npaths: {}", "no operation"),
        ("crm", b"openapi: 3.0.0\npaths: {$ref: other.yaml}", "leads to a file that is not there"),
        (".crm", orjson.dumps(DOCUMENT), "cannot name a document"),
    ],
)
async def test_what_cannot_be_a_service_is_not_kept(bench: Bench, name: str, content: bytes, words: str) -> None:
    refused = await bench.client.put(f"{PLACE}/{name}", content=content)
    assert refused.status_code == 400
    assert words in refused.json()["detail"]
    assert (await bench.client.get(PLACE)).json() == {"items": []}


async def test_too_large_a_document_is_refused_before_it_is_read(bench: Bench) -> None:
    refused = await bench.client.put(f"{PLACE}/crm", content=b" " * ((20 << 20) + 1))
    assert refused.status_code == 413


async def test_a_server_without_them_says_so(bench: Bench) -> None:
    bench.environments.own_services = None
    assert (await bench.client.get(PLACE)).status_code == 501
