"""Clients of the official SDKs, pointed at an environment. Each SDK is imported when a test asks for its client.

The scope of the test stands in the address, which every SDK sends: none of them has to be taught a header field.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any


class NoClient(RuntimeError):
    """An SDK is not installed, or the environment has no such service."""


def stripe(variables: Mapping[str, str]) -> Any:
    """``stripe.StripeClient``."""
    sdk = _sdk("stripe", "stripe")
    base = _of(variables, "STRIPE_API_BASE")
    addresses = dict.fromkeys(("api", "connect", "files", "meter_events"), base)
    return sdk.StripeClient(_of(variables, "STRIPE_API_KEY"), base_addresses=addresses)


def s3(variables: Mapping[str, str]) -> Any:
    """A boto3 client of S3."""
    sdk = _sdk("boto3", "boto3")
    return sdk.client(
        "s3",
        endpoint_url=_of(variables, "AWS_ENDPOINT_URL_S3"),
        aws_access_key_id=_of(variables, "AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=_of(variables, "AWS_SECRET_ACCESS_KEY"),
        region_name=_of(variables, "AWS_REGION"),
    )


def sendgrid(variables: Mapping[str, str]) -> Any:
    """``sendgrid.SendGridAPIClient``."""
    sdk = _sdk("sendgrid", "sendgrid")
    return sdk.SendGridAPIClient(_of(variables, "SENDGRID_API_KEY"), host=_of(variables, "SENDGRID_API_BASE"))


def _sdk(module: str, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as missing:
        raise NoClient(f"the package {package} is not installed: pip install {package}") from missing


def _of(variables: Mapping[str, str], name: str) -> str:
    try:
        return variables[name]
    except KeyError:
        raise NoClient(f"the environment has no {name}: its policy may not have the service") from None
