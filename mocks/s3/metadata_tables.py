"""A bucket's metadata configuration: the tables that would describe its objects. Kept and told; there are no tables.

There are two versions: V2 (``MetadataConfiguration``: journal, inventory and annotations in a table bucket of AWS's
own) and V1 (``MetadataTableConfiguration``: a table in a table bucket of the account's). A bucket has one or the other;
the operations of V2 know both, those of V1 refuse V2. Sources, below docs.aws.amazon.com/AmazonS3/latest/API:
API_CreateBucketMetadataConfiguration.html, API_GetBucketMetadataConfiguration.html, API_DestinationResult.html,
API_RecordExpiration.html (7 days at least), API_CreateBucketMetadataTableConfiguration.html and the pages beside them.
The code of an absent one: hashicorp/terraform-provider-aws (aws_s3_bucket_metadata_configuration); sentences are ours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from mocks.base import Call, Record, Reply, ServiceError
from mocks.s3.checksums import check_body
from mocks.s3.configurations import configuration, configure
from mocks.s3.errors import invalid_argument, malformed_xml, method_not_allowed, missing_digest, no_configuration
from mocks.s3.principals import account_of
from mocks.s3.records import bucket_of
from mocks.s3.regions import place

_NAME = "metadata"
_TABLES = {
    "InventoryTableConfiguration": "inventory",
    "AnnotationTableConfiguration": "annotation",
}
_LEAST_DAYS = 7
_KEY_ARN = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/\S+\Z", re.ASCII)
_TABLE_BUCKET = re.compile(r"arn:aws[a-z-]*:s3tables:([a-z0-9-]+):(\d{12}):bucket/[a-z0-9_-]{3,63}\Z", re.ASCII)
_TABLE_NAME = re.compile(r"[0-9a-z_]{1,255}\Z", re.ASCII)


async def create_bucket_metadata_configuration(call: Call) -> Any:
    """POST /bucket?metadataConfiguration."""
    bucket = await _bare(call)
    given = call.params["MetadataConfiguration"]
    _check_expiration(given["JournalTableConfiguration"]["RecordExpiration"])
    for table in given.values():
        _check_encryption(table)
    await configure(call, bucket, _NAME, {"version": 2, **given})
    return Reply()


async def create_bucket_metadata_table_configuration(call: Call) -> Any:
    """POST /bucket?metadataTable."""
    bucket = await _bare(call)
    destination = call.params["MetadataTableConfiguration"]["S3TablesDestination"]
    arn = _TABLE_BUCKET.match(destination["TableBucketArn"])
    if arn is None or (arn[1], arn[2]) != (place(bucket), account_of(call, bucket)):
        message = "The table bucket must be in the same Region and account as the bucket"
        raise invalid_argument(message, "TableBucketArn", destination["TableBucketArn"][:256])
    if not _TABLE_NAME.match(destination["TableName"]):
        raise invalid_argument("The table name is not valid", "TableName", destination["TableName"][:256])
    await configure(call, bucket, _NAME, {"version": 1, **destination})
    return Reply()


async def _bare(call: Call) -> Record:
    """The bucket, which has no metadata configuration yet."""
    bucket = await bucket_of(call)
    if not check_body(call):
        raise missing_digest()
    if await configuration(call.state, bucket, _NAME) is not None:
        message = "A metadata configuration is present on this bucket: delete it first."
        raise ServiceError(409, "InvalidBucketState", message, details={"BucketName": bucket["name"]})
    return bucket


async def get_bucket_metadata_configuration(call: Call) -> Any:
    """GET /bucket?metadataConfiguration, of either version."""
    bucket, found = await _found(call)
    result = _first(found) if found["version"] == 1 else _second(call, bucket, found)
    return {"GetBucketMetadataConfigurationResult": {"MetadataConfigurationResult": result}}


async def get_bucket_metadata_table_configuration(call: Call) -> Any:
    """GET /bucket?metadataTable, of V1 alone."""
    _, found = await _found(call, version=1)
    result = {
        "TableBucketArn": found["TableBucketArn"],
        "TableName": found["TableName"],
        "TableArn": _arn(found["TableBucketArn"], found["TableName"]),
        "TableNamespace": "aws_s3_metadata",
    }
    told = {"MetadataTableConfigurationResult": {"S3TablesDestinationResult": result}, "Status": "ACTIVE"}
    return {"GetBucketMetadataTableConfigurationResult": told}


async def delete_bucket_metadata_configuration(call: Call) -> Any:
    """DELETE /bucket?metadataConfiguration, of either version."""
    bucket, _ = await _found(call)
    await configure(call, bucket, _NAME, None)
    return Reply()


async def delete_bucket_metadata_table_configuration(call: Call) -> Any:
    """DELETE /bucket?metadataTable, of V1 alone."""
    bucket, _ = await _found(call, version=1)
    await configure(call, bucket, _NAME, None)
    return Reply()


async def update_journal_table(call: Call) -> Any:
    """PUT /bucket?metadataJournalTable: how long the journal's records are kept."""
    return await _update(call, "JournalTableConfiguration")


async def update_inventory_table(call: Call) -> Any:
    """PUT /bucket?metadataInventoryTable: whether there is an inventory."""
    return await _update(call, "InventoryTableConfiguration")


async def update_annotation_table(call: Call) -> Any:
    """PUT /bucket?metadataAnnotationTable: whether there is a table of annotations."""
    return await _update(call, "AnnotationTableConfiguration")


async def _update(call: Call, table: str) -> Any:
    bucket, found = await _found(call, version=2)
    if not check_body(call):
        raise missing_digest()
    given = call.params[table]
    if "RecordExpiration" in given:
        _check_expiration(given["RecordExpiration"])
    _check_encryption(given)
    await configure(call, bucket, _NAME, {**found, table: {**found.get(table, {}), **given}})
    return Reply()


async def _found(call: Call, version: int | None = None) -> tuple[Record, Record]:
    """The bucket and its configuration, of the version if one is wanted."""
    bucket = await bucket_of(call)
    found = await configuration(call.state, bucket, _NAME)
    if found is None:
        message = "The metadata configuration does not exist"
        raise no_configuration("MetadataConfigurationNotFound", message, bucket["name"])
    if version not in (None, found["version"]):
        # "You will receive an HTTP 405 Method Not Allowed error" (API_GetBucketMetadataConfiguration.html).
        raise method_not_allowed(call.request.method, "METADATA", "")
    return bucket, found


def _check_expiration(given: Mapping[str, Any]) -> None:
    if (given["Expiration"] == "ENABLED") != ("Days" in given):
        raise malformed_xml()
    if given.get("Days", _LEAST_DAYS) < _LEAST_DAYS:
        raise invalid_argument(f"Days must be at least {_LEAST_DAYS}", "Days", given["Days"])


def _check_encryption(table: Mapping[str, Any]) -> None:
    given = table.get("EncryptionConfiguration")
    if given is None:
        return
    if (given["SseAlgorithm"] == "aws:kms") != ("KmsKeyArn" in given):
        raise malformed_xml()
    if "KmsKeyArn" in given and not _KEY_ARN.match(given["KmsKeyArn"]):
        raise invalid_argument("The KMS key ARN is not valid", "KmsKeyArn", given["KmsKeyArn"][:256])


def _arn(bucket_arn: str, *names: str) -> str:
    """The ARN of a table, whose id looks drawn and is always the same."""
    digits = hashlib.sha256("/".join((bucket_arn, *names)).encode()).hexdigest()
    cuts = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))
    return f"{bucket_arn}/table/" + "-".join(digits[start:stop] for start, stop in cuts)


def _second(call: Call, bucket: Record, found: Record) -> dict[str, Any]:
    arn = f"arn:aws:s3tables:{place(bucket)}:{account_of(call, bucket)}:bucket/aws-s3"
    namespace = f"b_{bucket['name']}"

    def table(name: str) -> dict[str, Any]:
        return {"TableStatus": "ACTIVE", "TableName": name, "TableArn": _arn(arn, namespace, name)}

    expiration = found["JournalTableConfiguration"]["RecordExpiration"]
    value: dict[str, Any] = {
        "DestinationResult": {"TableBucketType": "aws", "TableBucketArn": arn, "TableNamespace": namespace},
        "JournalTableConfigurationResult": {**table("journal"), "RecordExpiration": expiration},
    }
    for member, name in _TABLES.items():
        held = found.get(member)
        if held is not None:
            made = table(name) if held["ConfigurationState"] == "ENABLED" else {}
            role = {"Role": held["Role"]} if "Role" in held else {}
            value[f"{member}Result"] = {"ConfigurationState": held["ConfigurationState"], **made, **role}
    return value


def _first(found: Record) -> dict[str, Any]:
    arn, name = found["TableBucketArn"], found["TableName"]
    return {
        "DestinationResult": {
            "TableBucketType": "customer",
            "TableBucketArn": arn,
            "TableNamespace": "aws_s3_metadata",
        },
        "JournalTableConfigurationResult": {
            "TableStatus": "ACTIVE",
            "TableName": name,
            "TableArn": _arn(arn, name),
            "RecordExpiration": {"Expiration": "DISABLED"},
        },
    }
