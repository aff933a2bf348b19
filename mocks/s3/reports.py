"""Inventories, storage class analyses, request metrics and archive tiers: a bucket may have many of each, by their ids.
They are kept and told; nothing is reported, and nothing is archived.

Sources, below docs.aws.amazon.com/AmazonS3/latest/API: API_PutBucketInventoryConfiguration.html,
API_PutBucketAnalyticsConfiguration.html, API_PutBucketMetricsConfiguration.html,
API_PutBucketIntelligentTieringConfiguration.html and the pages of their GET, LIST and DELETE (1,000 of each, 100 in a
page, TooManyConfigurations). Another id in the body than in the query is MalformedXML (aws/aws-sdk, issue 336). The
sentences of InvalidArgument are ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mocks.base import Call, Record, Reply, ServiceError
from mocks.s3.checksums import check_body
from mocks.s3.configurations import number, numbered, several
from mocks.s3.errors import invalid_argument, malformed_xml, no_configuration
from mocks.s3.filters import check_filter
from mocks.s3.records import bucket_of
from mocks.s3.tokens import from_token, to_token

_MOST, _PAGE = 1000, 100
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z", re.ASCII)
_ACCOUNT = re.compile(r"\d{12}\Z", re.ASCII)
_BUCKET_ARN = re.compile(r"arn:aws[a-z-]*:s3:::[a-z0-9.-]{3,63}\Z", re.ASCII)
#: userguide/intelligent-tiering-overview.html: days without access, at least and at most.
_TIERS = {"ARCHIVE_ACCESS": (90, 730), "DEEP_ARCHIVE_ACCESS": (180, 730)}


@dataclass(frozen=True, slots=True)
class Several:
    """One kind of them. ``member`` is the configuration in requests and answers."""

    name: str
    member: str
    check: Callable[[Mapping[str, Any]], None]

    async def get(self, call: Call) -> Any:
        """GET /bucket?NAME&id=ID."""
        bucket = await bucket_of(call)
        return {self.member: await self._named(call, bucket)}

    async def put(self, call: Call) -> Any:
        """PUT /bucket?NAME&id=ID: a new one, or in place of the one of that id."""
        bucket = await bucket_of(call)
        check_body(call)
        id_, given = call.params["Id"], call.params[self.member]
        if not _ID.match(id_):
            message = "The ID must have at most 64 characters: letters, numbers, periods, dashes and underscores."
            raise invalid_argument(message, "id", id_)
        if given["Id"] != id_:
            raise malformed_xml()
        self.check(given)
        if await numbered(call.state, bucket, self.name, id_) is None:
            await self._check_number(call, bucket)
        await number(call, bucket, self.name, id_, given)
        return Reply()

    async def list(self, call: Call) -> Any:
        """GET /bucket?NAME: a hundred in a page, by id."""
        bucket = await bucket_of(call)
        token = call.params.get("ContinuationToken")
        after = from_token(token) if token is not None else ""
        found = await several(call.state, bucket, self.name, after, _PAGE + 1)
        page = found[:_PAGE]
        value: dict[str, Any] = {
            "IsTruncated": len(found) > _PAGE,
            f"{self.member}List": [each["value"] for each in page],
        }
        if token is not None:
            value["ContinuationToken"] = token
        if len(found) > _PAGE:
            value["NextContinuationToken"] = to_token(page[-1]["id"])
        return value

    async def delete(self, call: Call) -> Any:
        """DELETE /bucket?NAME&id=ID."""
        bucket = await bucket_of(call)
        await self._named(call, bucket)
        await number(call, bucket, self.name, call.params["Id"], None)
        return Reply()

    async def _named(self, call: Call, bucket: Record) -> Any:
        found = await numbered(call.state, bucket, self.name, call.params["Id"])
        if found is None:
            raise no_configuration("NoSuchConfiguration", "The specified configuration does not exist.", bucket["name"])
        return found

    async def _check_number(self, call: Call, bucket: Record) -> None:
        if len(await several(call.state, bucket, self.name, limit=_MOST)) >= _MOST:
            message = (
                "You are attempting to create a new configuration but have already reached the "
                "1,000-configuration limit."
            )
            raise ServiceError(400, "TooManyConfigurations", message)


def _check_destination(bucket: str, account: str | None) -> None:
    if not _BUCKET_ARN.match(bucket):
        # The first sentence: an answer of S3 quoted in aws/aws-cli, issue 3611.
        named = bucket.startswith("arn:") and bucket.count(":") == 5
        message = "Bucket ARN should not specify a namespace." if named else "Invalid bucket ARN."
        raise ServiceError(400, "InvalidS3DestinationBucket", message)
    if account is not None and not _ACCOUNT.match(account):
        raise invalid_argument("The account ID of the destination's owner must have 12 digits", "AccountId", account)


def _check_filter(given: Mapping[str, Any]) -> None:
    if "Filter" in given:
        if not given["Filter"]:
            raise malformed_xml()
        check_filter(given["Filter"])


def check_inventory(given: Mapping[str, Any]) -> None:
    """Raises InvalidS3DestinationBucket, InvalidArgument or MalformedXML."""
    destination = given["Destination"]["S3BucketDestination"]
    _check_destination(destination["Bucket"], destination.get("AccountId"))
    encryption = destination.get("Encryption")
    if encryption is not None and len(encryption) != 1:
        raise malformed_xml()


def check_analytics(given: Mapping[str, Any]) -> None:
    """Raises InvalidS3DestinationBucket, InvalidArgument or MalformedXML."""
    _check_filter(given)
    export = given["StorageClassAnalysis"].get("DataExport")
    if export is not None:
        destination = export["Destination"]["S3BucketDestination"]
        _check_destination(destination["Bucket"], destination.get("BucketAccountId"))


def check_metrics(given: Mapping[str, Any]) -> None:
    """Raises MalformedXML, InvalidRequest or InvalidTag."""
    _check_filter(given)


def check_tiering(given: Mapping[str, Any]) -> None:
    """Raises MalformedXML or InvalidArgument."""
    _check_filter(given)
    tiers = [tiering["AccessTier"] for tiering in given["Tierings"]]
    if not tiers or len(set(tiers)) < len(tiers):
        raise malformed_xml()
    for tiering in given["Tierings"]:
        least, most = _TIERS[tiering["AccessTier"]]
        if not least <= tiering["Days"] <= most:
            message = f"Days of tier {tiering['AccessTier']} must be between {least} and {most}"
            raise invalid_argument(message, "Days", tiering["Days"])


INVENTORY = Several("inventory", "InventoryConfiguration", check_inventory)
ANALYTICS = Several("analytics", "AnalyticsConfiguration", check_analytics)
METRICS = Several("metrics", "MetricsConfiguration", check_metrics)
TIERING = Several("intelligent-tiering", "IntelligentTieringConfiguration", check_tiering)
