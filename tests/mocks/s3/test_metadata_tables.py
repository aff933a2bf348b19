"""A bucket's metadata configuration, in both of its versions."""

from __future__ import annotations

import base64
import hashlib

import pytest

from contracts.exchange import Response
from mocks.s3.principals import account
from tests.mocks.s3.conftest import Caller, code

OWN = account("pr-1", "primary").id
KEPT = "<RecordExpiration><Expiration>ENABLED</Expiration><Days>{}</Days></RecordExpiration>"
FOREVER = "<RecordExpiration><Expiration>DISABLED</Expiration></RecordExpiration>"
KEY = "<EncryptionConfiguration><SseAlgorithm>{}</SseAlgorithm>{}</EncryptionConfiguration>"
TABLE_BUCKET = f"arn:aws:s3tables:us-east-1:{OWN}:bucket/tables"


def journal(inside: str = FOREVER, more: str = "") -> str:
    table = f"<JournalTableConfiguration>{inside}</JournalTableConfiguration>"
    return f"<MetadataConfiguration>{table}{more}</MetadataConfiguration>"


def table(bucket: str = TABLE_BUCKET, name: str = "of_bkt") -> str:
    inside = f"<TableBucketArn>{bucket}</TableBucketArn><TableName>{name}</TableName>"
    destination = f"<S3TablesDestination>{inside}</S3TablesDestination>"
    return f"<MetadataTableConfiguration>{destination}</MetadataTableConfiguration>"


async def create(s3: Caller, body: str, name: str = "metadataConfiguration") -> Response:
    digest = base64.b64encode(hashlib.md5(body.encode(), usedforsecurity=False).digest()).decode()
    return await s3("POST", "/bkt", name, body.encode(), content_md5=digest)


async def test_the_newer_version(s3: Caller) -> None:
    assert code(await s3("GET", "/bkt", "metadataConfiguration")) == "404 MetadataConfigurationNotFound"
    inventory = "<InventoryTableConfiguration><ConfigurationState>{}</ConfigurationState></InventoryTableConfiguration>"
    assert (await create(s3, journal(KEPT.format(7), inventory.format("ENABLED")))).status == 200
    assert code(await create(s3, journal())) == "409 InvalidBucketState"
    got = (await s3("GET", "/bkt", "metadataConfiguration")).value["GetBucketMetadataConfigurationResult"]
    told = got["MetadataConfigurationResult"]
    assert told["DestinationResult"] == {
        "TableBucketType": "aws",
        "TableBucketArn": f"arn:aws:s3tables:us-east-1:{OWN}:bucket/aws-s3",
        "TableNamespace": "b_bkt",
    }
    assert told["JournalTableConfigurationResult"]["RecordExpiration"] == {"Expiration": "ENABLED", "Days": 7}
    assert told["InventoryTableConfigurationResult"]["TableStatus"] == "ACTIVE"
    assert (await s3.configure("metadataInventoryTable", inventory.format("DISABLED"))).status == 200
    changed = f"<JournalTableConfiguration>{FOREVER}</JournalTableConfiguration>"
    assert (await s3.configure("metadataJournalTable", changed)).status == 200
    noted = "<AnnotationTableConfiguration><ConfigurationState>ENABLED</ConfigurationState><Role>r</Role></AnnotationTableConfiguration>"  # noqa: E501 - one element
    assert (await s3.configure("metadataAnnotationTable", noted)).status == 200
    got = (await s3("GET", "/bkt", "metadataConfiguration")).value["GetBucketMetadataConfigurationResult"]
    told = got["MetadataConfigurationResult"]
    assert told["InventoryTableConfigurationResult"] == {"ConfigurationState": "DISABLED"}
    assert told["JournalTableConfigurationResult"]["RecordExpiration"] == {"Expiration": "DISABLED"}
    assert told["AnnotationTableConfigurationResult"]["Role"] == "r"
    for method in ("GET", "DELETE"):
        assert code(await s3(method, "/bkt", "metadataTable")) == "405 MethodNotAllowed"
    assert (await s3("DELETE", "/bkt", "metadataConfiguration")).status == 204
    assert code(await s3("DELETE", "/bkt", "metadataConfiguration")) == "404 MetadataConfigurationNotFound"


async def test_the_older_version(s3: Caller) -> None:
    assert (await create(s3, table(), "metadataTable")).status == 200
    got = (await s3("GET", "/bkt", "metadataTable")).value["GetBucketMetadataTableConfigurationResult"]
    told = got["MetadataTableConfigurationResult"]["S3TablesDestinationResult"]
    assert told["TableArn"].startswith(f"{TABLE_BUCKET}/table/")
    assert got["Status"] == "ACTIVE"
    newer = (await s3("GET", "/bkt", "metadataConfiguration")).value["GetBucketMetadataConfigurationResult"]
    assert newer["MetadataConfigurationResult"]["DestinationResult"]["TableBucketType"] == "customer"
    changed = f"<JournalTableConfiguration>{FOREVER}</JournalTableConfiguration>"
    assert code(await s3.configure("metadataJournalTable", changed)) == "405 MethodNotAllowed"
    assert (await s3("DELETE", "/bkt", "metadataTable")).status == 204


@pytest.mark.parametrize(
    ("body", "name", "wrong"),
    [
        (journal(KEPT.format(6)), "metadataConfiguration", "400 InvalidArgument"),
        (journal(FOREVER.replace("DISABLED", "ENABLED")), "metadataConfiguration", "400 MalformedXML"),
        (journal(KEPT.format(7).replace("ENABLED", "DISABLED")), "metadataConfiguration", "400 MalformedXML"),
        (journal(FOREVER + KEY.format("aws:kms", "")), "metadataConfiguration", "400 MalformedXML"),
        (
            journal(FOREVER + KEY.format("aws:kms", "<KmsKeyArn>k</KmsKeyArn>")),
            "metadataConfiguration",
            "400 InvalidArgument",
        ),
        ("<MetadataConfiguration/>", "metadataConfiguration", "400 MalformedXML"),
        (table("tables"), "metadataTable", "400 InvalidArgument"),
        (table(TABLE_BUCKET.replace("us-east-1", "eu-west-1")), "metadataTable", "400 InvalidArgument"),
        (table(TABLE_BUCKET.replace(OWN, "111122223333")), "metadataTable", "400 InvalidArgument"),
        (table(name="Of-Bkt"), "metadataTable", "400 InvalidArgument"),
    ],
)
async def test_what_is_refused(s3: Caller, body: str, name: str, wrong: str) -> None:
    assert code(await create(s3, body, name)) == wrong
    assert code(await s3("GET", "/bkt", "metadataConfiguration")) == "404 MetadataConfigurationNotFound"


async def test_a_key_for_the_tables(s3: Caller) -> None:
    arn = "<KmsKeyArn>arn:aws:kms:us-east-1:111122223333:key/k</KmsKeyArn>"
    assert (await create(s3, journal(FOREVER + KEY.format("aws:kms", arn)))).status == 200


async def test_the_body_must_come_with_its_digest(s3: Caller) -> None:
    assert code(await s3("POST", "/bkt", "metadataConfiguration", journal().encode())) == "400 InvalidRequest"
