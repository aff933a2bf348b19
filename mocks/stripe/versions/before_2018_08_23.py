"""Until 2018-08-23 a customer had a VAT number of its own.

docs.stripe.com/changelog/2018-08-23/customers-replace-business-vat-id-tax-info
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall

BEFORE = "2018-08-23"


async def business_vat_id(call: StripeCall, object: Object) -> Object:
    """``business_vat_id``: null, as nothing can set it any more."""
    return object if object.get("deleted") else {"business_vat_id": None, **object}


CHANGES = {"customer": business_vat_id}
