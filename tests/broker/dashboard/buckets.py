"""Objects in an environment of the dashboard's tests, put as an application puts them."""

from __future__ import annotations

from collections.abc import Mapping

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.broker.dashboard.site import Site


async def put_object(
    site: Site, variables: Mapping[str, str], path: str, body: bytes = b"", media: str = "text/plain"
) -> None:
    """A PUT to the environment's S3: a bucket without a body, an object with one."""
    url = variables["AWS_ENDPOINT_URL_S3"] + path
    request = AWSRequest(
        "PUT", url, data=body, headers={"content-type": media, "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
    )
    key = Credentials(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"])
    S3SigV4Auth(key, "s3", "us-east-1").add_auth(request)
    answer = await site.client.put(url, content=body, headers=dict(request.headers))
    assert answer.status_code == 200, answer.text
