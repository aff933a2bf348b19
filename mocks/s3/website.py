"""A bucket's website configuration: put, got, deleted. ``site`` answers who visits the website.

Sources, below docs.aws.amazon.com/AmazonS3/latest/API: API_PutBucketWebsite.html, API_GetBucketWebsite.html,
API_DeleteBucketWebsite.html.
"""

from __future__ import annotations

from typing import Any

from mocks.base import Call, Reply
from mocks.s3.checksums import check_body
from mocks.s3.configurations import configuration, configure
from mocks.s3.errors import missing_body, no_configuration
from mocks.s3.records import bucket_of
from mocks.s3.website_rules import check_website

WEBSITE = "website"
CODE, MESSAGE = "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"


async def get_bucket_website(call: Call) -> Any:
    """GET /bucket?website."""
    bucket = await bucket_of(call)
    found = await configuration(call.state, bucket, WEBSITE)
    if found is None:
        raise no_configuration(CODE, MESSAGE, bucket["name"])
    return found


async def put_bucket_website(call: Call) -> Any:
    """PUT /bucket?website."""
    bucket = await bucket_of(call)
    check_body(call)
    given = call.params.get("WebsiteConfiguration")
    if given is None:
        raise missing_body()
    check_website(given)
    await configure(call, bucket, WEBSITE, given)
    return Reply()


async def delete_bucket_website(call: Call) -> Any:
    """DELETE /bucket?website: 204 whether or not there was one."""
    await configure(call, await bucket_of(call), WEBSITE, None)
    return Reply()
