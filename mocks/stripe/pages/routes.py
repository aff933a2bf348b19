"""Which page a request is for. An id in the path is what lets people in, as at Stripe."""

from __future__ import annotations

import re

from contracts.exchange import Request
from mocks.base import Page
from mocks.stripe.pages import authentication, checkout, deposits, express, invoice, links, onboarding, portal, receipt

PAGES: tuple[tuple[re.Pattern[str], Page], ...] = (
    (re.compile(r"/c/pay/cs_\w+"), checkout.PAGE),
    (re.compile(r"/c/pay/cs_\w+/bank"), checkout.BANK),
    (re.compile(r"/c/recover/cs_\w+"), checkout.RECOVERY),
    (re.compile(r"/b/plink_\w+"), links.PAGE),
    (re.compile(r"/i/in_\w+"), invoice.PAGE),
    (re.compile(r"/i/in_\w+/bank"), invoice.BANK),
    (re.compile(r"/i/in_\w+/pdf"), invoice.PDF),
    (re.compile(r"/receipts/payment/(?:ch|py)_\w+"), receipt.PAGE),
    (re.compile(r"/p/session/bps_\w+"), portal.PAGE),
    (re.compile(r"/p/login/bpc_\w+"), portal.LOGIN),
    (re.compile(r"/microdeposit/(?:pi|seti)_\w+"), deposits.PAGE),
    (re.compile(r"/3d_secure_2/hosted/(?:pi|seti)_\w+"), authentication.PAGE),
    (re.compile(r"/setup/[ces]/acct_\w+/\w+"), onboarding.ENTRANCE),
    (re.compile(r"/setup/[ces]/acct_\w+/\w+/\w+"), onboarding.PAGE),
    (re.compile(r"/express/acct_\w+/\w+"), express.ENTRANCE),
    (re.compile(r"/express/acct_\w+/\w+/\w+"), express.PAGE),
)


def page(request: Request) -> Page | None:
    """The page at that path."""
    if request.method not in ("GET", "HEAD", "POST") or request.path.startswith("/v"):
        return None
    return next((found for shape, found in PAGES if shape.fullmatch(request.path)), None)
