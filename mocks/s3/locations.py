"""Where a new bucket is to be: location constraints.

Sources: docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html (LocationConstraint),
API_CreateBucket.html, API/ErrorResponses.html, docs.aws.amazon.com/general/latest/gr/s3.html (the list).
"""

from __future__ import annotations

from mocks.base import Call, ServiceError
from mocks.s3.authorization import region_of
from mocks.s3.regions import HOME, place

_NAMES = frozenset(
    f"{place}-{number}"
    for place, numbers in {
        "af-south": "1",
        "ap-east": "12",
        "ap-northeast": "123",
        "ap-south": "12",
        "ap-southeast": "1234567",
        "ca-central": "1",
        "ca-west": "1",
        "cn-north": "1",
        "cn-northwest": "1",
        "eu-central": "12",
        "eu-north": "1",
        "eu-south": "12",
        "eu-west": "123",
        "il-central": "1",
        "me-central": "1",
        "me-south": "1",
        "mx-central": "1",
        "sa-east": "1",
        "us-east": "12",
        "us-gov-east": "1",
        "us-gov-west": "1",
        "us-west": "12",
    }.items()
    for number in numbers
)
#: The constraint from before regions had names.
_OLDEST = "EU"


def known(region: str) -> bool:
    """Whether there is such a region."""
    return region in _NAMES


def chosen(call: Call) -> str:
    """The place of a bucket that the call creates: what the body says, which the endpoint's region must allow."""
    endpoint = region_of(call.request)
    configuration = call.params.get("CreateBucketConfiguration") or {}
    wanted: str = configuration.get("LocationConstraint", "")
    if not wanted:
        if endpoint != HOME:
            raise _illegal("unspecified")
        return HOME
    # us-east-1 is the absence of a constraint and cannot be asked for.
    if wanted == HOME or not (known(wanted) or wanted == _OLDEST):
        message = "The specified location-constraint is not valid"
        raise ServiceError(400, "InvalidLocationConstraint", message, details={"LocationConstraint": wanted})
    if endpoint not in (HOME, place({"region": wanted})):
        raise _illegal(wanted)
    return wanted


def _illegal(wanted: str) -> ServiceError:
    message = (
        f"The {wanted} location constraint is incompatible for the region specific endpoint this request was sent to."
    )
    return ServiceError(400, "IllegalLocationConstraintException", message)
