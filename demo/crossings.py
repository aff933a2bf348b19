"""Attempts to cross the wall between two environments, made with the official SDKs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import botocore.exceptions
import stripe

from demo.shop import BUCKET, Sale, Shop, s3_client, stripe_client


@dataclass(frozen=True)
class Crossing:
    """One attempt: what the SDK said, and which incident has to be listed with which environment."""

    attempt: str
    said: str
    refused: bool
    incident: str
    reported_with: str


def crossings(
    bundles: Mapping[str, Any], shops: Mapping[str, Shop], sales: Mapping[str, Sequence[Sale]]
) -> list[Crossing]:
    """A wrong key, a foreign id, a foreign key (twice) and a live key."""
    one, two = (bundles[name]["variables"] for name in ("pr-1", "pr-2"))
    address, other = one["STRIPE_API_BASE"], two["STRIPE_API_BASE"]
    theirs = sales["pr-1"][0]
    wrong = "sk_test_" + "51Wrong0Key" * 8
    live = "sk_live_" + "51Live0Key" * 8

    def customers(key: str, base: str) -> Callable[[], Any]:
        return lambda: stripe_client(key, base).v1.customers.list()

    foreign_s3 = s3_client(one, two["AWS_ENDPOINT_URL_S3"])
    return [
        _try("a key that nobody issued, at pr-1", customers(wrong, address), "unknown_credential", "pr-1"),
        _try(
            "pr-2 retrieves pr-1's customer",
            lambda: shops["pr-2"].stripe.v1.customers.retrieve(theirs.customer),
            "foreign_id",
            "pr-2",
        ),
        _try("pr-1's Stripe key at pr-2", customers(one["STRIPE_API_KEY"], other), "foreign_credential", "pr-2"),
        _try(
            "pr-1's AWS key at pr-2",
            lambda: foreign_s3.get_object(Bucket=BUCKET, Key=theirs.invoice),
            "foreign_credential",
            "pr-2",
        ),
        _try("a live key, at pr-1", customers(live, address), "live_credential", "pr-1"),
    ]


def _try(attempt: str, call: Callable[[], Any], incident: str, reported_with: str) -> Crossing:
    try:
        call()
    except stripe.StripeError as refused:
        said = f"{type(refused).__name__} {refused.http_status}: {refused.user_message}"
    except botocore.exceptions.ClientError as refused:
        error = refused.response["Error"]
        said = f"{error['Code']} {refused.response['ResponseMetadata']['HTTPStatusCode']}: {error['Message']}"
    else:
        return Crossing(attempt, "it was let through", False, incident, reported_with)
    return Crossing(attempt, said, True, incident, reported_with)
