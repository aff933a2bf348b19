"""Configurations of which a bucket may have many: by id, in pages, and each with rules of its own."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.base import ServiceError
from mocks.s3.reports import check_analytics, check_inventory, check_metrics, check_tiering
from tests.mocks.s3.conftest import Caller, code

ARN = "arn:aws:s3:::reports"
INSIDE: dict[str, tuple[str, str]] = {
    "inventory": (
        "Inventory",
        (
            f"<Destination><S3BucketDestination><Bucket>{ARN}</Bucket><Format>CSV</Format></S3BucketDestination></Destination>"
            "<IsEnabled>true</IsEnabled><IncludedObjectVersions>All</IncludedObjectVersions>"
            "<OptionalFields><Field>Size</Field><Field>ETag</Field></OptionalFields>"
            "<Schedule><Frequency>Daily</Frequency></Schedule>"
        ),
    ),
    "analytics": ("Analytics", "<Filter><Prefix>a</Prefix></Filter><StorageClassAnalysis/>"),
    "metrics": ("Metrics", "<Filter><Tag><Key>a</Key><Value>b</Value></Tag></Filter>"),
    "intelligent-tiering": (
        "IntelligentTiering",
        "<Status>Enabled</Status><Tiering><Days>90</Days><AccessTier>ARCHIVE_ACCESS</AccessTier></Tiering>",
    ),
}
NAMES = sorted(INSIDE)


def body(name: str, id_: str) -> str:
    member, inside = INSIDE[name]
    return f"<{member}Configuration><Id>{id_}</Id>{inside}</{member}Configuration>"


async def put(s3: Caller, name: str, id_: str, text: str | None = None) -> Any:
    return await s3("PUT", "/bkt", {name: "", "id": id_}, (text or body(name, id_)).encode())


@pytest.mark.parametrize("name", NAMES)
async def test_one_of_several(s3: Caller, name: str) -> None:
    member = f"{INSIDE[name][0]}Configuration"
    for id_ in ("b", "a"):
        assert (await put(s3, name, id_)).status == 200
    assert (await put(s3, name, "a")).status == 200
    assert (await s3("GET", "/bkt", {name: "", "id": "a"})).value[member]["Id"] == "a"
    listed = (await s3("GET", "/bkt", name)).value
    assert [each["Id"] for each in listed[f"{member}List"]] == ["a", "b"]
    assert listed["IsTruncated"] is False
    assert (await s3("DELETE", "/bkt", {name: "", "id": "a"})).status == 204
    for method in ("GET", "DELETE"):
        assert code(await s3(method, "/bkt", {name: "", "id": "a"})) == "404 NoSuchConfiguration"
    assert len((await s3("GET", "/bkt", name)).value[f"{member}List"]) == 1


@pytest.mark.parametrize("name", NAMES)
async def test_ids(s3: Caller, name: str) -> None:
    assert code(await put(s3, name, "a", body(name, "b"))) == "400 MalformedXML"
    for wrong in ("a" * 65, "a/b", "ü"):
        assert code(await put(s3, name, wrong)) == "400 InvalidArgument"
    assert (await put(s3, name, "A-a._9")).status == 200
    assert code(await s3("PUT", "/nope", {name: "", "id": "a"}, body(name, "a").encode())) == "404 NoSuchBucket"
    assert code(await s3("GET", "/nope", name)) == "404 NoSuchBucket"


async def test_pages_of_a_hundred_and_a_thousand_in_all(s3: Caller) -> None:
    for index in range(1000):
        await put(s3, "metrics", f"id-{index:03d}")
    assert code(await put(s3, "metrics", "one-more")) == "400 TooManyConfigurations"
    assert (await put(s3, "metrics", "id-000")).status == 200
    assert (await put(s3, "inventory", "one-more")).status == 200
    seen: list[str] = []
    query = {"metrics": ""}
    while True:
        page = (await s3("GET", "/bkt", query)).value
        assert page.get("ContinuationToken") == query.get("continuation-token")
        seen += [each["Id"] for each in page["MetricsConfigurationList"]]
        if not page["IsTruncated"]:
            break
        assert len(page["MetricsConfigurationList"]) == 100
        query["continuation-token"] = page["NextContinuationToken"]
    assert seen == [f"id-{index:03d}" for index in range(1000)]
    assert code(await s3("GET", "/bkt", {"metrics": "", "continuation-token": "?"})) == "400 InvalidArgument"


def inventory(**destination: Any) -> dict[str, Any]:
    return {"Destination": {"S3BucketDestination": {"Bucket": ARN, **destination}}}


def analytics(**destination: Any) -> dict[str, Any]:
    export = {"Destination": {"S3BucketDestination": {"Bucket": ARN, **destination}}}
    return {"StorageClassAnalysis": {"DataExport": export}}


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        (inventory(Bucket="reports"), "InvalidS3DestinationBucket"),
        (inventory(Bucket="arn:aws:s3::123456789012:reports"), "should not specify a namespace"),
        (inventory(AccountId="1"), "InvalidArgument"),
        (inventory(Encryption={}), "MalformedXML"),
        (inventory(Encryption={"SSES3": {}, "SSEKMS": {"KeyId": "k"}}), "MalformedXML"),
    ],
)
def test_an_inventory_that_s3_refuses(given: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ServiceError, match=wrong):
        check_inventory(given)


def test_an_inventory_that_s3_takes() -> None:
    check_inventory(inventory(AccountId="123456789012", Encryption={"SSES3": {}}))


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        (analytics(Bucket="reports"), "InvalidS3DestinationBucket"),
        (analytics(BucketAccountId="1"), "InvalidArgument"),
        ({"StorageClassAnalysis": {}, "Filter": {}}, "MalformedXML"),
    ],
)
def test_an_analysis_that_s3_refuses(given: dict[str, Any], wrong: str) -> None:
    check_analytics(analytics())
    with pytest.raises(ServiceError, match=wrong):
        check_analytics(given)


def test_metrics_that_s3_refuses() -> None:
    check_metrics({})
    check_metrics({"Filter": {"And": {"Prefix": "a", "AccessPointArn": "arn"}}})
    with pytest.raises(ServiceError, match="MalformedXML"):
        check_metrics({"Filter": {"Prefix": "a", "AccessPointArn": "arn"}})


@pytest.mark.parametrize(
    ("tierings", "wrong"),
    [
        ([], "MalformedXML"),
        ([("ARCHIVE_ACCESS", 90), ("ARCHIVE_ACCESS", 91)], "MalformedXML"),
        ([("ARCHIVE_ACCESS", 89)], "between 90 and 730"),
        ([("DEEP_ARCHIVE_ACCESS", 179)], "between 180 and 730"),
        ([("DEEP_ARCHIVE_ACCESS", 731)], "between 180 and 730"),
    ],
)
def test_tiers_that_s3_refuses(tierings: list[tuple[str, int]], wrong: str) -> None:
    with pytest.raises(ServiceError, match=wrong):
        check_tiering({"Tierings": [{"AccessTier": tier, "Days": days} for tier, days in tierings]})
