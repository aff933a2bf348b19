"""Every mock service there is: one visible tuple."""

from __future__ import annotations

from mocks.base import MockService
from mocks.s3.service import SERVICE as S3
from mocks.sendgrid.service import SERVICE as SENDGRID
from mocks.stripe.service import SERVICE as STRIPE

SERVICES: tuple[MockService, ...] = (STRIPE, S3, SENDGRID)
