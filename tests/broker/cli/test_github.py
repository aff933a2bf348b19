"""``broker github reconcile``: closes what GitHub says is closed, and nothing on doubt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
import respx

from broker.cli import codes
from tests.broker.cli.conftest import Shell

API = "https://api.github.com"
REPO = "/repos/acme/shop"


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[respx.MockRouter]:
    """GitHub with the repository acme/shop; a request that no test expects fails it."""
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_token_of_the_tests")
    with respx.mock(base_url=API, assert_all_called=False) as router:
        router.get(REPO).respond(json={"full_name": "acme/shop"})
        yield router


def pull(router: respx.MockRouter, number: int, state: str | None) -> respx.Route:
    route = router.get(f"{REPO}/pulls/{number}")
    return route.respond(404) if state is None else route.respond(json={"number": number, "state": state})


def statuses(shell: Shell) -> Mapping[str, str]:
    return {one["name"]: one["status"] for one in shell("env", "list", "--json").json}


def test_what_is_closed_or_gone_is_closed(shell: Shell, github: respx.MockRouter) -> None:
    for name in ("pr-1", "pr-2", "pr-3", "staging", "pr-03"):
        shell("env", "open", name)
    asked = pull(github, 1, "open")
    pull(github, 2, "closed")
    pull(github, 3, None)
    tried = shell("github", "reconcile", "--repo", "acme/shop", "--dry-run", "--json")
    assert (tried.code, set(statuses(shell).values())) == (0, {"open"})
    assert [one["outcome"] for one in tried.json] == ["kept", "would close", "would close"]
    ran = shell("github", "reconcile", "--repo", "acme/shop")
    assert ran.code == 0, ran.err
    assert [line.split() for line in ran.out.splitlines()[1:]] == [
        ["pr-1", "#1", "open", "kept"],
        ["pr-2", "#2", "closed", "closed"],
        ["pr-3", "#3", "gone", "closed"],
    ]
    assert statuses(shell) == {"pr-1": "open", "pr-2": "closed", "pr-3": "closed", "staging": "open", "pr-03": "open"}
    assert asked.calls.last.request.headers["authorization"] == "Bearer ghs_token_of_the_tests"
    assert "No open environment" not in ran.out


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        ({"status_code": 401}, codes.UNAUTHORISED, "not accepted"),
        ({"status_code": 403}, codes.FAILED, "may not read this"),
        ({"status_code": 403, "headers": {"x-ratelimit-remaining": "0"}}, codes.FAILED, "rate limit is used up"),
        ({"status_code": 429}, codes.FAILED, "rate limit is used up"),
        ({"status_code": 500}, codes.FAILED, "says nothing"),
        ({"status_code": 301, "headers": {"location": f"{API}/repositories/1"}}, codes.FAILED, "has moved"),
        ({"status_code": 200, "text": "<html>"}, codes.FAILED, "says nothing"),
        ({"status_code": 200, "json": []}, codes.FAILED, "says nothing"),
        ({"status_code": 200, "json": {"number": 1, "state": "closed"}}, codes.FAILED, "says nothing"),
        ({"status_code": 200, "json": {"number": 2, "state": "merged"}}, codes.FAILED, "says nothing"),
    ],
)
def test_on_doubt_nothing_is_closed(
    shell: Shell, github: respx.MockRouter, answer: dict[str, Any], code: int, says: str
) -> None:
    for name in ("pr-1", "pr-2"):
        shell("env", "open", name)
    pull(github, 1, "closed")
    github.get(f"{REPO}/pulls/2").respond(**answer)
    ran = shell("github", "reconcile", "--repo", "acme/shop")
    assert (ran.code, says in ran.err, "Nothing was closed." in ran.err) == (code, True, True), ran.err
    assert set(statuses(shell).values()) == {"open"}
    assert "ghs_token" not in ran.out + ran.err


def test_a_repository_that_the_token_may_not_see(shell: Shell, github: respx.MockRouter) -> None:
    """GitHub answers 404 for everything in it: believed, that would close every environment."""
    shell("env", "open", "pr-1")
    github.get(REPO).respond(404)
    asked = pull(github, 1, None)
    ran = shell("github", "reconcile", "--repo", "acme/shop")
    assert (ran.code, "no such repository for this token" in ran.err, asked.called) == (codes.FAILED, True, False)
    assert statuses(shell) == {"pr-1": "open"}


def test_no_answer_closes_nothing(shell: Shell, github: respx.MockRouter) -> None:
    shell("env", "open", "pr-1")
    github.get(f"{REPO}/pulls/1").mock(side_effect=httpx.ConnectTimeout("too slow"))
    ran = shell("github", "reconcile", "--repo", "acme/shop")
    assert (ran.code, "too slow" in ran.err) == (codes.UNREACHABLE, True)
    assert statuses(shell) == {"pr-1": "open"}


def test_templates_and_an_enterprise_server(
    shell: Shell, github: respx.MockRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("shop-7", "other-7", "pr-7"):
        shell("env", "open", name)
    for base in ("https://ghe.test/api/v3", API):
        github.get(f"{base}{REPO}").respond(json={})
        github.get(f"{base}{REPO}/pulls/7").respond(json={"number": 7, "state": "closed"})
    options = ("--repo", "acme/shop", "--name-template", "{repo}-{number}", "--dry-run", "--json")
    there = shell("github", "reconcile", *options, "--api", "https://ghe.test/api/v3/")
    assert [one["environment"] for one in there.json] == ["shop-7"]
    monkeypatch.setenv("BROKER_GITHUB_ENVIRONMENT", "other-{number}")
    here = shell("github", "reconcile", "--repo", "acme/shop", "--dry-run", "--json")
    assert [one["environment"] for one in here.json] == ["other-7"]
    nothing = shell("github", "reconcile", "--repo", "acme/shop", "--name-template", "x-{number}")
    assert (nothing.code, nothing.out) == (0, "No open environment is named like x-{number}.\n")


def test_a_teardown_that_takes_long(shell: Shell, github: respx.MockRouter) -> None:
    shell("env", "open", "pr-1")
    shell.bench.work.slow = True
    pull(github, 1, "closed")
    ran = shell("github", "reconcile", "--repo", "acme/shop")
    assert (ran.code, "closing" in ran.out) == (codes.FAILED, True)
    assert "1 of 1 environments are not closed yet" in ran.err


def test_what_cannot_be_used(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shell("github", "reconcile", "--repo", "acme/shop").code == codes.USAGE, "no token"
    monkeypatch.setenv("GITHUB_TOKEN", "t")
    for options in (
        ("--repo", "shop"),
        ("--repo", "acme/shop/../x"),
        ("--repo", "acme/shop", "--name-template", "pr"),
        ("--repo", "acme/shop", "--api", "http://[::1"),
    ):
        assert shell("github", "reconcile", *options).code == codes.USAGE, options
    monkeypatch.setenv("GITHUB_TOKEN", "tökén")
    ran = shell("github", "reconcile", "--repo", "acme/shop")
    assert (ran.code, "tökén" in ran.err) == (codes.USAGE, False)
