"""Clients of S3 as an application makes them from its bundle's variables, with boto3, unmodified."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
from botocore.client import Config


def connect(
    bundle: dict[str, Any],
    endpoint: str | None = None,
    *,
    make: Callable[..., Any] = boto3.client,
    key: str = "",
    secret: str = "",
    **config: Any,
) -> Any:
    """With the bundle's own address and key, where no others are named; ``make`` is a client's or a resource's."""
    variables = bundle["variables"]
    return make(
        "s3",
        endpoint_url=endpoint or variables["AWS_ENDPOINT_URL_S3"],
        aws_access_key_id=key or variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=secret or variables["AWS_SECRET_ACCESS_KEY"],
        region_name=variables["AWS_REGION"],
        config=Config(retries={"max_attempts": 0}, **config),
    )
