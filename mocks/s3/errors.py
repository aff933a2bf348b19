"""S3's refusals as values: code, status and message of each, as its error reference lists them.

Source: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (2026-11).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mocks.base import Missing, ServiceError

#: What buckets could ever be called, in us-east-1 before 2018 (userguide/bucketnamingrules.html).
_BUCKET_NAME = re.compile(r"[A-Za-z0-9._-]{3,255}\Z", re.ASCII)


def invalid_argument(message: str, name: str = "", value: object = "") -> ServiceError:
    """A parameter that S3 cannot take."""
    details = {"ArgumentName": name, "ArgumentValue": str(value)} if name else {}
    return ServiceError(400, "InvalidArgument", message, details=details)


def invalid_request(message: str) -> ServiceError:
    """A request that contradicts itself or lacks something."""
    return ServiceError(400, "InvalidRequest", message)


def invalid_storage_class(name: str) -> ServiceError:
    """A storage class that no object of this bucket can have."""
    message = "The storage class you specified is not valid"
    return ServiceError(400, "InvalidStorageClass", message, details={"StorageClassRequested": name})


def malformed_xml() -> ServiceError:
    """A body that breaks rules which its schema cannot say."""
    message = "The XML you provided was not well-formed or did not validate against our published schema"
    return ServiceError(400, "MalformedXML", message)


def access_denied(message: str = "Access Denied", **details: Any) -> ServiceError:
    """403, for whatever reason the message says."""
    return ServiceError(403, "AccessDenied", message, details=details)


def no_such_bucket(name: str) -> ServiceError:
    """No bucket of that name; one that none can have, by the rules of all times, is refused for that (an answer of S3
    quoted in versity/versitygw, issue 1358)."""
    return Missing("bucket", name, "Bucket") if _BUCKET_NAME.match(name) else invalid_bucket_name(name)


def invalid_bucket_name(name: str) -> ServiceError:
    """A name against the rules of buckets."""
    message = "The specified bucket is not valid."
    return ServiceError(400, "InvalidBucketName", message, details={"BucketName": name[:1024]})


def no_such_key(key: str) -> ServiceError:
    """No object under that key."""
    return Missing("object", key, "Key")


def no_such_upload(upload_id: str) -> ServiceError:
    """No unfinished multipart upload of that id."""
    return Missing("upload", upload_id, "UploadId")


def no_configuration(code: str, message: str, bucket: str) -> ServiceError:
    """The bucket has none of what was asked for."""
    return ServiceError(404, code, message, details={"BucketName": bucket})


def missing_body() -> ServiceError:
    """A body that must be there and is not."""
    return ServiceError(400, "MissingRequestBodyError", "Request body is empty.")


def missing_digest() -> ServiceError:
    """A body that must come with its own checksum."""
    return invalid_request("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")


def no_such_version(key: str, version: str) -> ServiceError:
    """No version of that id under that key."""
    details = {"Key": key, "VersionId": version}
    return ServiceError(404, "NoSuchVersion", "The specified version does not exist.", details=details)


def method_not_allowed(
    method: str, resource_type: str, allow: str, headers: Sequence[tuple[str, str]] = ()
) -> ServiceError:
    """What is there does not know the method; ``allow`` lists those that it knows."""
    message = "The specified method is not allowed against this resource."
    details = {"Method": method, "ResourceType": resource_type}
    return ServiceError(405, "MethodNotAllowed", message, details=details, headers=[("allow", allow), *headers])


def bad_digest(algorithm: str, **details: str) -> ServiceError:
    """What arrived is not what the caller's checksum says."""
    message = f"The {algorithm} you specified did not match what we received."
    return ServiceError(400, "BadDigest", message, details=details)


def bad_md5(told: bytes, found: bytes) -> ServiceError:
    """The same of Content-MD5, with both digests (userguide/ErrorDetails.html): the caller's in hexadecimal, the other
    one in base64 (answers of S3 quoted in dandi-cli issue 1257 and versitygw issue 2034)."""
    calculated = base64.b64encode(found).decode()
    return bad_digest("Content-MD5", ExpectedDigest=told.hex(), CalculatedDigest=calculated)


def invalid_digest(value: str) -> ServiceError:
    """A Content-MD5 that is no MD5 (the element: an answer of S3 quoted in anthonycastelli/s3-storage, pull 1)."""
    details = {"Content-MD5": value[:256]}
    return ServiceError(400, "InvalidDigest", "The Content-MD5 you specified was invalid.", details=details)


def precondition_failed(condition: str) -> ServiceError:
    """A condition of the request does not hold; ``condition`` names its header."""
    message = "At least one of the pre-conditions you specified did not hold"
    return ServiceError(412, "PreconditionFailed", message, details={"Condition": condition})


def conditional_conflict() -> ServiceError:
    """While a conditional write was under way its object was deleted (userguide/conditional-writes.html)."""
    message = "The conditional request cannot succeed due to a conflicting operation against this resource."
    return ServiceError(409, "ConditionalRequestConflict", message)


def malformed_trailer() -> ServiceError:
    """Trailing data that is none, or lacks what was announced."""
    message = "The request contained trailing data that was not well-formed or did not conform to our published schema."
    return ServiceError(400, "MalformedTrailerError", message)


def missing_content_length() -> ServiceError:
    """A body of unknown length."""
    return ServiceError(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")


def unknown_length() -> ServiceError:
    """A body in HTTP's chunks, of unknown length (the element: an answer of S3 quoted in chilts/awssum issue 30)."""
    message = "A header you provided implies functionality that is not implemented"
    return ServiceError(501, "NotImplemented", message, details={"Header": "Transfer-Encoding"})


def incomplete_body(expected: int, provided: int) -> ServiceError:
    """Fewer or more bytes than announced (the elements: an answer of S3 quoted in versity/versitygw, issue 1684)."""
    message = "You did not provide the number of bytes specified by the Content-Length HTTP header"
    details = {"NumberBytesExpected": str(expected), "NumberBytesProvided": str(provided)}
    return ServiceError(400, "IncompleteBody", message, details=details)


def broken_chunks() -> ServiceError:
    """An aws-chunked body that is none, or ends early (an answer of S3 quoted in versity/versitygw, issue 1685)."""
    return ServiceError(400, "IncompleteBody", "The request body terminated unexpectedly")


def small_chunk(number: int, size: int) -> ServiceError:
    """A chunk came after one of less than 8 KiB (the elements: an answer of S3 in versity/versitygw issue 1683)."""
    message = "Only the last chunk is allowed to have a size less than 8192 bytes"
    details = {"Chunk": str(number), "BadChunkSize": str(size)}
    return ServiceError(403, "InvalidChunkSizeError", message, details=details)


def signature_mismatch(key: str, provided: str, text: str, canonical: bytes | None = None) -> ServiceError:
    """What was signed is not what came: with the string that we signed, and the canonical request of version 4."""
    details = {
        "AWSAccessKeyId": key,
        "StringToSign": text,
        "SignatureProvided": provided[:128],
        "StringToSignBytes": text.encode("utf-8", "surrogateescape").hex(" "),
    }
    if canonical is not None:
        details |= {"CanonicalRequest": canonical.decode("latin-1"), "CanonicalRequestBytes": canonical.hex(" ")}
    message = "The request signature we calculated does not match the signature you provided. Check your key and signing method."  # noqa: E501 - S3's own sentence
    return ServiceError(403, "SignatureDoesNotMatch", message, details=details)


def too_skewed(told: str, now: datetime, allowed: timedelta) -> ServiceError:
    """The request's own time is too far from ours."""
    message = "The difference between the request time and the current time is too large."
    details = {
        "RequestTime": told,
        "ServerTime": second_of(now),
        "MaxAllowedSkewMilliseconds": str(int(allowed.total_seconds() * 1000)),
    }
    return ServiceError(403, "RequestTimeTooSkewed", message, details=details)


def second_of(moment: datetime) -> str:
    """A time as errors tell it: ``2026-11-21T22:11:46Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def unaccepted(header: str) -> ServiceError:
    """A header whose value S3 does not take here (the elements: an answer of S3 quoted in versitygw issue 2108)."""
    message = "A header you provided implies functionality that is not implemented"
    more = f"We don't accept the provided value of {header} header for this API"
    return ServiceError(501, "NotImplemented", message, details={"Header": header, "additionalMessage": more})


def not_implemented(what: str) -> ServiceError:
    """Functionality that this mock does not have: said plainly instead of answered with nonsense."""
    message = "A header or operation you provided implies functionality that is not implemented"
    return ServiceError(501, "NotImplemented", f"{message}: {what}")
