"""``broker contracts pull|versions|promote|remove``, from files and from an address of this machine."""

from __future__ import annotations

import copy
import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from broker.cli import contract_sources
from broker.cli.client import Failure
from contracts import library
from contracts.compile import newest
from contracts.compile.newest import Newest
from tests.broker.cli.conftest import Shell
from tests.contracts.diff.documents import body, document

SERVICE = library.installed()[1].name


def text(version: str, *, changed: bool = False) -> str:
    made = copy.deepcopy(document())
    made["info"]["version"] = version
    if changed:
        body(made)["properties"].pop("age")
    return json.dumps(made)


@pytest.fixture(autouse=True)
def folder(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_CONTRACTS", str(shell.folder / "versions"))


def test_pull_promote_compare_remove(shell: Shell) -> None:
    shell.write("old.json", text("1"))
    shell.write("new.json", text("2", changed=True))
    pulled = shell("contracts", "pull", SERVICE, "--from", "old.json", "--promote", "--json")
    assert pulled.code == 0, pulled.err
    assert (pulled.json["version"], pulled.json["new"], pulled.json["origin"]) == ("1", True, "old.json")
    assert pulled.json["before"] == library.installed()[1].version
    second = shell("contracts", "pull", SERVICE, "--from", "new.json", "--as", "next", "--fail-on", "breaking")
    assert second.code == 1
    assert "Against 1: 1 breaking" in second.out
    assert f"{SERVICE}@next" in second.out
    assert "was here already" in shell("contracts", "pull", SERVICE, "--from", "new.json").out
    listed = {one["version"]: one["promoted"] for one in shell("contracts", "versions", SERVICE, "--json").json}
    assert listed == {library.installed()[1].version: False, "1": True, "next": False}
    compared = shell("contracts", "diff", f"{SERVICE}@1", f"{SERVICE}@2", "--format", "json")
    assert compared.json["counts"]["breaking"] == 1
    assert shell("contracts", "remove", SERVICE, "1").code == 2
    assert "next" in shell("contracts", "promote", SERVICE, "2").out
    assert shell("contracts", "remove", SERVICE, "1").code == 0
    assert "next" in shell("contracts", "versions").out
    assert shell("contracts", "promote", SERVICE, library.installed()[1].version, "--json").json["installed"]


def test_what_cannot_be_done_is_said(shell: Shell) -> None:
    shell.write("bad.json", json.dumps({"openapi": "3.0.0", "paths": {"/x": {"get": {"$ref": "#/nowhere"}}}}))
    shell.write("old.json", text("1"))
    for arguments, code, words in (
        (("pull", SERVICE, "--from", "nowhere.json"), 2, "cannot be read"),
        (("pull", SERVICE, "--from", "bad.json"), 1, "bad.json"),
        (("pull", SERVICE, "--from", "old.json", "--as", "../x"), 2, "cannot name"),
        (("pull", SERVICE, "--from", "http://example.com/x.json"), 2, "not https"),
        (("pull", SERVICE, "--from", "requests==1.0"), 2, "no source"),
        (("pull", "nothing", "--from", "old.json"), 4, "no contract"),
        (("versions", "nothing"), 4, "no contract"),
        (("promote", SERVICE, "0.0.1"), 4, "Pull one"),
        (("diff", f"{SERVICE}@0.0.1", SERVICE), 4, "Pull one"),
    ):
        ran = shell("contracts", *arguments)
        assert (ran.code, words in ran.err) == (code, True), (arguments, ran.err)
    assert not list(shell.folder.glob(f"versions/{SERVICE}/*"))


def test_a_release_of_another_service_is_refused(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str | None]] = []

    def release(package: str, version: str | None) -> Any:
        asked.append((package, version))
        from contracts.compile import compile_content

        return compile_content("billing", text("3").encode(), contract_sources.today(), origin="x", command="x")

    monkeypatch.setattr(contract_sources, "release", release)
    monkeypatch.setattr(newest, "NEWEST", {SERVICE: Newest(package="thing")})
    assert "is the source of billing" in shell("contracts", "pull", SERVICE, "--from", "thing==3").err
    assert shell("contracts", "pull", SERVICE, "--from", "thing").code == 2
    assert shell("contracts", "pull", SERVICE).code == 2
    assert asked == [("thing", "3"), ("thing", None), ("thing", None)]


class Published(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = {"/openapi.json": text("7"), "/large": "x" * 2000}.get(self.path.partition("?")[0])
        self.send_response(302 if self.path == "/away" else 200 if found else 404)
        if self.path == "/away":
            self.send_header("location", "http://example.com/openapi.json")
        self.end_headers()
        self.wfile.write((found or "").encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def published() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Published)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_address(shell: Shell, published: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        newest, "NEWEST", {SERVICE: Newest(url=f"{published}/openapi.json?token=secret", licence="MIT")}
    )
    pulled = shell("contracts", "pull", SERVICE, "--json").json
    assert (pulled["version"], pulled["licence"], pulled["origin"]) == ("7", "MIT", f"{published}/openapi.json")
    assert "404" in shell("contracts", "pull", SERVICE, "--from", f"{published}/nothing").err
    assert "not https" in shell("contracts", "pull", SERVICE, "--from", f"{published}/away").err
    monkeypatch.setattr(contract_sources, "_DOCUMENT_BYTES", 1000)
    with pytest.raises(Failure, match="larger"):
        contract_sources.document(f"{published}/large")
    with pytest.raises(Failure, match="cannot be fetched"):
        contract_sources.document("http://127.0.0.1:1/x")
