"""Money as Stripe counts it: minor units, smallest and largest amounts, and the fee of a payment.

Sources: https://docs.stripe.com/currencies (zero- and three-decimal currencies, minimum charge amounts) and
https://stripe.com/pricing for a US account (2.9 % + 30 cents), 2026-11. A refund keeps the fee.
"""

from __future__ import annotations

from decimal import Decimal

from mocks.base import ServiceError
from mocks.stripe.errors import empty_param, invalid

ZERO_DECIMAL = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"],
)
THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])

#: Currencies that a charge can be made in.
CURRENCIES = frozenset((
    "usd", "aed", "afn", "all", "amd", "ang", "aoa", "ars", "aud", "awg", "azn", "bam", "bbd", "bdt", "bgn", "bhd",
    "bif", "bmd", "bnd", "bob", "brl", "bsd", "bwp", "byn", "bzd", "cad", "cdf", "chf", "clp", "cny", "cop", "crc",
    "cve", "czk", "djf", "dkk", "dop", "dzd", "egp", "etb", "eur", "fjd", "fkp", "gbp", "gel", "gip", "gmd", "gnf",
    "gtq", "gyd", "hkd", "hnl", "hrk", "htg", "huf", "idr", "ils", "inr", "isk", "jmd", "jod", "jpy", "kes", "kgs",
    "khr", "kmf", "krw", "kwd", "kyd", "kzt", "lak", "lbp", "lkr", "lrd", "lsl", "mad", "mdl", "mga", "mkd", "mmk",
    "mnt", "mop", "mur", "mvr", "mwk", "mxn", "myr", "mzn", "nad", "ngn", "nio", "nok", "npr", "nzd", "omr", "pab",
    "pen", "pgk", "php", "pkr", "pln", "pyg", "qar", "ron", "rsd", "rub", "rwf", "sar", "sbd", "scr", "sek", "sgd",
    "shp", "sle", "sos", "srd", "std", "szl", "thb", "tjs", "tnd", "top", "try", "ttd", "twd", "tzs", "uah", "ugx",
    "uyu", "uzs", "vnd", "vuv", "wst", "xaf", "xcd", "xcg", "xof", "xpf", "yer", "zar", "zmw", "usdc", "btn", "ghs",
    "eek", "lvl", "svc", "vef", "ltl", "sll", "mro",
))  # fmt: skip

#: The smallest charge, in minor units. Currencies that are not listed have none of their own.
MINIMUM = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip

#: Eight digits for most currencies.
MAXIMUM = 99_999_999

SYMBOLS = {"usd": "$", "cad": "$", "aud": "$", "nzd": "$", "sgd": "$", "hkd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


def shown(amount: int, currency: str) -> str:
    """``$0.50 usd``: an amount as Stripe's errors write it."""
    symbol = SYMBOLS.get(currency, "")
    if currency in ZERO_DECIMAL:
        return f"{symbol}{amount:,} {currency}"
    places = 3 if currency in THREE_DECIMAL else 2
    return f"{symbol}{amount / 10**places:,.{places}f} {currency}"


def plain(amount: int, currency: str) -> str:
    """``$0.50``: without the currency's code."""
    return shown(amount, currency).rpartition(" ")[0]


def exactly(amount: Decimal, currency: str) -> str:
    """``$0.036``: as ``plain``, of an amount that may be smaller than a minor unit."""
    places = 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
    major = (amount / 10**places).normalize()
    exponent = major.as_tuple().exponent
    shown_places = max(places, -exponent if isinstance(exponent, int) else 0)
    return f"{SYMBOLS.get(currency, '')}{major:,.{shown_places}f}"


def known_currency(currency: str, param: str = "currency") -> str:
    """The currency in lower case; refuses one that Stripe does not support."""
    lower = currency.lower()
    if not lower:
        raise empty_param(param)
    if lower not in CURRENCIES:
        supported = ", ".join(["usd", *sorted(CURRENCIES - {"usd"})])
        raise invalid(
            f"Invalid currency: {lower}. Stripe currently supports these currencies: {supported}", param=param
        )
    return lower


def chargeable(amount: int, currency: str, param: str = "amount") -> None:
    """Refuses an amount that cannot be charged in ``currency``; raises ServiceError."""
    if amount < 1:
        raise _not_positive(param)
    smallest = MINIMUM.get(currency, 1)
    if amount < smallest:
        raise invalid(f"Amount must be at least {shown(smallest, currency)}", code="amount_too_small", param=param)
    if amount > MAXIMUM:
        raise invalid(f"Amount must be no more than {shown(MAXIMUM, currency)}", code="amount_too_large", param=param)


def _not_positive(param: str) -> ServiceError:
    # Seen in 2026-03-25.dahlia; the two spaces are Stripe's.
    return invalid(
        "The amount must be greater than or equal to the minimum charge amount allowed for your account and the "
        "currency "
        "set (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).  If you want to save a Payment "
        "Method for future use without an immediate payment, use a Setup Intent instead: "
        "https://docs.stripe.com/payments/setup-intents",
        code="parameter_invalid_integer",
        param=param,
    )


def fee(amount: int, kind: str = "card") -> int:
    """Stripe's part of a payment: 2.9 % rounded half up, and 30; of an ACH debit 0.8 %, at most five dollars."""
    if kind == "us_bank_account":
        return min((amount * 8 + 500) // 1000, 500)
    return (amount * 29 + 500) // 1000 + 30
