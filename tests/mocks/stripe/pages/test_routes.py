"""Which page a request is for."""

from __future__ import annotations

import pytest

from contracts.exchange import Request
from mocks.stripe.pages import authentication, checkout, deposits, express, invoice, links, onboarding, portal, receipt
from mocks.stripe.pages.routes import page


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/c/pay/cs_test_abc", checkout.PAGE),
        ("/c/pay/cs_test_abc/bank", checkout.BANK),
        ("/3d_secure_2/hosted/pi_3abc", authentication.PAGE),
        ("/3d_secure_2/hosted/seti_1abc", authentication.PAGE),
        ("/microdeposit/pi_3abc", deposits.PAGE),
        ("/b/plink_1abc", links.PAGE),
        ("/p/session/bps_1abc", portal.PAGE),
        ("/i/in_1abc", invoice.PAGE),
        ("/i/in_1abc/bank", invoice.BANK),
        ("/i/in_1abc/pdf", invoice.PDF),
        ("/receipts/payment/ch_3abc", receipt.PAGE),
        ("/p/login/bpc_1abc", portal.LOGIN),
        ("/c/recover/cs_test_abc", checkout.RECOVERY),
        ("/setup/e/acct_1abc/Token1", onboarding.ENTRANCE),
        ("/setup/c/acct_1abc/Token1/Visit2", onboarding.PAGE),
        ("/express/acct_1abc/Token1", express.ENTRANCE),
        ("/express/acct_1abc/Token1/Visit2", express.PAGE),
        ("/c/pay/cs_test_abc/", None),
        ("/c/pay/../v1", None),
        ("/v1/customers", None),
        ("/", None),
    ],
)
def test_pages(path: str, found: object) -> None:
    assert page(Request(method="GET", path=path)) is found
    assert page(Request(method="DELETE", path=path)) is None
