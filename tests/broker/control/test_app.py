"""The document and the pages agree with the table of routes, and load nothing from elsewhere."""

from __future__ import annotations

import re

from openapi_spec_validator import OpenAPIV31SpecValidator

from broker.control.app import describe
from broker.control.pages import _NEXT_STEPS, error_types
from broker.control.routes import ROUTES
from mocks.base import REFUSAL_STATUS
from tests.broker.control.conftest import Bench


def test_the_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(describe()).validate()


def test_every_route_is_documented_once() -> None:
    ids = [operation["operationId"] for path in describe()["paths"].values() for operation in path.values()]
    assert sorted(ids) == sorted(route.id for route in ROUTES)
    assert len(set(ids)) == len(ids)


async def test_the_pages(bench: Bench) -> None:
    del bench.client.headers["authorization"]
    docs = await bench.client.get("/_broker/docs")
    errors = await bench.client.get("/_broker/docs/errors")
    for page in (docs, errors):
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert not re.search(r"""(src|href)=["']?(https?:)?//""", page.text)
    for route in ROUTES:
        assert f'id="{route.id}"' in docs.text
    anchors = set(re.findall(r'errors#([\w-]+)"', docs.text))
    assert anchors <= set(re.findall(r'id="([\w-]+)"', errors.text))
    assert {error.slug for error in error_types()} == set(_NEXT_STEPS), "every error says what to do next"
    for reason in REFUSAL_STATUS:
        assert f'id="{reason.replace("_", "-")}"' in errors.text
    assert (await bench.client.get("/_broker")).headers["location"] == "/_broker/docs"
    assert (await bench.client.get("/_broker/openapi.json")).json() == describe()
