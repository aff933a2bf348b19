"""A bucket's notification configuration: put and got.

The deprecated operations PutBucketNotification and GetBucketNotification are the same requests in an older form, which
the newer ones take and tell too. Source: docs.aws.amazon.com/AmazonS3/latest/API/
API_PutBucketNotificationConfiguration.html.
"""

from __future__ import annotations

from typing import Any

from mocks.base import Call, Reply
from mocks.s3.checksums import check_body
from mocks.s3.configurations import configuration, configure
from mocks.s3.notification_rules import KINDS, check_together, checked, rules_of
from mocks.s3.notifications import NOTIFICATION, emit_test
from mocks.s3.records import bucket_of
from mocks.s3.regions import place


async def get_bucket_notification_configuration(call: Call) -> Any:
    """GET /bucket?notification: an empty document where nothing is configured."""
    bucket = await bucket_of(call)
    return await configuration(call.state, bucket, NOTIFICATION) or {}


async def put_bucket_notification_configuration(call: Call) -> Any:
    """PUT /bucket?notification: all of it at once; an empty document ends it."""
    bucket = await bucket_of(call)
    check_body(call)
    given = call.params["NotificationConfiguration"]
    region = place(bucket)
    wanted: dict[str, Any] = {
        member: [checked(member, each, region, lambda: call.new_id("", 48)) for each in given.get(member) or ()]
        for member in KINDS
    }
    wanted = {member: listed for member, listed in wanted.items() if listed}
    rules = list(rules_of(wanted))
    check_together(rules)
    if "EventBridgeConfiguration" in given:
        wanted["EventBridgeConfiguration"] = given["EventBridgeConfiguration"] or {}
    await configure(call, bucket, NOTIFICATION, wanted or None)
    if not call.params.get("SkipDestinationValidation"):
        for arn, kind in {rule.arn: rule.kind for rule in rules if rule.kind != "function"}.items():
            emit_test(call, bucket, kind, arn)
    return Reply()
