"""A service that is made from an uploaded document, over a real socket, through the real commands, beyond kill -9."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import orjson

from demo.serving import Broker
from tests.mocks.generic.crm import DOCUMENT

POLICY = {"version": 1, "services": {"crm": {"contract": "crm"}}}


def call(method: str, url: str, key: str, json: Any = None) -> httpx.Response:
    return httpx.request(method, url, headers={"x-crm-key": key}, json=json, trust_env=False)


def test_it_is_there_after_a_kill(own_server: Broker, tmp_path: Path) -> None:
    own_server.start()
    file = tmp_path / "crm.json"
    file.write_bytes(orjson.dumps(DOCUMENT))
    added = own_server.cli("services", "add", "crm", "--document", str(file))
    assert "11 operations" in added.stdout
    given = own_server.control("PUT", "environments/pr-1", {"policy": POLICY})["variables"]
    contacts = f"{given['CRM_BASE_URL']}/contacts"
    made = call("POST", contacts, given["CRM_API_KEY"], {"name": "Ada"})
    assert made.status_code == 201
    own_server.restart()
    found = call("GET", f"{contacts}/{made.json()['id']}", given["CRM_API_KEY"])
    assert (found.status_code, found.json()) == (200, made.json())
    again = own_server.control("PUT", "environments/pr-1", {"policy": POLICY})
    assert again["variables"] == given
    own_server.control("DELETE", "environments/pr-1")
    gone = call("GET", contacts, given["CRM_API_KEY"])
    assert gone.status_code in (401, 404)
