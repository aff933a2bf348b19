"""The stand-in's buckets: pages out of numbers, and nothing is deleted that is not next."""

from __future__ import annotations

from lxml import etree

from bench.buckets import Answered, Buckets

_VERSIONS = "versions&max-keys=1000&encoding-type=url"


def made(size: int) -> Buckets:
    buckets = Buckets()
    buckets.size = size
    assert said(buckets, "PUT", "/one").status == 200
    return buckets


def said(buckets: Buckets, method: str, path: str, query: str = "", body: bytes = b"") -> Answered:
    answered = buckets.answer(method, path, query, body)
    assert answered is not None
    return answered


def keys(page: Answered) -> list[str]:
    return [key.text or "" for key in etree.fromstring(page.body).iterfind("{*}Version/{*}Key")]


def deletion(names: list[str]) -> bytes:
    return ("<Delete>" + "".join(f"<Object><Key>{name}</Key></Object>" for name in names) + "</Delete>").encode()


def test_pages_follow_each_other_to_the_end() -> None:
    buckets = made(2500)
    found: list[str] = []
    marker = ""
    sizes = []
    while True:
        page = said(buckets, "GET", "/one", _VERSIONS + marker)
        found += keys(page)
        sizes.append(len(keys(page)))
        root = etree.fromstring(page.body)
        if root.findtext("{*}IsTruncated") != "true":
            break
        marker = f"&key-marker={root.findtext('{*}NextKeyMarker')}"
    assert sizes == [1000, 1000, 500]
    assert len(set(found)) == 2500
    assert found == sorted(found)


def test_a_bucket_goes_when_its_keys_are_gone() -> None:
    buckets = made(3)
    assert said(buckets, "DELETE", "/one").status == 409
    names = keys(said(buckets, "GET", "/one", _VERSIONS))
    assert said(buckets, "POST", "/one", "delete", deletion(names)).status == 200
    assert buckets.keys == 0
    assert said(buckets, "DELETE", "/one").status == 204
    assert len(buckets) == 0
    assert said(buckets, "GET", "/one", _VERSIONS).status == 404


def test_only_the_next_keys_are_deleted() -> None:
    buckets = made(3)
    names = keys(said(buckets, "GET", "/one", _VERSIONS))
    assert said(buckets, "POST", "/one", "delete", deletion(names[1:])).status == 400
    assert (
        said(buckets, "POST", "/one", "delete", deletion([*names, "exports/2026/customer-000000009.json"])).status
        == 400
    )
    assert buckets.keys == 3


def test_buckets_are_listed_by_prefix_and_objects_are_not_its_business() -> None:
    buckets = made(0)
    assert b"<Name>one</Name>" in said(buckets, "GET", "/", "prefix=on").body
    assert b"<Name>" not in said(buckets, "GET", "/", "prefix=two").body
    assert buckets.answer("GET", "/one/1024", "", b"") is None
