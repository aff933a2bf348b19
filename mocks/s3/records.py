"""The kinds of records that most of S3 shares, and how a call's bucket is found.

A current object is a record of kind ``object`` under ``bucket/key``; a bucket's name holds no slash, so the prefix of a
bucket's records is exact and their order is the byte order of keys.
"""

from __future__ import annotations

from mocks.base import Call, Record, State
from mocks.s3.errors import no_such_bucket
from mocks.s3.principals import check_account_id, check_expected

#: Its key is the bucket's name.
BUCKET = "bucket"
#: Its key is ``bucket/key``.
OBJECT = "object"

#: An upload in parts that is not over; its key is the upload's id.
UPLOAD = "upload"

#: Stands behind a key in the keys of records that are several to one key: it sorts before all that ``ordered`` leaves.
END = "\x01"
_ESCAPES = str.maketrans({"\x00": "\x02\x01", "\x01": "\x02\x02", "\x02": "\x02\x03"})


def ordered(key: str) -> str:
    """``key`` so that it sorts in its own order also with END and more behind it."""
    return key.translate(_ESCAPES)


async def bucket_of(call: Call) -> Record:
    """The bucket that the call names, which is the expected owner's. Raises NoSuchBucket, AccessDenied."""
    expected = call.params.header.get("ExpectedBucketOwner")
    if expected is None:
        return await named_bucket(call.state, call.params["Bucket"])
    check_account_id(expected)
    found = await named_bucket(call.state, call.params["Bucket"])
    check_expected(call, found, expected)
    return found


async def named_bucket(state: State, name: str) -> Record:
    """The bucket called ``name``. Raises NoSuchBucket."""
    found = await state.get(BUCKET, name)
    if found is None:
        raise no_such_bucket(name)
    return found


def address(call: Call) -> str:
    """The record key of the object that the call names."""
    return f"{call.params['Bucket']}/{call.params['Key']}"


def address_in(bucket: Record, key: str) -> str:
    """The record key of an object of the bucket."""
    return f"{bucket['name']}/{key}"
