"""Stripe's test cards: what each number, test token and test payment method stands for, and what happens with it.

Source: https://docs.stripe.com/testing (2026-11). A card's fingerprint identifies its number, as in Stripe, so an
outcome is found again from any stored card without keeping the number.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Final, Literal

#: When a card asks for 3-D Secure: never; when the caller wants it; on every payment (``required``, ``always``); on
#: every payment but off-session ones after it was set up; or on every payment but off-session ones (as if set up).
Authentication = Literal["none", "optional", "required", "always", "unless_set_up", "set_up"]
#: What happens with a payment that went well, or with its refund.
Later = Literal[
    "none", "dispute", "product_not_received", "inquiry", "early_fraud_warning", "review", "refund_fails",
    "refund_pending",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decline:
    """How a bank says no. ``network`` is the network's own code, ``advice`` what Stripe advises to do."""

    code: str
    decline_code: str
    message: str
    param: str | None = None
    advice: str | None = None
    network: str | None = None
    #: Turned down by Stripe's own risk rules: the charge never reached the bank.
    blocked: bool = False

    @property
    def seller_message(self) -> str:
        """What the account's owner reads beside the failed charge."""
        if self.blocked:
            return "Stripe blocked this payment as too risky."
        if self.decline_code == "generic_decline":
            return "The bank did not return any further details with this decline."
        return f"The bank returned the decline code `{self.decline_code}`."


AGAIN: Final = "try_again_later"
NEVER: Final = "do_not_try_again"
GENERIC = Decline("card_declined", "generic_decline", "Your card was declined.", None, AGAIN, "01")
INSUFFICIENT = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.", None, AGAIN, "51")
LOST = Decline("card_declined", "lost_card", "Your card was declined.", None, NEVER, "41")
STOLEN = Decline("card_declined", "stolen_card", "Your card was declined.", None, NEVER, "43")
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.", "exp_month", "confirm_card_data", "54")
CVC = Decline(
    "incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", "cvc", "confirm_card_data", "N7"
)
PROCESSING = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
    None,
    AGAIN,
    "96",
)
VELOCITY = Decline(
    "card_declined",
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
    None,
    AGAIN,
    "61",
)
FRAUD = Decline("card_declined", "fraudulent", "Your card was declined.", None, NEVER, None, blocked=True)
AUTHENTICATION = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
    None,
    None,
    "1A",
)
INCORRECT_NUMBER = Decline("incorrect_number", "incorrect_number", "Your card number is incorrect.", "number")


@dataclass(frozen=True, slots=True)
class TestCard:
    """One card number. ``declined`` is what a charge meets, ``attachable`` whether a customer can have the card."""

    #: Not a test class, whatever its name looks like to pytest.
    __test__ = False

    number: str
    brand: str = "visa"
    country: str = "US"
    funding: str = "credit"
    declined: Decline | None = None
    attachable: bool = True
    authentication: Authentication = "none"
    #: How it is declined where nobody is there to authenticate.
    unattended: Decline = AUTHENTICATION
    later: Later = "none"
    #: The payment is available at once instead of after some days.
    bypass_pending: bool = False
    #: check name -> result when the checked value was sent ("fail", "unavailable").
    checks: dict[str, str] = field(default_factory=dict)

    #: The same 16 characters for the same number, and no way back to it.
    fingerprint: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fingerprint", fingerprint(self.number))

    @property
    def last4(self) -> str:
        return self.number[-4:]


ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def fingerprint(number: str) -> str:
    """What identifies a card or bank account number without being it."""
    value = int.from_bytes(hashlib.sha256(b"fingerprint:" + number.encode()).digest()[:16], "big")
    text = ""
    for _ in range(16):
        value, digit = divmod(value, 62)
        text += ALPHABET[digit]
    return text


def _declined(number: str, decline: Decline, *, attachable: bool = False) -> TestCard:
    return TestCard(number, declined=decline, attachable=attachable)


#: Suffix of ``pm_card_`` and ``tok_`` -> card. Both forms exist for all of them.
NAMED: dict[str, TestCard] = {
    "visa": TestCard("4242424242424242"),
    "visa_debit": TestCard("4000056655665556", funding="debit"),
    "mastercard": TestCard("5555555555554444", "mastercard"),
    "mastercard_debit": TestCard("5200828282828210", "mastercard", funding="debit"),
    "mastercard_prepaid": TestCard("5105105105105100", "mastercard", funding="prepaid"),
    "amex": TestCard("378282246310005", "amex"),
    "discover": TestCard("6011000990139424", "discover"),
    "diners": TestCard("3056930009020004", "diners"),
    "jcb": TestCard("3566002020360505", "jcb", "JP"),
    "unionpay": TestCard("6200000000000005", "unionpay", "CN"),
    "bypassPending": TestCard("4000000000000077", bypass_pending=True),
    "domesticPricing": TestCard("4000000000000093"),
    "avsFail": TestCard(
        "4000000000000010", checks={"address_line1_check": "fail", "address_postal_code_check": "fail"}
    ),
    "avsLine1Fail": TestCard("4000000000000028", checks={"address_line1_check": "fail"}),
    "avsZipFail": TestCard("4000000000000036", checks={"address_postal_code_check": "fail"}),
    "avsUnchecked": TestCard(
        "4000000000000044",
        checks={"address_line1_check": "unavailable", "address_postal_code_check": "unavailable"},
    ),
    "cvcCheckFail": TestCard("4000000000000101", checks={"cvc_check": "fail"}),
    "riskLevelElevated": TestCard("4000000000009235", later="review"),
    # Blocked by the rule that is on unless an account turns it off: https://docs.stripe.com/radar/testing (2026-11).
    "riskLevelHighest": _declined("4000000000004954", FRAUD, attachable=True),
    # Declines.
    "chargeDeclined": _declined("4000000000000002", GENERIC),
    "chargeDeclinedInsufficientFunds": _declined("4000000000009995", INSUFFICIENT),
    "chargeDeclinedLostCard": _declined("4000000000009987", LOST),
    "chargeDeclinedStolenCard": _declined("4000000000009979", STOLEN),
    "chargeDeclinedExpiredCard": _declined("4000000000000069", EXPIRED),
    "chargeDeclinedIncorrectCvc": _declined("4000000000000127", CVC),
    "chargeDeclinedProcessingError": _declined("4000000000000119", PROCESSING),
    "chargeDeclinedVelocityLimitExceeded": _declined("4000000000006975", VELOCITY),
    "chargeDeclinedFraudulent": _declined("4100000000000019", FRAUD, attachable=True),
    "radarBlock": _declined("4100000000000019", FRAUD, attachable=True),
    "chargeCustomerFail": _declined("4000000000000341", GENERIC, attachable=True),
    # Disputes and refunds.
    "createDispute": TestCard("4000000000000259", later="dispute"),
    "createDisputeProductNotReceived": TestCard("4000000000002685", later="product_not_received"),
    "createDisputeInquiry": TestCard("4000000000001976", later="inquiry"),
    "createComplianceDispute": TestCard("4000008400000779", later="dispute"),
    "createCe3EligibleDispute": TestCard("4000000404000038", later="dispute"),
    "createMultipleDisputes": TestCard("4000000404000079", later="dispute"),
    "createIssuerFraudRecord": TestCard("4000000000005423", later="early_fraud_warning"),
    "pendingRefund": TestCard("4000000000007726", later="refund_pending"),
    "refundFail": TestCard("4000000000005126", later="refund_fails"),
    # 3-D Secure. What is 3063 off session is declined as recorded traffic shows (2025-01).
    "threeDSecure2Required": TestCard("4000000000003220", authentication="required"),
    "threeDSecureRequired": TestCard("4000000000003063", authentication="required", unattended=GENERIC),
    "threeDSecureRequiredChargeDeclined": TestCard("4000008400001629", authentication="required", declined=GENERIC),
    "threeDSecureOptional": TestCard("4000000000003055", authentication="optional"),
    "threeDSecureNotSupported": TestCard("378282246310005", "amex"),
    # The bank cannot be asked: what needs it is declined, what does not is paid without it.
    "threeDSecureRequiredProcessingError": _declined("4000008400001280", GENERIC, attachable=True),
    "threeDSecureOptionalProcessingError": TestCard("4000000000003097"),
    "authenticationRequiredOnSetup": TestCard("4000002500003155", authentication="unless_set_up"),
    "authenticationRequired": TestCard("4000002760003184", authentication="always"),
    "authenticationRequiredSetupForOffSession": TestCard("4000003800000446", authentication="set_up"),
    "authenticationRequiredChargeDeclinedInsufficientFunds": TestCard(
        "4000008260003178", authentication="always", declined=INSUFFICIENT
    ),
}

#: The documentation spells these with the brand in front.
NAMED |= {
    f"visa_{name}": NAMED[name]
    for name in (
        "chargeDeclined",
        "chargeDeclinedInsufficientFunds",
        "chargeDeclinedLostCard",
        "chargeDeclinedStolenCard",
        "chargeDeclinedFraudulent",
        "chargeDeclinedVelocityLimitExceeded",
    )
}

#: Country -> number of its Visa test card.
COUNTRIES = {
    "us": "4242424242424242", "ar": "4000000320000021", "br": "4000000760000002", "ca": "4000001240000000",
    "cl": "4000001520000001", "co": "4000001700000003", "cr": "4000001880000005", "ec": "4000002180000000",
    "mx": "4000004840008001", "pa": "4000005910000000", "py": "4000006000000066", "pe": "4000006040000068",
    "uy": "4000008580000003", "ae": "4000007840000001", "at": "4000000400000008", "be": "4000000560000004",
    "bg": "4000001000000000", "by": "4000001120000005", "hr": "4000001910000009", "cy": "4000001960000008",
    "cz": "4000002030000002", "dk": "4000002080000001", "ee": "4000002330000009", "fi": "4000002460000001",
    "fr": "4000002500000003", "de": "4000002760000016", "gi": "4000002920000005", "gr": "4000003000000030",
    "hu": "4000003480000005", "ie": "4000003720000005", "it": "4000003800000008", "lv": "4000004280000005",
    "li": "4000004380000004", "lt": "4000004400000000", "lu": "4000004420000006", "mt": "4000004700000007",
    "nl": "4000005280000002", "no": "4000005780000007", "pl": "4000006160000005", "pt": "4000006200000007",
    "ro": "4000006420000001", "sa": "4000006820000007", "si": "4000007050000006", "sk": "4000007030000001",
    "es": "4000007240000007", "se": "4000007520000008", "ch": "4000007560000009", "gb": "4000008260000000",
    "gb_debit": "4000058260000005", "au": "4000000360000006", "cn": "4000001560000002", "hk": "4000003440000004",
    "in": "4000003560000008", "jp": "4000003920000003", "my": "4000004580000002", "nz": "4000005540000008",
    "sg": "4000007020000003", "tw": "4000001580000008", "th_credit": "4000007640000003", "th_debit": "4000057640000008",
}  # fmt: skip

NAMED |= {
    name: TestCard(number, country=name[:2].upper(), funding="debit" if name.endswith("debit") else "credit")
    for name, number in COUNTRIES.items()
}

#: Numbers that the page lists without a name of their own.
OTHERS = (
    TestCard("2223003122003222", "mastercard"),
    TestCard("371449635398431", "amex"),
    TestCard("6011111111111117", "discover"),
    TestCard("6011981111111113", "discover", funding="debit"),
    TestCard("36227206271667", "diners"),
    TestCard("6555900000604105", "diners"),
    TestCard("6200000000000047", "unionpay", "CN"),
    TestCard("6205500000000000004", "unionpay", "CN"),
    TestCard("4000003720000278", country="IE", bypass_pending=True),
    TestCard("4000000000003089", authentication="required"),
    TestCard("4000582600000045", country="GB", authentication="required"),
    TestCard("4000582600000102", country="GB", authentication="required"),
    TestCard("4000582600000110", country="GB", authentication="required"),
    TestCard("4000002500001001", country="FR"),
    TestCard("5555552500001001", "mastercard", "FR"),
    TestCard("4000050360000001", country="AU", funding="debit"),
    TestCard("5555050360000080", "mastercard", "AU", funding="debit"),
    TestCard("4001007020000002", country="SG"),
    TestCard("4001000360000005", country="AU"),
    TestCard("4000000000003105", authentication="required"),
    TestCard("4000000000003238", authentication="required"),
    TestCard("4000000000003246", authentication="required"),
    TestCard("4000000000003253", authentication="required"),
    TestCard("5200007840000022", "mastercard", "AE"),
    TestCard("5555558265554449", "mastercard", "GB"),
    TestCard("3530111333300000", "jcb", "JP"),
    TestCard("4000008260000075", country="GB"),
    TestCard("4000002760000008", country="DE"),
    TestCard("4000582600000094", country="GB", funding="debit", authentication="required"),
)

BY_NUMBER: dict[str, TestCard] = {card.number: card for card in (*OTHERS, *NAMED.values())}
BY_NUMBER["4242424242424242"] = NAMED["visa"]
BY_NUMBER["378282246310005"] = NAMED["amex"]
BY_FINGERPRINT: dict[str, TestCard] = {card.fingerprint: card for card in BY_NUMBER.values()}

#: First digits -> brand, for numbers that are not on the page.
PREFIXES = (
    ("4", "visa"), ("34", "amex"), ("37", "amex"), ("51", "mastercard"), ("52", "mastercard"), ("53", "mastercard"),
    ("54", "mastercard"), ("55", "mastercard"), ("22", "mastercard"), ("27", "mastercard"), ("6011", "discover"),
    ("65", "discover"), ("62", "unionpay"), ("35", "jcb"), ("30", "diners"), ("36", "diners"), ("38", "diners"),
)  # fmt: skip


def by_name(id: str, prefix: str) -> TestCard | None:
    """The card behind ``pm_card_visa`` (prefix ``pm_card_``) or ``tok_visa`` (prefix ``tok_``), if there is one."""
    if not id.startswith(prefix):
        return None
    return NAMED.get(id[len(prefix) :])


def by_number(number: str) -> TestCard | None:
    """The card with that number, spaces and dashes apart; None when the number itself is impossible."""
    digits = number.replace(" ", "").replace("-", "")
    if known := BY_NUMBER.get(digits):
        return known
    if not (digits.isascii() and digits.isdigit() and 12 <= len(digits) <= 19 and _luhn(digits)):
        return None
    brand = next((name for prefix, name in PREFIXES if digits.startswith(prefix)), "unknown")
    return replace(NAMED["visa"], number=digits, brand=brand)


def behind(fingerprint: str | None) -> TestCard | None:
    """The test card that a stored card was made from; None for an ordinary one."""
    return BY_FINGERPRINT.get(fingerprint or "")


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
