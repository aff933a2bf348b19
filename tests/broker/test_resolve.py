"""Which environment and which service: by host, by path, by the credential alone, and never against each other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from broker.resolve import Address, Turned
from contracts.exchange import Form, Headers, Request
from tests.broker.tiny import Gate, pieces, tiny
from tests.clocks import HeldClock


def request(path: str = "/", host: str = "127.0.0.1:4600", key: str | None = None) -> Request:
    headers = [("authorization", f"Bearer {key}")] if key else []
    return Request(method="GET", path=path, sent_path=path, host=host, headers=Headers(headers))


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("127.0.0.1:4600", "/v1/things", None),
        ("localhost:4600", "/v1/things", None),
        ("localhost", "/", None),
        ("[::1]:4600", "/v1/things", None),
        ("", "/v1/things", None),
        ("notlocalhost", "/", None),
        ("example.com", "/e", None),
        ("127.0.0.1", "/e/pr-1/tiny/v1/things", Address("pr-1", "tiny", "/v1/things")),
        ("127.0.0.1", "/e/pr-1/tiny/v1/a/b//c/", Address("pr-1", "tiny", "/v1/a/b//c/")),
        ("127.0.0.1", "/e/pr-1/tiny/", Address("pr-1", "tiny", "/")),
        ("127.0.0.1", "/e/pr-1/tiny", Address("pr-1", "tiny", "/")),
        ("127.0.0.1", "/e/pr-1/", Address("pr-1", "", "/")),
        ("127.0.0.1", "/e/pr-1", Address("pr-1", "", "/")),
        ("127.0.0.1", "/e/", Address("", "", "/")),
        ("127.0.0.1", "/e/pr-1/tiny/%2e%2e/x", Address("pr-1", "tiny", "/%2e%2e/x")),
        ("tiny.pr-1.localhost", "/v1/things", Address("pr-1", "tiny", "/v1/things")),
        ("tiny.pr-1.localhost:4600", "/v1/things", Address("pr-1", "tiny", "/v1/things")),
        ("a.tiny.pr-1.localhost:4600", "/k", Address("pr-1", "tiny", "/k", "a")),
        ("a.b.c.tiny.pr-1.localhost", "/k", Address("pr-1", "tiny", "/k", "a.b.c")),
        ("pr-1.localhost:4600", "/v1/things", Address("pr-1", None, "/v1/things")),
        # With a dot at its end it is the same name.
        ("tiny.pr-1.localhost.", "/v1/things", Address("pr-1", "tiny", "/v1/things")),
        ("tiny.pr-1.localhost.:4600", "/v1/things", Address("pr-1", "tiny", "/v1/things")),
        ("localhost.:4600", "/v1/things", None),
        ("127.0.0.1", "/e/pr-1~a%2Fb/tiny/v1/things", Address("pr-1", "tiny", "/v1/things", scope="a/b")),
        # Below a service's host every path is the service's.
        ("tiny.pr-1.localhost", "/e/pr-2/other/x", Address("pr-1", "tiny", "/e/pr-2/other/x")),
    ],
)
async def test_what_host_and_path_say(gate: Gate, host: str, path: str, expected: Address | None) -> None:
    assert gate.resolver.address(request(path, host)) == expected


async def test_every_way_leads_to_the_same_caller(gate: Gate) -> None:
    home = await gate.open("pr-1")
    key = await gate.key(home)
    for path, host in (
        ("/e/pr-1/tiny/v1/things", "127.0.0.1:4600"),
        ("/v1/things", "tiny.pr-1.localhost:4600"),
        ("/v1/things", "pr-1.localhost"),
        ("/v1/things", "127.0.0.1:4600"),
    ):
        caller = await gate.resolver.resolve(request(path, host, key))
        assert (caller.entry.environment.uid, caller.service.name) == (home.uid, "tiny")
        assert (caller.spec, caller.secret, caller.request.path) == ("secret_key", None, "/v1/things")
        # Signatures cover the path as it was sent.
        assert caller.request.sent_path == path


async def test_a_credential_alone_finds_its_service_and_its_secret(gate: Gate) -> None:
    home = await gate.open("pr-1")
    ((access_key, secret),) = (await gate.keys(home, "signed")).values()
    for host in ("127.0.0.1", "pr-1.localhost"):
        caller = await gate.resolver.resolve(request("/v1/things", host, access_key))
        assert (caller.service.name, caller.spec, caller.secret) == ("signed", "access_key", secret)


async def test_a_host_label_is_moved_by_the_service(gate: Gate) -> None:
    home = await gate.open("pr-1")
    ((access_key, _),) = (await gate.keys(home, "signed")).values()
    caller = await gate.resolver.resolve(request("/", "photos.signed.pr-1.localhost", access_key))
    assert (caller.request.host_label, caller.request.path) == ("photos", "/v1/files/photos")


async def turned(gate: Gate, sent: Request) -> Turned:
    with pytest.raises(Turned) as found:
        await gate.resolver.resolve(sent)
    return found.value


@pytest.mark.parametrize("label", ["bucket", "my.bucket", "pr-1"])
async def test_a_host_label_may_stand_before_an_address_by_path(gate: Gate, label: str) -> None:
    """As SDKs write it that put a bucket in front of whatever host they are given."""
    home = await gate.open("pr-1")
    ((key, _),) = (await gate.keys(home, "signed")).values()
    sent = request("/e/pr-1/signed/", f"{label}.localhost:4600", key)
    caller = await gate.resolver.resolve(sent)
    assert (caller.entry.environment.name, caller.service.name) == ("pr-1", "signed")
    assert (caller.request.host_label, caller.request.path) == (label, f"/v1/files/{label}")


@pytest.mark.parametrize(
    ("host", "label"),
    [
        ("photos.localhost:4600", "photos"),
        ("my.photos.localhost", "my.photos"),
        ("photos.pr-1.localhost", "photos"),
        ("my.photos.pr-1.localhost.", "my.photos"),
    ],
)
async def test_a_label_in_front_of_a_name_alone(gate: Gate, host: str, label: str) -> None:
    """As SDKs write it whose address has no path: the key tells whose it is."""
    home = await gate.open("pr-1")
    ((key, _),) = (await gate.keys(home, "signed")).values()
    caller = await gate.resolver.resolve(request("/", host, key))
    assert (caller.entry.environment.name, caller.service.name) == ("pr-1", "signed")
    assert (caller.request.host_label, caller.request.path) == (label, f"/v1/files/{label}")


async def test_a_label_is_none_of_a_service_without_labels(gate: Gate) -> None:
    home = await gate.open("pr-1")
    for host, reason in (("photos.localhost", "unknown_environment"), ("photos.pr-1.localhost", "unknown_operation")):
        for key in (await gate.key(home), None):
            assert (await turned(gate, request("/v1/things", host, key))).refusal.reason == reason


async def test_a_label_that_is_another_environment_is_no_label(gate: Gate) -> None:
    home, _ = await gate.open("pr-1"), await gate.open("pr-2")
    ((key, _),) = (await gate.keys(home, "signed")).values()
    found = await turned(gate, request("/e/pr-1/signed/k", "pr-2.localhost:4600", key))
    assert found.refusal.reason == "foreign_credential"


async def test_address_and_credential_must_agree(gate: Gate) -> None:
    first, second = await gate.open("pr-1"), await gate.open("pr-2")
    key = await gate.key(second)
    ((access_key, _),) = (await gate.keys(first, "signed")).values()
    for sent in (
        request("/e/pr-1/tiny/v1/things", key=key),
        request("/v1/things", "tiny.pr-1.localhost", key),
        request("/v1/things", "pr-1.localhost", key),
        request("/e/pr-1/tiny/v1/things", key=access_key),  # another service's
        request("/v1/things", "tiny.pr-1.localhost", access_key),
    ):
        refused = await turned(gate, sent)
        assert refused.refusal.reason == "foreign_credential"
        assert refused.entry is not None
        assert refused.entry.environment.uid == first.uid
        assert refused.owner is not None
        assert refused.service is not None


async def test_what_signs_webhooks_lets_nobody_in(gate: Gate) -> None:
    home = await gate.open("pr-1")
    secret = (await gate.keys(home))["webhook_secret"][0]
    refused = await turned(gate, request("/e/pr-1/tiny/v1/things", key=secret))
    assert (refused.refusal.reason, refused.owner) == ("unknown_credential", None)


async def test_a_live_key_is_known_by_its_shape_at_every_address(gate: Gate) -> None:
    await gate.open("pr-1")
    for path, host in (
        ("/v1/things", "x"),
        ("/e/pr-1/tiny/v1", "x"),
        ("/v1", "tiny.pr-1.localhost"),
        ("/", "pr-1.localhost"),
    ):
        refused = await turned(gate, request(path, host, "tk_live_abcdefghijkl"))
        assert refused.refusal.reason == "live_credential"
        assert refused.service is not None


@pytest.mark.parametrize("name", ["pr-9", "PR-1", "pr_1", "..", "%70r-1", "-pr", "pr-", "a" * 64, "", "pr-1\x00", "é"])
async def test_a_name_that_is_none_is_unknown_and_repeated_only_when_it_could_be_one(gate: Gate, name: str) -> None:
    home = await gate.open("pr-1")
    refused = await turned(gate, request(f"/e/{name}/tiny/v1/things", key=await gate.key(home)))
    assert refused.refusal.reason == "unknown_environment"
    assert refused.entry is None
    assert refused.name == ("pr-9" if name == "pr-9" else None)
    assert ("pr-9" in refused.refusal.message) == (name == "pr-9")


async def test_a_key_in_the_place_of_a_name_is_not_repeated(gate: Gate) -> None:
    await gate.open("pr-1")
    for path in ("/e/tk_live_abcdefghijkl/tiny/v1", "/e/pr-1/tk_live_abcdefghijkl/v1", "/e/tk_live_abcdefghijkl/x/v1"):
        refused = await turned(gate, request(path))
        assert "abcdefghijkl" not in f"{refused} {refused.refusal.message} {refused.name}"


async def test_no_credential(gate: Gate) -> None:
    home = await gate.open("pr-1")
    alone = await turned(gate, request("/v1/things"))
    assert (alone.refusal.reason, alone.service, alone.entry) == ("no_credential", None, None)
    below = await turned(gate, request("/v1/things", "pr-1.localhost"))
    assert below.entry is not None
    assert below.entry.environment.uid == home.uid
    named = await turned(gate, request("/e/pr-1/tiny/v1/things"))
    assert (named.refusal.reason, named.service) == ("no_credential", gate.services["tiny"])


async def test_an_unfamiliar_key_at_the_root_is_the_first_services_to_refuse(gate: Gate) -> None:
    refused = await turned(gate, request("/v1/things", key="whatever-this-is"))
    assert refused.refusal.reason == "unknown_credential"
    assert refused.service is gate.services["tiny"]


@pytest.mark.parametrize("status", ["closing", "closed"])
async def test_a_closed_environment_is_told_by_address_and_by_key(gate: Gate, status: str) -> None:
    home, other = await gate.open("pr-1"), await gate.open("pr-2")
    key = await gate.key(home)
    await gate.close_environment(home, status)
    for path, sent_key in (
        ("/v1/things", key),
        ("/e/pr-1/tiny/v1", key),
        ("/e/pr-1/tiny/v1", await gate.key(other)),
    ):
        refused = await turned(gate, request(path, key=sent_key))
        assert refused.refusal.reason == "closed_environment"
        assert refused.entry is not None
        assert refused.entry.environment.uid == home.uid
    unknown = await turned(gate, request("/e/pr-1/tiny/v1", key="tk_test_unknown"))
    assert unknown.refusal.reason == "unknown_credential"


def test_a_services_host_is_known_as_such(gate: Gate) -> None:
    assert gate.resolver.is_service("tiny.pr-1.localhost:4600")
    assert gate.resolver.is_service("a.tiny.pr-1.localhost")
    # A public name may have labels of its own, and the control API has to stay in reach there.
    for host in ("pr-1.localhost", "localhost:4600", "broker.preview.localhost", "127.0.0.1:4600", ""):
        assert not gate.resolver.is_service(host)


async def unfolded(request: Request) -> Request:
    """The key is in the body, before the rest of it."""
    assert request.stream is not None
    first = await anext(request.stream)
    if first == b"broken":
        return replace(request, form=Form([], None, ValueError("no form")))
    return replace(request, headers=Headers([("authorization", f"Bearer {first.decode()}")]), form=Form([], "a.txt"))


@pytest.fixture
async def unfolding(tmp_path: Path) -> AsyncIterator[Gate]:
    gate = Gate(tmp_path, HeldClock(), services=[tiny(unfold=unfolded, endpoints=frozenset({"tiny-site"}))])
    yield gate
    await gate.close()


async def test_a_form_may_say_whose_it_is_where_the_address_names_the_environment(unfolding: Gate) -> None:
    home = await unfolding.open("pr-1")
    other = await unfolding.key(await unfolding.open("pr-2"))
    key = await unfolding.key(home)
    posted = [request("/e/pr-1/tiny/v1/things"), request("/v1/things", "tiny.pr-1.localhost")]
    for each in posted:
        each.stream = pieces(key.encode() + b"rest", len(key))
        caller = await unfolding.resolver.resolve(each)
        assert (caller.entry.environment.uid, caller.spec) == (home.uid, "secret_key")
        assert caller.request.form == Form([], "a.txt")
        assert caller.request.stream is not None
        assert await anext(caller.request.stream) == b"rest"
    for body, reason in ((b"broken", "no_credential"), (other.encode(), "foreign_credential")):
        wrong = request("/e/pr-1/tiny/v1/things")
        wrong.stream = pieces(body)
        with pytest.raises(Turned) as turned:
            await unfolding.resolver.resolve(wrong)
        assert turned.value.refusal.reason == reason
    nowhere = request("/v1/things")
    nowhere.stream = pieces(key.encode())
    with pytest.raises(Turned):
        await unfolding.resolver.resolve(nowhere)


async def test_another_endpoint_of_a_service_has_a_label_of_its_own(unfolding: Gate) -> None:
    key = await unfolding.key(await unfolding.open("pr-1"))
    for host, path in (("tiny-site.pr-1.localhost", "/x"), ("127.0.0.1", "/e/pr-1/tiny-site/x")):
        caller = await unfolding.resolver.resolve(request(path, host, key))
        assert (caller.service.name, caller.request.endpoint, caller.request.path) == ("tiny", "tiny-site", "/x")
    assert unfolding.resolver.is_service("a.tiny-site.pr-1.localhost")
    assert (await unfolding.resolver.resolve(request("/e/pr-1/tiny/x", key=key))).request.endpoint == ""
