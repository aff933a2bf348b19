"""Tax ids of customers and of the account itself: https://docs.stripe.com/api/tax_ids and
https://docs.stripe.com/billing/customer/tax-ids (2026-11)."""

from __future__ import annotations

import re

from mocks.base import Missing
from mocks.stripe.calls import Object, StripeCall, changed
from mocks.stripe.errors import invalid, missing_param
from mocks.stripe.lists import page

KIND = "tax_id"
ACCOUNT = "acct_self"

#: Countries of the European Union as they begin a VAT number, and Northern Ireland.
UNION = "AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI"

#: Type -> what a value looks like, without spaces, dots and dashes; the table of examples on the page. Types that are
#: not listed take letters and digits.
FORMS = {
    "ae_trn": r"\d{15}", "ar_cuit": r"\d{11}", "au_abn": r"\d{11}", "au_arn": r"\d{12}", "bg_uic": r"\d{9,13}",
    "br_cnpj": r"\d{14}|\d{2}\d{3}\d{3}/\d{4}\d{2}", "br_cpf": r"\d{11}", "ca_bn": r"\d{9}",
    "ca_gst_hst": r"\d{9}RT\d{4}", "ca_pst_bc": r"PST\d{8}", "ca_pst_mb": r"\d{7}", "ca_pst_sk": r"\d{7}",
    "ca_qst": r"\d{10}TQ\d{4}", "ch_vat": r"CHE\d{9}(MWST|TVA|IVA)", "ch_uid": r"CHE\d{9}", "cl_tin": r"\d{7,8}[0-9K]",
    "cn_tin": r"[0-9A-Z]{15,20}", "co_nit": r"\d{9,10}", "cr_tin": r"\d{9,12}", "de_stn": r"\d{10,11}",
    "do_rcn": r"\d{9,11}", "ec_ruc": r"\d{13}", "eg_tin": r"\d{9}", "es_cif": r"[A-Z]\d{7}[0-9A-J]",
    "eu_oss_vat": r"EU\d{9}", "eu_vat": rf"({UNION})[0-9A-Z+*]{{2,12}}",
    "gb_vat": r"(GB)?(\d{9}|\d{12}|GD\d{3}|HA\d{3})", "ge_vat": r"\d{9}", "hk_br": r"\d{8}", "hr_oib": r"\d{11}",
    "hu_tin": r"\d{11}", "id_npwp": r"\d{15,16}", "il_vat": r"\d{9}",
    "in_gst": r"\d{2}[A-Z]{5}\d{4}[A-Z][0-9A-Z]Z[0-9A-Z]",
    "is_vat": r"\d{5,6}", "jp_cn": r"\d{13}", "jp_rn": r"\d{5}", "jp_trn": r"T\d{13}", "ke_pin": r"[A-Z]\d{9}[A-Z]",
    "kr_brn": r"\d{10}", "li_uid": r"CHE\d{9}", "mx_rfc": r"[A-ZÑ&]{3,4}\d{6}[0-9A-Z]{3}", "my_frp": r"\d{8}",
    "no_vat": r"\d{9}(MVA)?", "no_voec": r"\d{7}", "nz_gst": r"\d{8,9}", "pe_ruc": r"\d{11}", "ph_tin": r"\d{12}",
    "ro_tin": r"\d{13}|\d{2,10}", "rs_pib": r"\d{9}", "ru_inn": r"\d{10}|\d{12}", "ru_kpp": r"\d{9}",
    "sa_vat": r"\d{15}",
    "sg_gst": r"[0-9A-Z]{9,10}", "sg_uen": r"[0-9A-Z]{9,10}", "si_tin": r"\d{8}", "sv_nit": r"\d{14}",
    "th_vat": r"\d{13}", "tr_tin": r"\d{10}", "tw_vat": r"\d{8}", "ua_vat": r"\d{9,12}", "us_ein": r"\d{9}",
    "uy_ruc": r"\d{12}", "ve_rif": r"[A-Z]\d{9}", "vn_tin": r"\d{10}|\d{13}", "za_vat": r"4\d{9}",
}  # fmt: skip

#: Types that Stripe asks a registry about.
VERIFIED = frozenset(["au_abn", "eu_vat", "gb_vat"])

#: Values of sandboxes -> what the registry says (https://docs.stripe.com/billing/customer/tax-ids#test).
MAGIC = {"000000000": "verified", "111111111": "unverified", "222222222": "pending"}

#: Beginning of a VAT number -> country, where it differs.
COUNTRY = {"EL": "GR", "XI": "GB"}


def build(call: StripeCall, type: str, value: str, owner: Object) -> Object:
    """A new tax id, pending where a registry is asked; raises ServiceError for a value that cannot be one."""
    plain = re.sub(r"[\s.\-]", "", value).upper()
    # The magic values go with every type that is verified.
    form = FORMS.get(type, r"[0-9A-Z/+*&Ñ]{2,30}")
    if not (re.fullmatch(form, plain) or (type in VERIFIED and plain in MAGIC)):
        raise invalid(f"Invalid value for {type}.", code="tax_id_invalid", param="value")
    asked = type in VERIFIED
    return {
        "id": call.new_id("txi_1", 23),
        "object": KIND,
        "country": _country(type, plain),
        "created": call.timestamp,
        "customer": owner.get("customer"),
        "customer_account": None,
        "livemode": False,
        "owner": owner,
        "type": type,
        "value": value,
        "verification": {
            "status": "pending" if asked else "unavailable",
            "verified_address": None,
            "verified_name": None,
        },
    }


def _country(type: str, plain: str) -> str | None:
    if type == "eu_vat":
        return COUNTRY.get(plain[:2], plain[:2]) if plain[:2].isalpha() else None
    return None if type in ("eu_oss_vat", "unknown") else type[:2].upper()


async def _add(call: StripeCall, owner: Object) -> Object:
    tax_id = build(call, call.body["type"], call.body["value"], owner)
    customer = tax_id["customer"]
    await call.state.put(KIND, tax_id["id"], tax_id, {"customer": customer or ACCOUNT})
    if customer is None:
        return tax_id
    call.event("customer.tax_id.created", tax_id)
    said = MAGIC.get(re.sub(r"[\s.\-]", "", tax_id["value"]).upper()[-9:])
    if tax_id["type"] in VERIFIED and said in ("verified", "unverified"):
        # The registry answers after the call: the answer shows the tax id as it was.
        shown = {"verified_address": "123 TEST STREET", "verified_name": "TEST"} if said == "verified" else {}
        new, previous = changed(tax_id, {"verification": {**tax_id["verification"], "status": said, **shown}})
        await call.state.put(KIND, new["id"], new)
        call.event("customer.tax_id.updated", new, previous)
    return tax_id


async def create_of_customer(call: StripeCall) -> Object:
    customer = await call.named("customer", call.path("customer"))
    return await _add(call, _owner(customer["id"]))


def _owner(customer: str | None) -> Object:
    kind = "self" if customer is None else "customer"
    return {"account": None, "application": None, "customer": customer, "customer_account": None, "type": kind}


async def create(call: StripeCall) -> Object:
    owner = call.body.get("owner") or {"type": "self"}
    if owner["type"] != "customer":
        return await _add(call, {**_owner(None), "type": owner["type"], "account": owner.get("account")})
    if not owner.get("customer"):
        raise missing_param("owner[customer]")
    customer = await call.referred("customer", owner["customer"], "owner[customer]")
    return await _add(call, _owner(customer["id"]))


async def _own(call: StripeCall) -> Object:
    customer = await call.named("customer", call.path("customer"))
    found = await call.named(KIND, call.path("id"))
    if found["customer"] != customer["id"]:
        raise Missing(KIND, found["id"])
    return found


async def retrieve_of_customer(call: StripeCall) -> Object:
    return await _own(call)


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("id"))


async def delete_of_customer(call: StripeCall) -> Object:
    return await _delete(call, await _own(call))


async def delete(call: StripeCall) -> Object:
    return await _delete(call, await call.named(KIND, call.path("id")))


async def _delete(call: StripeCall, tax_id: Object) -> Object:
    await call.state.delete(KIND, tax_id["id"])
    if tax_id["customer"]:
        call.event("customer.tax_id.deleted", tax_id)
    return {"id": tax_id["id"], "object": KIND, "deleted": True}


async def list_of_customer(call: StripeCall) -> Object:
    customer = await call.named("customer", call.path("customer"))
    return await page(call, KIND, {"customer": customer["id"]}, url=f"/v1/customers/{customer['id']}/tax_ids")


async def list_all(call: StripeCall) -> Object:
    """Without an owner: those of the account itself."""
    owner = call.body.get("owner") or {}
    if owner.get("customer"):
        await call.referred("customer", owner["customer"], "owner[customer]")
    return await page(call, KIND, {"customer": owner.get("customer") or ACCOUNT})
