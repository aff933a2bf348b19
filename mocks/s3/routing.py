"""What S3 says to a request that is no operation: a method that its resource does not have, two sub-resources.

Methods and sub-resources are the contract's. Answers of S3 quoted in versity/versitygw issue 1810 (Allow, Method,
ResourceType) and brekkylab/backlot issue 230 (the same of sub-resources, and two at once); names of sub-resources as
resource types, wording ours.
"""

from __future__ import annotations

from contracts.aws import AwsContract
from contracts.contract import Contract
from contracts.exchange import Request
from mocks.base import ServiceError
from mocks.s3.cors_rules import refused
from mocks.s3.errors import invalid_argument

_NOT_ALLOWED = "The specified method is not allowed against this resource."


def unroutable(request: Request, contract: Contract) -> ServiceError:
    """Why no operation fits the request."""
    assert isinstance(contract, AwsContract)  # noqa: S101 - the contract of this service
    named = contract.subresources(request)
    if len(named) > 1:
        names = sorted(named)
        message = f"Conflicting query string parameters: {', '.join(names)}"
        return invalid_argument(message, "ResourceType", names[0])
    path = request.path.removeprefix("/")
    kind = "SERVICE" if not path else "OBJECT" if path.partition("/")[2] else "BUCKET"
    if request.method == "OPTIONS":
        # No bucket, no rules (aws/aws-sdk-js-v3 issue 6228: 403; the sentence of a bucket without any).
        method = request.headers.get("access-control-request-method", "")
        return refused("CORS is not enabled for this bucket.", method or "", kind)
    allowed = contract.methods(request.path)
    for name, methods in named.items():
        kind, allowed = name.upper(), methods
    # Preflights are answered whatever they ask about.
    headers = [("allow", ", ".join(sorted(allowed - {"OPTIONS", request.method})))]
    details = {"Method": request.method, "ResourceType": kind}
    return ServiceError(405, "MethodNotAllowed", _NOT_ALLOWED, details=details, headers=headers)
