"""Where each provider publishes its newest facts: a package on the index, or a document at a public address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Newest:
    """One of ``package`` (its newest release) and ``url`` (an OpenAPI 3 document); ``licence`` is the document's."""

    package: str | None = None
    url: str | None = None
    licence: str | None = None


#: https://github.com/stripe/stripe-python and https://github.com/boto/botocore are on PyPI; SendGrid's document is the
#: one that https://github.com/sendgrid/sendgrid-oai keeps at its root.
NEWEST: Mapping[str, Newest] = {
    "s3": Newest(package="botocore"),
    "sendgrid": Newest(url="https://raw.githubusercontent.com/sendgrid/sendgrid-oai/main/oai.json", licence="MIT"),
    "stripe": Newest(package="stripe"),
}
