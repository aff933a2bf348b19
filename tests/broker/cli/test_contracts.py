"""``broker contracts`` works on what is installed, without a server."""

from __future__ import annotations

import json

from contracts import library
from tests.broker.cli.conftest import Shell

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Billing", "version": "7", "license": {"name": "MIT"}},
    "paths": {
        "/bills": {
            "get": {
                "operationId": "listBills",
                "responses": {
                    "200": {"description": "ok", "content": {"application/json": {"schema": {"type": "object"}}}}
                },
            }
        }
    },
}


def test_list_and_show(shell: Shell) -> None:
    name = library.installed()[0].name
    listed = shell("contracts", "list", "--json").json
    assert [one["service"] for one in listed] == [entry.name for entry in library.installed()]
    assert all(one["operations"] > 0 for one in listed)
    assert name in shell("contracts", "list").out
    shown = shell("contracts", "show", name, "--json").json
    first = shown["operations"][0]
    assert shell("contracts", "show", name, first["id"], "--json").json == first
    assert first["path"] in shell("contracts", "show", name, first["id"]).out
    assert first["id"] in shell("contracts", "show", name).out
    slip = shell("contracts", "show", name, first["id"][:-1])
    assert (slip.code, first["id"] in slip.err) == (4, True)
    assert shell("contracts", "show", "nowhere").code == 4


def test_compile(shell: Shell) -> None:
    shell.write("billing.json", json.dumps(DOCUMENT))
    ran = shell("contracts", "compile", "billing", "--document", "billing.json", "--out", "lib", "--json")
    assert ran.code == 0, ran.err
    assert "lib/billing/source.toml" in ran.json["files"]
    compiled = library.open_folder(shell.folder / "lib" / "billing")
    assert list(compiled.operations()) == ["listBills"]
    assert shell("contracts", "compile", "billing", "--document", "nowhere.json").code == 1
    assert shell("contracts", "compile", "../x", "--document", "billing.json").code == 2
    shell.write("bad.json", "{")
    assert shell("contracts", "compile", "bad", "--document", "bad.json").code == 1
