"""A bucket's lifecycle configuration as it is put and told."""

from __future__ import annotations

import re

from tests.mocks.s3.conftest import Caller, code

NEWER = (
    "<Rule><ID>all</ID><Filter><And><Prefix>logs/</Prefix><Tag><Key>a</Key><Value>b</Value></Tag></And></Filter>"
    "<Status>Enabled</Status><Transition><Date>2026-12-01T00:00:00Z</Date><StorageClass>GLACIER</StorageClass>"
    "</Transition></Rule>"
)
OLDER = "<Rule><Prefix>old/</Prefix><Status>Disabled</Status><Expiration><Days>3</Days></Expiration></Rule>"


def lifecycle(*rules: str) -> str:
    return f"<LifecycleConfiguration>{''.join(rules)}</LifecycleConfiguration>"


async def test_both_forms_of_rules_are_kept(s3: Caller) -> None:
    assert code(await s3("GET", "/bkt", "lifecycle")) == "404 NoSuchLifecycleConfiguration"
    made = await s3.configure("lifecycle", lifecycle(NEWER, OLDER))
    assert made.status == 200
    assert made.header("x-amz-transition-default-minimum-object-size") == "all_storage_classes_128K"
    answer = await s3("GET", "/bkt", "lifecycle")
    first, second = answer.value["Rules"]
    assert first["ID"] == "all"
    assert first["Filter"]["And"] == {"Prefix": "logs/", "Tags": [{"Key": "a", "Value": "b"}]}
    assert b"<Date>2026-12-01T00:00:00.000Z</Date>" in answer.body
    assert answer.header("x-amz-transition-default-minimum-object-size") == "all_storage_classes_128K"
    assert re.fullmatch(r"[A-Za-z0-9+/]{48}", second["ID"])
    assert {**second, "ID": ""} == {"ID": "", "Prefix": "old/", "Status": "Disabled", "Expiration": {"Days": 3}}


async def test_a_put_replaces_and_a_delete_ends(s3: Caller) -> None:
    await s3.configure("lifecycle", lifecycle(NEWER, OLDER))
    assert (await s3.configure("lifecycle", lifecycle(OLDER))).status == 200
    assert len((await s3("GET", "/bkt", "lifecycle")).value["Rules"]) == 1
    for _ in range(2):
        assert (await s3("DELETE", "/bkt", "lifecycle")).status == 204
    assert code(await s3("GET", "/bkt", "lifecycle")) == "404 NoSuchLifecycleConfiguration"


async def test_a_refused_put_leaves_what_was(s3: Caller) -> None:
    await s3.configure("lifecycle", lifecycle(OLDER))
    body = lifecycle(OLDER.replace("3", "0"))
    assert code(await s3.configure("lifecycle", body)) == "400 InvalidArgument"
    assert (await s3("GET", "/bkt", "lifecycle")).value["Rules"][0]["Expiration"] == {"Days": 3}


async def test_what_no_rule_says(s3: Caller) -> None:
    assert code(await s3("PUT", "/bkt", "lifecycle", lifecycle(OLDER).encode())) == "400 InvalidRequest"
    for body, wrong in (
        ("", "400 MissingRequestBodyError"),
        (lifecycle(), "400 MalformedXML"),
        (lifecycle(OLDER.replace("Disabled", "Off")), "400 MalformedXML"),
        (lifecycle(NEWER.replace("GLACIER", "STANDARD")), "400 MalformedXML"),
        (lifecycle(OLDER.replace("<Status>Disabled</Status>", "")), "400 MalformedXML"),
        ("<Lifecycle/>", "400 MalformedXML"),
        ("no xml", "400 MalformedXML"),
    ):
        assert code(await s3.configure("lifecycle", body)) == wrong
    for method in ("GET", "DELETE"):
        assert code(await s3(method, "/nope", "lifecycle")) == "404 NoSuchBucket"


async def test_the_smallest_object_that_moves(s3: Caller) -> None:
    name = "x_amz_transition_default_minimum_object_size"
    body = lifecycle(OLDER)
    assert (await s3.configure("lifecycle", body, **{name: "varies_by_storage_class"})).status == 200
    answer = await s3("GET", "/bkt", "lifecycle")
    assert answer.header("x-amz-transition-default-minimum-object-size") == "varies_by_storage_class"
    assert code(await s3.configure("lifecycle", body, **{name: "none"})) == "400 InvalidArgument"
