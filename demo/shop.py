"""An application as it runs in a pull request's environment: a shop that charges, files and writes to its customers.

It knows nothing of the broker. Its official SDKs get what the environment's variables say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import botocore.config
import stripe
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Mail

BUCKET = "invoices"


@dataclass(frozen=True)
class Sale:
    """What one sale left behind at the three services."""

    customer: str
    payment: str
    status: str
    invoice: str
    mail_id: str


class Shop:
    """One shop with the variables of one environment."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.stripe = stripe_client(variables["STRIPE_API_KEY"], variables["STRIPE_API_BASE"])
        self.s3 = s3_client(variables, variables["AWS_ENDPOINT_URL_S3"])
        self.sendgrid = SendGridAPIClient(variables["SENDGRID_API_KEY"], host=variables["SENDGRID_API_BASE"])
        self.s3.create_bucket(Bucket=BUCKET)

    def sell(self, name: str, email: str, amount: int, card: str = "pm_card_visa") -> Sale:
        """Charge a new customer's card (in cents), file the invoice, and send a mail about it."""
        customer = self.stripe.v1.customers.create({"name": name, "email": email})
        try:
            payment = self.stripe.v1.payment_intents.create(
                {
                    "amount": amount,
                    "currency": "usd",
                    "customer": customer.id,
                    "payment_method": card,
                    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                    "confirm": True,
                }
            )
            payment_id, status = payment.id, payment.status
        except stripe.CardError as declined:
            intent: Any = declined.error.payment_intent if declined.error else None
            payment_id, status = intent["id"], f"{declined.code}"
        invoice = f"{payment_id}.txt"
        self.s3.put_object(Bucket=BUCKET, Key=invoice, Body=f"{name}: {amount / 100:.2f} USD, {status}".encode())
        mail_id = self._write_to(email, f"Your payment {status}", f"Dear {name}, see {invoice}.")
        return Sale(customer.id, payment_id, status, invoice, mail_id)

    def _write_to(self, email: str, subject: str, text: str) -> str:
        mail = Mail("shop@example.com", email, subject, plain_text_content=text)
        answer = self.sendgrid.send(mail)
        return str(answer.headers["X-Message-Id"])

    # What the shop's own staff would look at

    def customers(self) -> list[str]:
        """Names, newest first."""
        return [str(one.name) for one in self.stripe.v1.customers.list().auto_paging_iter()]

    def payments(self) -> list[str]:
        """Amount and status, newest first."""
        found = self.stripe.v1.payment_intents.list().auto_paging_iter()
        return [f"{one.amount / 100:.2f} {one.currency} {one.status}" for one in found]

    def invoices(self) -> list[str]:
        """What the objects say, by key."""
        keys = [entry["Key"] for entry in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
        return [self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode() for key in keys]


def stripe_client(key: str, base: str) -> stripe.StripeClient:
    """stripe-python, pointed at a base address."""
    return stripe.StripeClient(key, base_addresses={"api": base}, max_network_retries=0)


def s3_client(variables: Mapping[str, str], endpoint: str) -> Any:
    """boto3's S3 client with one environment's keys, pointed at an endpoint."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        region_name=variables["AWS_REGION"],
        config=botocore.config.Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )
