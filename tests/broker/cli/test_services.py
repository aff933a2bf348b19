"""``broker services``: documents go up whole, with the files beside them."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from broker.cli import codes
from broker.documents import Documents
from tests.broker.cli.conftest import Shell
from tests.mocks.generic.crm import DOCUMENT


@pytest.fixture
def stored(shell: Shell) -> Documents:
    own = shell.bench.environments.own_services
    assert own is not None
    return own.documents


def write(path: Path, document: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document))
    return path


def test_a_document_is_added_with_what_is_beside_it(shell: Shell, stored: Documents, tmp_path: Path) -> None:
    document = deepcopy(DOCUMENT)
    contact = document["components"]["schemas"].pop("Contact")
    document["components"]["schemas"]["Contact"] = {"$ref": "schemas/contact.yaml"}
    write(tmp_path / "api" / "schemas" / "contact.yaml", contact)
    file = write(tmp_path / "api" / "crm.yaml", document)
    added = shell("services", "add", "crm", "--document", str(file))
    assert added.code == codes.OK, added.err
    assert "CRM 2: 11 operations." in added.out
    assert "Kept: contact, contact.note." in added.out
    assert "services: {crm: {contract: crm}}" in added.out
    assert shell("services", "add", "crm", "--document", str(file), "--json").json["name"] == "crm"
    listed = shell("services", "list")
    assert [line.split()[:2] for line in listed.out.splitlines()[1:]] == [
        ["alpha", "this"],
        ["beta", "this"],
        ["crm", "document"],
    ]
    assert [one["name"] for one in shell("services", "list", "--json").json["documents"]] == ["crm"]
    assert shell("services", "remove", "crm").out == "Removed crm.\n"
    assert stored.uploaded() == []
    assert shell("services", "remove", "crm", "--json").code != codes.OK


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"openapi": "3.0.0", "paths": {"/a": {"$ref": "../secret.yaml"}}}, "leads out of the folder of documents"),
        ({"openapi": "3.0.0", "paths": {"/a": {"$ref": "https://a.example/b"}}}, "leads to another address"),
        ({"openapi": "3.0.0", "paths": {"/a": {"$ref": "link.yaml"}}}, "leads to a file that is not there"),
        ({"swagger": "2.0"}, "Swagger 2.0"),
    ],
)
def test_what_cannot_be_read_stays_here(
    shell: Shell, stored: Documents, tmp_path: Path, document: Any, words: str
) -> None:
    write(tmp_path / "secret.yaml", {"get": {}})
    file = write(tmp_path / "api" / "crm.yaml", document)
    (tmp_path / "api" / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    refused = shell("services", "add", "crm", "--document", str(file))
    assert (refused.code, stored.uploaded()) == (codes.FAILED, [])
    assert words in refused.err


def test_a_file_that_is_not_there(shell: Shell, stored: Documents) -> None:
    refused = shell("services", "add", "crm", "--document", "none.yaml")
    assert refused.code == codes.USAGE
    assert "none.yaml cannot be read" in refused.err


def test_notes_are_shown_in_part(shell: Shell, stored: Documents, tmp_path: Path) -> None:
    paths = {f"no-slash-{number}": {"get": {"responses": {}}} for number in range(12)}
    file = write(tmp_path / "crm.yaml", {**DOCUMENT, "paths": {**paths, "/a": {"get": {"responses": {}}}}})
    added = shell("services", "add", "crm", "--document", str(file))
    assert added.out.count("is no path that can be called") == 10
    assert "and 2 more; --json shows all." in added.out
    assert "Nothing is kept." in added.out
