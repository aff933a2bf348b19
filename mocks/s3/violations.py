"""Requests that break S3's contract, in S3's words: bodies are MalformedXML, parameters InvalidArgument with the name
that they have on the wire.

Sources: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; answers of S3 quoted in versity/versitygw issues
1379 (x-amz-acl), 1736 and 1141 (Object Lock), 986 (ACL documents), 1794 and brekkylab/backlot issue 192 (integers),
peak/s5cmd pull 163 (storage classes). Where none is known, wording ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from contracts import library
from contracts.aws import AwsContract
from contracts.contract import ContractViolation, Violation
from contracts.exchange import Request
from mocks.base import ServiceError
from mocks.s3.access.given import NO_CANNED, malformed_acl
from mocks.s3.errors import invalid_argument, invalid_request, invalid_storage_class, malformed_xml

#: What S3 says of a value that is none of those which a parameter can have, by the parameter's name on the wire.
_ENUMS: Mapping[str, str] = {
    "x-amz-acl": NO_CANNED,
    "x-amz-metadata-directive": "Unknown metadata directive.",
    "x-amz-tagging-directive": "Unknown tagging directive.",
    "encoding-type": "Invalid Encoding Method specified in Request",
    "x-amz-server-side-encryption": "The encryption method specified is not supported",
    "x-amz-object-lock-mode": "Unknown wormMode directive.",
    "x-amz-object-lock-legal-hold": "Legal Hold must be either of 'ON' or 'OFF'",
    "x-amz-object-attributes": "Invalid attribute name specified.",
    "x-amz-optional-object-attributes": "Invalid attribute name specified.",
}
#: The same of bodies, by a member above it: S3's sentence and the argument's name.
_IN_BODIES: Mapping[object, tuple[str, str]] = {
    "Events": ("The event is not supported for notifications", "Event"),
}
#: Of GetObjectAttributes without its header (an answer of S3 quoted in versitygw issue 915).
NO_ATTRIBUTES = (
    "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty"
)
_ALGORITHMS = frozenset({"x-amz-sdk-checksum-algorithm", "x-amz-checksum-algorithm"})


def violated(refused: ContractViolation, request: Request) -> ServiceError:
    """The most telling violation as S3 tells it."""
    violation, operation = refused.violations[0], refused.operation
    if violation.place == "body":
        return _of_body(violation, request)
    if violation.place == "path":
        details = {"URI": request.path[:1024]}
        return ServiceError(400, "InvalidURI", "Couldn't parse the specified URI.", details=details)
    if violation.rule == "required" and violation.expected == "x-amz-object-attributes":
        return invalid_request(NO_ATTRIBUTES)
    if violation.rule == "required":
        return invalid_request(f"Missing required header for this request: {violation.expected}")
    contract = library.load("s3")
    assert isinstance(contract, AwsContract)  # noqa: S101 - the contract of this service
    name = contract.spelled(operation, str(violation.pointer[0]) if violation.pointer else "")
    value = "" if violation.value is None else str(violation.value)[:256]
    return _of_parameter(violation, name, value)


def _of_body(violation: Violation, request: Request) -> ServiceError:
    words = _IN_BODIES.get(next((part for part in violation.pointer if part in _IN_BODIES), ""))
    if violation.rule == "enum" and words is not None:
        return invalid_argument(*words, str(violation.value)[:256])
    if violation.rule == "required" and not request.body:
        return ServiceError(400, "MissingRequestBodyError", "Request body is empty.")
    told = malformed_acl() if violation.pointer[:1] == ("AccessControlPolicy",) else malformed_xml()
    details = {"Violation": f"{violation.where}: {violation.message}"}
    return ServiceError(told.status, told.code, told.message, details=details)


def _of_parameter(violation: Violation, name: str, value: str) -> ServiceError:
    if violation.rule == "enum":
        return _of_enum(violation, name, value)
    if violation.rule == "type" and violation.expected == "integer":
        message = f"Provided {name} not an integer or within integer range"
        if name == "partNumber":
            message = "Part number must be an integer between 1 and 10000, inclusive"
        return invalid_argument(message, name, value)
    if name == "x-amz-object-lock-retain-until-date":
        return invalid_argument("The retain until date must be provided in ISO 8601 format", name, value)
    return invalid_argument(f"{name} {violation.message}", name, value)


def _of_enum(violation: Violation, name: str, value: str) -> ServiceError:
    if name in _ENUMS:
        return invalid_argument(_ENUMS[name], name, value)
    if name in _ALGORITHMS:
        valid = ", ".join(violation.expected)
        return invalid_request(
            f"Checksum algorithm provided is unsupported. Please try again with any of the valid types: [{valid}]"
        )
    if name == "x-amz-storage-class":
        return invalid_storage_class(value)
    if name == "x-amz-object-ownership":
        return invalid_argument(f"Invalid x-amz-object-ownership header: {value}", name, value)
    if name == "x-amz-checksum-type":
        return invalid_request("Value for x-amz-checksum-type header is invalid.")
    return invalid_argument(f"{name} {violation.message}", name, value)
