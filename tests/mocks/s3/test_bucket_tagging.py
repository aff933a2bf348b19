"""Tags of a bucket: the whole set at once, and what S3 refuses in one."""

from __future__ import annotations

import pytest

from mocks.base import ServiceError
from mocks.s3.bucket_tagging import check_tags
from tests.mocks.s3.conftest import Caller, code, told


def tagging(*pairs: tuple[str, str]) -> str:
    tags = "".join(f"<Tag><Key>{key}</Key><Value>{value}</Value></Tag>" for key, value in pairs)
    return f"<Tagging><TagSet>{tags}</TagSet></Tagging>"


async def test_the_set_is_replaced_and_deleted(s3: Caller) -> None:
    assert code(await s3("GET", "/bkt", "tagging")) == "404 NoSuchTagSet"
    assert (await s3.configure("tagging", tagging(("team", "blue"), ("stage", "")))).status == 204
    assert (await s3("GET", "/bkt", "tagging")).value["TagSet"] == [
        {"Key": "team", "Value": "blue"},
        {"Key": "stage", "Value": ""},
    ]
    assert (await s3.configure("tagging", tagging(("team", "red")))).status == 204
    assert len((await s3("GET", "/bkt", "tagging")).value["TagSet"]) == 1
    assert (await s3("DELETE", "/bkt", "tagging")).status == 204
    assert (await s3("DELETE", "/bkt", "tagging")).status == 204
    assert code(await s3("GET", "/bkt", "tagging")) == "404 NoSuchTagSet"


async def test_an_empty_set_is_none(s3: Caller) -> None:
    await s3.configure("tagging", tagging(("team", "blue")))
    assert (await s3.configure("tagging", tagging())).status == 204
    assert code(await s3("GET", "/bkt", "tagging")) == "404 NoSuchTagSet"


@pytest.mark.parametrize(
    ("pairs", "wrong"),
    [
        ([("a", "1"), ("a", "2")], "400 InvalidTag"),
        ([("k" * 129, "1")], "400 InvalidTag"),
        ([("k", "v" * 257)], "400 InvalidTag"),
        ([("k?", "v")], "400 InvalidTag"),
        ([("k", "v#")], "400 InvalidTag"),
        ([("aws:k", "v")], "400 InvalidTag"),
        ([("AWS:k", "v")], "400 InvalidTag"),
        ([(f"k{n}", "v") for n in range(51)], "400 BadRequest"),
    ],
)
async def test_a_refused_set_leaves_what_was(s3: Caller, pairs: list[tuple[str, str]], wrong: str) -> None:
    await s3.configure("tagging", tagging(("team", "blue")))
    assert code(await s3.configure("tagging", tagging(*pairs))) == wrong
    assert (await s3("GET", "/bkt", "tagging")).value["TagSet"] == [{"Key": "team", "Value": "blue"}]


async def test_fifty_tags_are_fine(s3: Caller) -> None:
    assert (await s3.configure("tagging", tagging(*((f"k{n}", "") for n in range(50))))).status == 204


async def test_the_body_must_come_with_its_digest_and_be_a_tag_set(s3: Caller) -> None:
    assert code(await s3("PUT", "/bkt", "tagging", tagging().encode())) == "400 InvalidRequest"
    assert code(await s3.configure("tagging", "<Tagging/>")) == "400 MalformedXML"
    assert code(await s3.configure("tagging", "")) == "400 MissingRequestBodyError"
    assert code(await s3.configure("tagging", tagging(), path="/nope")) == "404 NoSuchBucket"


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_bucket_with_attributes_in_control_is_tagged_elsewhere(s3: Caller, method: str) -> None:
    await s3.configure("abac", "<AbacStatus><Status>Enabled</Status></AbacStatus>")
    refused = await (s3.configure("tagging", tagging()) if method == "PUT" else s3("DELETE", "/bkt", "tagging"))
    assert code(refused) == "400 InvalidRequest"
    assert "TagResource" in told(refused)


@pytest.mark.parametrize("key", ["ü", "a b", "+-=._:/@", "日本"])
def test_letters_of_every_language_are_fine(key: str) -> None:
    check_tags([{"Key": key, "Value": key}])


def test_a_key_is_not_empty() -> None:
    with pytest.raises(ServiceError, match="InvalidTag"):
        check_tags([{"Key": "", "Value": ""}])
