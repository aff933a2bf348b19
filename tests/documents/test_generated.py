"""Requests that schemathesis makes of a public document, to the mock that a running server made of it: no 500, and no
answer that breaks the document.

The referee reads the document itself, and knows nothing of what we compiled.
"""

from __future__ import annotations

import copy
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from demo.serving import Broker

pytestmark = pytest.mark.slow

#: Requests to each operation.
EXAMPLES = 15


@pytest.fixture(scope="module")
def server(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A server that answers 500 when a mock breaks its contract. A traceback in its log fails the run."""
    # Of this very tree, wherever the installed one is.
    tree = str(Path(__file__).parents[2])
    variables = {"BROKER_DOCUMENTS": str(documents), "BROKER_STRICT_REPLIES": "1", "PYTHONPATH": tree}
    broker = Broker(tmp_path_factory.mktemp("server"), variables)
    broker.start()
    yield broker
    broker.stop()
    log = broker.log.read_text(errors="replace")
    assert "Traceback" not in log, log[-5000:]


def test_its_mock_keeps_the_document(generated: str, documents: Path, server: Broker) -> None:
    policy = {"version": 1, "services": {"api": {"contract": generated}}}
    name = "doc-" + "".join(char if char.isalnum() else "-" for char in generated)
    bundle = server.control("PUT", f"environments/{name}", {"policy": policy})
    document = orjson.loads((documents / generated).read_bytes())
    schema = schemathesis.openapi.from_dict(without_security(document))
    schema.config.update(base_url=bundle["variables"]["API_BASE_URL"])
    key = bundle["variables"]["API_API_KEY"]
    headers, query = credentials(document, key)
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) >= 5
    for operation in operations:
        called(operation, headers, query)
    server.control("DELETE", f"environments/{name}")


def called(operation: Any, headers: dict[str, str], query: dict[str, str]) -> None:
    """One operation with requests that its document allows."""
    described = operation.definition.raw["responses"]

    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def keeps(case: schemathesis.Case) -> None:
        case.query = {**(case.query or {}), **query}
        response = case.call(headers=headers)
        assert "broker-environment" in response.headers, "a mock of this environment answered"
        case.validate_response(response, checks=checks(described, response.status_code))

    keeps()


def checks(described: Any, status: int) -> list[Any]:
    """What an answer has to keep. Refusals of a status that the document does not list are held to nothing of it."""
    listed = {str(each).upper() for each in described}
    if listed & {str(status), f"{status // 100}XX", "DEFAULT"}:
        return [not_a_server_error, content_type_conformance, response_schema_conformance]
    assert status >= 400, f"{status} is no answer of the document"
    return [not_a_server_error]


def without_security(document: Any) -> Any:
    """The document without its keys, which the test brings itself."""
    found = copy.deepcopy(document)
    found["security"] = []
    for methods in found["paths"].values():
        for operation in methods.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["security"] = []
    return found


def credentials(document: Any, key: str) -> tuple[dict[str, str], dict[str, str]]:
    """Header fields and query parameters that carry the key in each of the document's schemes."""
    headers, query = {"authorization": f"Bearer {key}", "x-api-key": key}, {}
    for scheme in document.get("components", {}).get("securitySchemes", {}).values():
        if scheme.get("type") == "apiKey" and scheme["in"] == "header":
            headers[scheme["name"].lower()] = key
        elif scheme.get("type") == "apiKey" and scheme["in"] == "query":
            query[scheme["name"]] = key
        elif scheme.get("scheme") == "basic":
            headers["authorization"] = "Basic " + b64encode(f"api:{key}".encode()).decode()
    return headers, query
