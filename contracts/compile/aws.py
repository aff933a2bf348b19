"""The S3 service model of the installed botocore -> the compiled contract: every fact, no documentation.

The model does not name the outermost element of most answers (botocore ignores it, other SDKs and people
do not), so those names are added here from the API reference; and so are the operations of browsers.
"""

from __future__ import annotations

import datetime
import gzip
import hashlib
from collections.abc import Mapping
from importlib import metadata
from importlib.resources import files
from typing import Any

import orjson

from contracts.compile.aws_browsers import with_browsers
from contracts.compile.document import CompiledLibrary, CompileError, Source

#: operation -> outermost element, from the "Response Syntax" of its page,
#: docs.aws.amazon.com/AmazonS3/latest/API/API_<operation>.html
ROOTS: Mapping[str, str] = {
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "CreateSession": "CreateSessionResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycle": "LifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLocation": "LocationConstraint",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotification": "NotificationConfiguration",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "ListBucketAnalyticsConfigurations": "ListBucketAnalyticsConfigurationResult",
    "ListBucketIntelligentTieringConfigurations": "ListBucketIntelligentTieringConfigurationsOutput",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    "ListBucketMetricsConfigurations": "ListMetricsConfigurationsResult",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListDirectoryBuckets": "ListAllMyDirectoryBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListParts": "ListPartsResult",
}

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

#: Prose, and facts that only a client needs: endpoint rules and client-side parameters.
_LEFT_OUT = frozenset(
    {
        "documentation",
        "documentationUrl",
        "staticContextParams",
        "contextParam",
        "endpoint",
        "examples",
        "idempotencyToken",
    }
)

#: Enums that are narrower than what S3 answers -> the enum that it keeps to. Versions are of every storage class:
#: lifecycle rules move them (userguide/lifecycle-transition-general-considerations.html), while the model knows one.
_WIDER: Mapping[str, str] = {"ObjectVersionStorageClass": "ObjectStorageClass"}

#: Where botocore keeps the model, below its own folder.
MODEL = "data/s3/2006-03-01/service-2.json"


def compile_model(date: datetime.date, command: str) -> CompiledLibrary:
    """The compiled contract of S3, from the botocore that is installed. Raises CompileError."""
    content = _installed()
    model = orjson.loads(content)
    if model["metadata"]["protocol"] != "rest-xml":
        raise CompileError(f"the model speaks {model['metadata']['protocol']}, not rest-xml")
    source = Source(
        kind="aws",
        origin=f"botocore ({MODEL})",
        version=metadata.version("botocore"),
        licence="Apache-2.0",
        sha256=hashlib.sha256(content).hexdigest(),
        date=date,
        command=command,
    )
    return CompiledLibrary("s3", {"model.json": document(model), "source.toml": source.toml()})


def document(model: Mapping[str, Any], *, of_today: bool = True) -> bytes:
    """The text of ``model.json``: one line for each operation and shape, so that a diff reads well. A model that is not
    ``of_today`` may lack operations whose outermost element is known here."""
    unknown = set(ROOTS) - set(model["operations"])
    if unknown and of_today:
        raise CompileError(f"the model has no operation {', '.join(sorted(unknown))}")
    roots = {name: root for name, root in ROOTS.items() if name not in unknown}
    model = _widened(with_browsers(model))
    head = {"name": "s3", "namespace": NAMESPACE, "roots": roots, "version": model["metadata"]["apiVersion"]}
    parts = [f'"{name}": {_line(value)}' for name, value in sorted(head.items())]
    for name in ("operations", "shapes"):
        lines = ",\n".join(f'"{key}": {_line(_facts(value))}' for key, value in sorted(model[name].items()))
        parts.append(f'"{name}": {{\n{lines}\n}}')
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode()


def _widened(model: Mapping[str, Any]) -> Mapping[str, Any]:
    shapes = model["shapes"]
    wider = {name: shapes[other] for name, other in _WIDER.items() if name in shapes and other in shapes}
    return {**model, "shapes": {**shapes, **wider}}


def _installed() -> bytes:
    """The model as botocore ships it, unpacked."""
    plain = files("botocore").joinpath(MODEL)
    if plain.is_file():
        return plain.read_bytes()
    packed = files("botocore").joinpath(f"{MODEL}.gz")
    if not packed.is_file():
        raise CompileError(f"the installed botocore has no {MODEL}")
    return gzip.decompress(packed.read_bytes())


def _facts(value: Any) -> Any:
    # Members may be called "documentation" only as keys of prose: no S3 shape has such a member.
    if isinstance(value, dict):
        return {key: _facts(held) for key, held in value.items() if key not in _LEFT_OUT}
    if isinstance(value, list):
        return [_facts(held) for held in value]
    return value


def _line(value: Any) -> str:
    # The order of members is a fact: it is the order of elements in a body.
    return orjson.dumps(value).decode()
