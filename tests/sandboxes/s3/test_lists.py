"""The account's buckets, as an environment and as a sweep see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from contracts.exchange import Request, Response
from sandboxes.base import CUT, Marker, Refused
from sandboxes.s3.lists import find, narrow, read_page
from sandboxes.s3.naming import real_name
from tests.sandboxes.s3.calls import LABEL, MARKER, NOW, OTHER, Script, call, failure, pieces, reply

LONG = "a-name-of-a-bucket-that-is-too-long-to-carry-a-label-as-well"


def page(names: Sequence[str], token: str = "") -> Response:
    buckets = "".join(
        f"<Bucket><Name>{name}</Name><CreationDate>2026-11-01T10:00:00.000Z</CreationDate></Bucket>" for name in names
    )
    more = f"<ContinuationToken>{token}</ContinuationToken>" if token else ""
    owner = "<Owner><ID>abc</ID><DisplayName>me</DisplayName></Owner>"
    root = "ListAllMyBucketsResult"
    return reply(
        f'<{root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{owner}<Buckets>{buckets}</Buckets>{more}</{root}>',
        headers=[("x-amz-request-id", "R1")],
    )


def account(names: Sequence[str], size: int, *, modern: bool = True) -> Script:
    """Answers pages of ``size``; one that is not modern knows neither pages nor prefixes."""

    def answer(request: Request) -> Response:
        asked = {name: values[0] for name, values in parse_qs(request.query).items()}
        if not modern:
            return page(names)
        matching = [name for name in sorted(names) if name.startswith(asked.get("prefix", ""))]
        start = int(asked.get("continuation-token", 0))
        end = start + size
        return page(matching[start:end], str(end) if end < len(matching) else "")

    return Script(answer)


OWN = {real_name(MARKER, name): name for name in ("invoices", "archive", LONG)}
THEIRS = [real_name(OTHER, "invoices"), "by-hand"]


async def visible(ids: Sequence[str]) -> dict[str, str | None]:
    return {key: OWN[key] for key in ids if key in OWN}


async def shared(ids: Sequence[str]) -> dict[str, str | None]:
    return {key: OWN.get(key) for key in ids if key in OWN or key == "by-hand"}


def names(response: Response) -> list[str]:
    return [bucket.name for bucket in read_page(response).buckets]


@pytest.mark.parametrize("modern", [True, False])
@pytest.mark.parametrize("size", [1, 2, 1000])
async def test_an_environment_sees_its_own_by_their_names(size: int, modern: bool) -> None:
    send = account([*OWN, *THEIRS], size, modern=modern)
    response = await narrow(call("GET", "/"), send, visible)
    assert names(response) == sorted(OWN.values())
    assert read_page(response).owner == {"ID": "abc", "DisplayName": "me"}
    assert response.header("x-amz-request-id") == "R1"
    assert CUT not in response.headers
    assert [name for name, _ in response.headers].count("content-type") == 1
    assert response.header("content-length") in (None, str(len(response.body)))


async def test_what_is_shared_is_seen_under_its_own_name() -> None:
    foreign = "pb-other1-zzzzzzzzz1-x"

    async def all_of_them(ids: Sequence[str]) -> dict[str, str | None]:
        return {key: OWN.get(key) for key in ids}

    response = await narrow(call("GET", "/"), account([*OWN, "by-hand", foreign], 10), all_of_them)
    assert names(response) == sorted([*OWN.values(), "by-hand", foreign])
    hidden = await narrow(call("GET", "/"), account([f"{LABEL}invoices", "invoices"], 10), all_of_them)
    assert names(hidden) == ["invoices"]


async def test_a_name_that_the_ledger_does_not_tell_is_read_from_the_real_one() -> None:
    async def nameless(ids: Sequence[str]) -> dict[str, str | None]:
        return dict.fromkeys(ids, "")

    assert names(await narrow(call("GET", "/"), account([f"{LABEL}a"], 10), nameless)) == ["a"]


async def walk(query: str) -> list[list[str]]:
    found = []
    token = ""
    while True:
        asked = call("GET", "/", "&".join(filter(None, [query, token and f"continuation-token={token}"])))
        response = await narrow(asked, account([*OWN, *THEIRS], 2), shared)
        found.append(names(response))
        token = read_page(response).token
        if not token:
            return found


async def test_pages_are_the_environments_own() -> None:
    everything = sorted([*OWN.values(), "by-hand"])
    assert await walk("max-buckets=3") == [everything[:3], everything[3:]]
    assert await walk("max-buckets=1") == [[name] for name in everything]
    assert await walk("max-buckets=4") == [everything]


async def test_a_prefix_is_of_the_names_that_the_application_knows() -> None:
    assert await walk("prefix=inv") == [["invoices"]]
    assert await walk(f"prefix={LABEL}") == [[]]
    response = await narrow(call("GET", "/", "prefix=inv"), account(list(OWN), 9), visible)
    assert b"<Prefix>inv</Prefix>" in response.body


async def test_a_token_that_is_none() -> None:
    response = await narrow(call("GET", "/", "continuation-token=%C3%BC"), account([], 1), visible)
    assert response.status == 400
    assert b"InvalidArgument" in response.body


async def test_a_region_is_asked_for() -> None:
    send = account(list(OWN), 9)
    await narrow(call("GET", "/", "bucket-region=eu-west-1"), send, visible)
    assert "bucket-region=eu-west-1" in send.asked[0].query


async def test_a_list_is_cut_after_many_pages() -> None:
    many = [f"by-hand-{number:03}" for number in range(50)]
    send = account([*many, *OWN], 1)
    response = await narrow(call("GET", "/"), send, visible)
    assert len(send.asked) == 20
    assert CUT in response.headers


async def test_an_error_is_the_answer() -> None:
    send = Script(lambda _: failure("AccessDenied", status=403))
    assert (await narrow(call("GET", "/"), send, visible)).status == 403


async def test_a_long_page_that_comes_as_a_stream() -> None:
    whole = page(list(OWN))
    send = Script(lambda _: Response(200, whole.headers, stream=pieces(whole.body[:100], whole.body[100:])))
    assert names(await narrow(call("GET", "/"), send, visible)) == sorted(OWN.values())


@pytest.mark.parametrize("modern", [True, False])
async def test_what_carries_the_marker_is_found(modern: bool) -> None:
    send = account([*OWN, *THEIRS, "pb-k3x9qa-x", "pb-other1-8f3kd02ma1-x"], 2, modern=modern)
    found = [each async for each in find(MARKER, NOW, send)]
    assert {(each.resource.id, each.owner) for each in found} == {(name, "8f3kd02ma1") for name in OWN}
    assert {each.resource.alias for each in found} == {"invoices", "archive", ""}
    assert {each.created_at for each in found} == {datetime(2026, 11, 1, 10, tzinfo=UTC)}
    everybody = [each async for each in find(Marker("k3x9qa"), NOW, send)]
    assert {each.owner for each in everybody} == {"8f3kd02ma1", "zzzzzzzzz1"}


async def test_buckets_that_cannot_be_listed() -> None:
    with pytest.raises(Refused, match="AccessDenied"):
        [each async for each in find(MARKER, NOW, Script(lambda _: failure("AccessDenied", status=403)))]


@pytest.mark.parametrize("body", [b"<html><body/></html>", b"<Error><Code>SlowDown</Code></Error>", b"<html>", b""])
async def test_a_page_that_is_no_list_does_not_say_that_nothing_is_left(body: bytes) -> None:
    async def send(request: Request) -> Response:
        return Response(200, [], body)

    with pytest.raises(Refused, match=r"no list|cannot be read"):
        [each async for each in find(MARKER, NOW, send)]
    with pytest.raises(Refused, match=r"no list|cannot be read"):
        await narrow(call("GET", "/"), send, visible)


def test_a_date_that_is_none() -> None:
    told = reply(
        "<ListAllMyBucketsResult><Buckets><Bucket><Name>a</Name><CreationDate>soon</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>"
    )
    assert read_page(told).buckets[0].created_at is None
