"""Every sandbox provider there is: one visible tuple."""

from __future__ import annotations

from sandboxes.base import SandboxProvider
from sandboxes.s3.provider import PROVIDER as S3
from sandboxes.sendgrid.provider import PROVIDER as SENDGRID
from sandboxes.stripe.provider import PROVIDER as STRIPE

PROVIDERS: tuple[SandboxProvider, ...] = (STRIPE, S3, SENDGRID)
