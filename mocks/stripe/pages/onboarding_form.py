"""What the onboarding page asks, and what is made of the answers: https://docs.stripe.com/connect/required-verification-information
(2026-11). A field is called as the requirement that it satisfies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid
from mocks.stripe.onboarding import AMERICAN, COMPANY, PERSON
from mocks.stripe.pages.markup import choice, field, text
from mocks.stripe.pages.stage import said

KINDS = (
    ("individual", "Individual or sole proprietor"), ("company", "Company"),
    ("non_profit", "Nonprofit organization"), ("government_entity", "Government entity"),
)  # fmt: skip
#: A few of https://docs.stripe.com/connect/setting-mcc.
INDUSTRIES = (
    ("5734", "Software"), ("5399", "General merchandise"), ("5499", "Food and drink"), ("5651", "Clothing"),
    ("5942", "Books"), ("7299", "Personal services"), ("7372", "Computer programming"), ("8398", "Charity"),
    ("8999", "Professional services"),
)  # fmt: skip
LABELS = {
    "address.city": "City", "address.line1": "Street address", "address.postal_code": "Postal code",
    "address.state": "State", "dob.day": "Day of birth", "dob.month": "Month of birth", "dob.year": "Year of birth",
    "email": "Email", "first_name": "First name", "last_name": "Last name", "name": "Legal name", "phone": "Phone",
    "ssn_last_4": "Last 4 digits of Social Security number", "tax_id": "Tax ID", "title": "Job title",
}  # fmt: skip
KIND = {"email": "email", "phone": "tel", "dob.day": "number", "dob.month": "number", "dob.year": "number"}
COMPLETE = {
    "address.city": "address-level2", "address.line1": "address-line1", "address.postal_code": "postal-code",
    "address.state": "address-level1", "email": "email", "first_name": "given-name", "last_name": "family-name",
    "name": "organization", "phone": "tel", "dob.day": "bday-day", "dob.month": "bday-month", "dob.year": "bday-year",
}  # fmt: skip
BOUNDS = {"dob.day": (1, 31), "dob.month": (1, 12), "dob.year": (1900, 2100)}
#: Shown only as told, so that a form cannot show them again.
SECRETS = ("ssn_last_4", "tax_id")
#: What test mode believes: https://docs.stripe.com/connect/testing.
TEST: Mapping[str, str] = {
    "address.city": "South San Francisco", "address.line1": "address_full_match", "address.postal_code": "94080",
    "address.state": "CA", "dob.day": "1", "dob.month": "1", "dob.year": "1901", "email": "jenny.rosen@example.com",
    "first_name": "Jenny", "last_name": "Rosen", "name": "Rocket Rides", "phone": "0000000000", "ssn_last_4": "0000",
    "tax_id": "000000000", "url": "https://accessible.stripe.com", "mcc": "5734",
}  # fmt: skip
#: Country -> routing and account number of a test account, where it is not an IBAN: the same page.
BANKS = {
    "US": ("110000000", "000123456789"), "GB": ("108800", "00012345"), "CA": ("11000-000", "000123456789"),
    "AU": ("110000", "000123456"), "JP": ("1100000", "0001234"), "NZ": ("", "1100000000000010"),
}  # fmt: skip
IBAN = "DE89370400440532013000"


def wanted(account: Object, *, everything: bool) -> list[str]:
    """The names of what is asked: what is due, or all that there is to tell, bank and terms apart."""
    if not everything:
        return [name for name in account["requirements"]["currently_due"] if name != "business_type"]
    american = account["country"] == "US"
    person = [name for name in PERSON if american or name not in AMERICAN]
    found = ["business_profile.mcc", "business_profile.url"]
    if account["business_type"] == "individual":
        return found + [f"individual.{name}" for name in person]
    company = [name for name in COMPANY if american or name not in AMERICAN]
    return found + [f"company.{name}" for name in company] + [f"representative.{name}" for name in person]


def kinds(account: Object) -> str:
    """The question what sort of business it is, as a list to choose from."""
    return choice("Type of business", "business_type", KINDS, account["business_type"] or "individual")


def parts(call: StripeCall, account: Object, person: Object | None, names: list[str], *, needed: bool) -> str:
    """The fields, under a heading each: business, company, person, bank, terms."""
    test = call.params.query.get("test") == "1"
    known = {"company": account["company"], "individual": person or {}, "representative": person or {},
             "business_profile": account["business_profile"]}  # fmt: skip
    found: list[str] = []
    for owner, heading in (
        ("business_profile", "Your business"), ("company", "Company"), ("individual", "About you"),
        ("representative", "The person who opens the account"),
    ):  # fmt: skip
        own = [name for name in names if name.startswith(f"{owner}.")]
        if own:
            fields = "".join(
                _field(call, name, known[owner], test=test, needed=needed) for name in sorted(own, key=_place)
            )
            found.append(f"<fieldset><legend>{text(heading)}</legend>{fields}</fieldset>")
    if "external_account" in names:
        found.append(_bank(call, account["country"], test=test))
    if any(name.startswith("tos_acceptance.") for name in names):
        found.append(
            '<label class=line><input type=checkbox id="tos_acceptance" name="tos_acceptance" value=1 required'
            f"{' checked' if test else ''}>I agree to the terms of service of connected accounts</label>"
        )
    return "".join(found)


def _place(name: str) -> int:
    """People are asked for their name before their address."""
    order = ("mcc", "url", "name", "first_name", "last_name", "email", "phone", "dob.month", "dob.day", "dob.year",
             "address.line1", "address.city", "address.state", "address.postal_code")  # fmt: skip
    own = name.partition(".")[2]
    return order.index(own) if own in order else len(order)


def _field(call: StripeCall, name: str, known: Mapping[str, Any], *, test: bool, needed: bool) -> str:
    own = name.partition(".")[2]
    value = said(call, name) or _known(known, own) or (TEST.get(own) if test else None)
    if own == "mcc":
        return choice("Industry", name, INDUSTRIES, value)
    if own == "url":
        return field("Website", name, value=value, kind="url", complete="url", needed=needed,
                     more='placeholder="https://"')  # fmt: skip
    more = f'min="{BOUNDS[own][0]}" max="{BOUNDS[own][1]}"' if own in BOUNDS else ""
    if own == "ssn_last_4":
        more = 'inputmode="numeric" pattern="[0-9]{4}" maxlength=4'
    return field(LABELS.get(own, own), name, value=value, kind=KIND.get(own, "text"),
                 complete=COMPLETE.get(own, "off"), needed=needed, more=more)  # fmt: skip


def _known(known: Mapping[str, Any], own: str) -> str | None:
    found: Any = known
    if own in SECRETS:
        return None
    for step in own.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return None if found is None else str(found)


def _bank(call: StripeCall, country: str, *, test: bool) -> str:
    routing, number = BANKS.get(country, ("", IBAN))
    shown = (routing, number) if test else ("", "")
    fields = ""
    if country == "US" or routing:
        fields = field("Routing number", "bank.routing_number", value=said(call, "bank.routing_number") or shown[0])
    label = "Account number" if country in BANKS else "IBAN"
    fields += field(label, "bank.account_number", value=said(call, "bank.account_number") or shown[1])
    return f"<fieldset><legend>Bank account for payouts</legend>{fields}</fieldset>"


def answers(call: StripeCall, account: Object, names: list[str], *, needed: bool) -> Object:
    """Parameters of an update of the account, and under ``representative`` what was said of its person. Raises
    ServiceError."""
    body: Object = {}
    for name in names:
        owner, _, own = name.partition(".")
        if owner in ("external_account", "tos_acceptance"):
            continue
        value: Any = said(call, name)
        if value is None:
            if needed:
                raise invalid(f"{LABELS.get(own, own.replace('_', ' ').capitalize())} is missing.", param=name)
            continue
        place = body.setdefault(owner, {})
        *steps, last = own.split(".")
        for step in steps:
            place = place.setdefault(step, {})
        place[last] = _number(value, own) if own in BOUNDS else value
        if own == "ssn_last_4" and not (len(value) == 4 and value.isdigit()):
            raise invalid("The last four digits of a Social Security number are four digits.", param=name)
    if "external_account" in names:
        body["external_account"] = _account(call, account)
    if any(name.startswith("tos_acceptance.") for name in names):
        if not said(call, "tos_acceptance"):
            raise invalid("The terms of service have to be accepted.", param="tos_acceptance")
        agent = call.request.headers.get("user-agent")
        # Whose address it is, a page does not know here.
        body["tos_acceptance"] = {"date": call.timestamp, "ip": "127.0.0.1", "user_agent": agent}
    return body


def _number(value: str, own: str) -> int:
    least, most = BOUNDS[own]
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise invalid(f"{LABELS[own]} is not valid.", param=own)
    return int(value)


def _account(call: StripeCall, account: Object) -> Object:
    number = (said(call, "bank.account_number") or "").replace(" ", "")
    if not (4 <= len(number) <= 34 and number.isascii() and number.isalnum()):
        raise invalid("The account number is not valid.", code="account_number_invalid", param="external_account")
    routing = said(call, "bank.routing_number")
    if account["country"] == "US" and not (routing and routing.isdigit() and len(routing) == 9):
        raise invalid("The routing number is not valid.", code="routing_number_invalid", param="external_account")
    found = {"object": "bank_account", "account_number": number, "country": account["country"],
             "currency": account["default_currency"]}  # fmt: skip
    return {**found, "routing_number": routing} if routing else found
