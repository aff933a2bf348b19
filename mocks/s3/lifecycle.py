"""A bucket's lifecycle configuration: put, got, deleted. ``lifecycle_dates`` says what its rules mean for an object,
``lifecycle_runs`` does it by the environment's clock.

The deprecated operations PutBucketLifecycle and GetBucketLifecycle are the same requests in an older form, which the
newer ones take and tell too. Sources, below docs.aws.amazon.com/AmazonS3/latest/API:
API_PutBucketLifecycleConfiguration.html, API_GetBucketLifecycleConfiguration.html, API_DeleteBucketLifecycle.html.
"""

from __future__ import annotations

import base64
from typing import Any

from mocks.base import Call, Reply
from mocks.s3.checksums import check_body
from mocks.s3.configurations import configuration, configure, storable
from mocks.s3.errors import missing_body, missing_digest, no_configuration
from mocks.s3.lifecycle_dates import LIFECYCLE, active, midnight
from mocks.s3.lifecycle_rules import check_rules
from mocks.s3.lifecycle_runs import schedule
from mocks.s3.records import bucket_of

#: Since September 2024 (userguide/lifecycle-transition-general-considerations.html).
_SMALLEST = "all_storage_classes_128K"
_SMALLEST_NAME = "TransitionDefaultMinimumObjectSize"


async def get_bucket_lifecycle_configuration(call: Call) -> Any:
    """GET /bucket?lifecycle."""
    bucket = await bucket_of(call)
    found = await configuration(call.state, bucket, LIFECYCLE)
    if found is None:
        raise no_configuration(
            "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", bucket["name"]
        )
    return found


async def put_bucket_lifecycle_configuration(call: Call) -> Any:
    """PUT /bucket?lifecycle: all rules at once."""
    bucket = await bucket_of(call)
    if not check_body(call):
        raise missing_digest()
    given = call.params.get("LifecycleConfiguration")
    if given is None:
        raise missing_body()
    rules = check_rules(given["Rules"], lambda: base64.b64encode(call.new_id("", 36).encode()).decode())
    smallest = call.params.get(_SMALLEST_NAME, _SMALLEST)
    wanted = storable({"Rules": rules, _SMALLEST_NAME: smallest})
    await configure(call, bucket, LIFECYCLE, wanted)
    await schedule(call.state, bucket["name"], midnight(call.now, 0) if active(wanted) else None)
    return {_SMALLEST_NAME: smallest}


async def delete_bucket_lifecycle(call: Call) -> Any:
    """DELETE /bucket?lifecycle."""
    bucket = await bucket_of(call)
    await configure(call, bucket, LIFECYCLE, None)
    await schedule(call.state, bucket["name"], None)
    return Reply()
