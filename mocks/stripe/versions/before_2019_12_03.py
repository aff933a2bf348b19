"""Until 2019-12-03 a customer had one tax number of its own instead of tax ids.

docs.stripe.com/changelog/2019-12-03/removes-deprecated-tax-information-fields
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall

BEFORE = "2019-12-03"


async def tax_info(call: StripeCall, object: Object) -> Object:
    """``tax_info`` and its verification: null, as nothing can set them any more."""
    return object if object.get("deleted") else {"tax_info": None, "tax_info_verification": None, **object}


CHANGES = {"customer": tax_info}
