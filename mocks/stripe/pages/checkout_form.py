"""The form of a checkout page: who pays, where to, and with what. https://docs.stripe.com/payments/checkout (2026-11).

Fields have the names that Stripe's own page gives them, so that a script that fills one fills the other. There are no
scripts: the fields of a payment method are shown by its radio button.
"""

from __future__ import annotations

from mocks.stripe import checkout_payment, payment_methods, prices, products
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.pages.markup import alert, amount, button, choice, field, text
from mocks.stripe.pages.stage import said

COUNTRIES = (
    ("US", "United States"), ("AT", "Austria"), ("AU", "Australia"), ("BE", "Belgium"), ("BR", "Brazil"),
    ("CA", "Canada"), ("CH", "Switzerland"), ("DE", "Germany"), ("DK", "Denmark"), ("ES", "Spain"), ("FI", "Finland"),
    ("FR", "France"), ("GB", "United Kingdom"), ("IE", "Ireland"), ("IN", "India"), ("IT", "Italy"), ("JP", "Japan"),
    ("MX", "Mexico"), ("NL", "Netherlands"), ("NO", "Norway"), ("NZ", "New Zealand"), ("PL", "Poland"),
    ("PT", "Portugal"), ("SE", "Sweden"), ("SG", "Singapore"),
)  # fmt: skip
BUTTONS = {"book": "Book", "donate": "Donate", "subscribe": "Subscribe"}


#: Payment methods that the page takes, with their words: those of the first line are paid on the page, or later by a
#: bank; the others at their own page.
METHODS = {
    "card": "Card", "us_bank_account": "US bank account", "sepa_debit": "SEPA Direct Debit",
    "bacs_debit": "Bacs Direct Debit", "au_becs_debit": "BECS Direct Debit",
    "affirm": "Affirm", "afterpay_clearpay": "Afterpay", "alipay": "Alipay", "amazon_pay": "Amazon Pay",
    "bancontact": "Bancontact", "blik": "BLIK", "cashapp": "Cash App Pay", "eps": "EPS", "giropay": "giropay",
    "grabpay": "GrabPay", "ideal": "iDEAL", "klarna": "Klarna", "mobilepay": "MobilePay", "p24": "Przelewy24",
    "paynow": "PayNow", "paypal": "PayPal", "pix": "Pix", "promptpay": "PromptPay", "revolut_pay": "Revolut Pay",
    "sofort": "Sofort", "swish": "Swish", "twint": "TWINT", "wechat_pay": "WeChat Pay", "zip": "Zip",
}  # fmt: skip
#: Payment method -> its own fields on the page: parameter -> words.
BANKS = {
    "us_bank_account": {"routing_number": "Routing number", "account_number": "Account number"},
    "sepa_debit": {"iban": "IBAN"},
    "bacs_debit": {"sort_code": "Sort code", "account_number": "Account number"},
    "au_becs_debit": {"bsb_number": "BSB", "account_number": "Account number"},
}
#: Tax ids that the page offers: https://docs.stripe.com/tax/checkout/tax-ids.
TAX_IDS = (
    ("", "No tax ID"), ("eu_vat", "EU VAT"), ("gb_vat", "UK VAT"), ("us_ein", "US EIN"), ("au_abn", "AU ABN"),
    ("ca_gst_hst", "CA GST/HST"), ("ch_vat", "CH VAT"), ("in_gst", "IN GST"), ("no_vat", "NO VAT"),
    ("nz_gst", "NZ GST"), ("br_cnpj", "BR CNPJ"), ("br_cpf", "BR CPF"), ("mx_rfc", "MX RFC"), ("jp_trn", "JP TRN"),
    ("sg_gst", "SG GST"), ("za_vat", "ZA VAT"),
)  # fmt: skip


async def form(call: StripeCall, session: Object, items: list[Object], words: str | None) -> str:
    """The whole form; ``words`` say why the last one was refused."""
    known = (session["customer_details"] or {}).get("email")
    texts = session["custom_text"]
    parts = [alert(words), "<form method=post>"]
    if known:
        parts.append(f"<p class=soft>{text(known)}</p>")
    else:
        parts.append(field("Email", "email", value=said(call, "email"), kind="email", complete="email"))
    if session["phone_number_collection"]["enabled"]:
        parts.append(field("Phone", "phoneNumber", value=said(call, "phoneNumber"), kind="tel", complete="tel"))
    parts += _names(call, session)
    parts += [_quantity(item) for item in items if (item.get("adjustable_quantity") or {}).get("enabled")]
    parts += [await _optional(call, at, each) for at, each in enumerate(session.get("optional_items") or ())]
    if session["shipping_address_collection"]:
        parts += [_where(call, session), _note(texts["shipping_address"])]
    parts.append(_shipping(session))
    if session["allow_promotion_codes"]:
        code = said(call, "promotionCode")
        parts.append(field("Promotion code", "promotionCode", value=code, needed=False))
    parts += [_own_field(call, each) for each in session["custom_fields"]]
    if checkout_payment.needs_method(session):
        parts.append(await _methods(call, session))
    if session["billing_address_collection"] == "required":
        parts.append(_billing(call))
    if (session.get("tax_id_collection") or {}).get("enabled"):
        parts += [field("Business name", "businessName", value=said(call, "businessName"), needed=False,
                        complete="organization"),
                  choice("Type of tax ID", "taxIdType", TAX_IDS, said(call, "taxIdType")),
                  field("Tax ID", "taxId", value=said(call, "taxId"), needed=False)]  # fmt: skip
    parts += _consents(session)
    parts += [_note(texts["submit"]), button(_words(session), id="submit"), _note(texts["after_submit"])]
    return "".join((*parts, "</form>"))


def _note(own: Object | None) -> str:
    """What the seller has to say at a place of the form."""
    return f"<p class=soft>{text(own['message'])}</p>" if own else ""


def _names(call: StripeCall, session: Object) -> list[str]:
    asked = session.get("name_collection") or {}
    return [
        field(label, name, value=said(call, name), complete=complete, needed=not asked[kind]["optional"])
        for kind, name, label, complete in (
            ("individual", "individualName", "Full name", "name"),
            ("business", "businessName", "Business name", "organization"),
        )
        if (asked.get(kind) or {}).get("enabled")
    ]


async def _optional(call: StripeCall, at: int, each: Object) -> str:
    """Something that may be added."""
    price = await call.state.get(prices.KIND, each["price"])
    product = await call.state.get(products.KIND, price["product"]) if price else None
    if price is None:
        return ""
    words = f"Add {product['name'] if product else 'item'} ({amount(price['unit_amount'] or 0, price['currency'])})"
    bounds = each["adjustable_quantity"]
    most = bounds["maximum"] if bounds and bounds["enabled"] else each["quantity"]
    name = f"optional[{at}]"
    return field(words, name, value=said(call, name) or "0", kind="number", needed=False, more=f'min="0" max="{most}"')


def _where(call: StripeCall, session: Object) -> str:
    """Where it is sent to."""
    names = dict(COUNTRIES)
    allowed = session["shipping_address_collection"]["allowed_countries"]
    countries = [(code, names.get(code, code)) for code in allowed]
    inner = "".join((
        field("Full name", "shippingName", value=said(call, "shippingName"), complete="shipping name"),
        choice("Country", "shippingCountry", countries, said(call, "shippingCountry")),
        _address(call, "shipping"),
    ))  # fmt: skip
    return f"<fieldset><legend>Shipping information</legend>{inner}</fieldset>"


def _address(call: StripeCall, whose: str) -> str:
    """The fields of an address, its country apart; postal codes and states are not everywhere."""
    return "".join(
        field(
            label, f"{whose}{name}", value=said(call, f"{whose}{name}"), complete=f"{whose} {complete}", needed=needed
        )
        for name, label, complete, needed in (
            ("AddressLine1", "Address", "address-line1", True),
            ("AddressLine2", "Address, second line", "address-line2", False),
            ("Locality", "City", "address-level2", True),
            ("AdministrativeArea", "State or province", "address-level1", False),
            *((("PostalCode", "Postal code", "postal-code", False),) if whose == "shipping" else ()),
        )
    )


def _billing(call: StripeCall) -> str:
    return f"<fieldset><legend>Billing address</legend>{_address(call, 'billing')}</fieldset>"


def _consents(session: Object) -> list[str]:
    asked = session["consent_collection"] or {}
    parts = []
    if asked.get("promotions") == "auto":
        parts.append(_check("promotionsConsentCheckbox", "Send me news and offers", needed=False))
    if asked.get("terms_of_service") == "required":
        own = session["custom_text"]["terms_of_service_acceptance"]
        words = own["message"] if own else "I agree to the terms of service"
        parts.append(_check("termsOfServiceConsentCheckbox", words, needed=True))
    return parts


def _check(name: str, words: str, *, needed: bool) -> str:
    return (
        f'<label class=line><input type=checkbox id="{name}" name="{name}" value=1{" required" if needed else ""}>'
        f"{text(words)}</label>"
    )


def offered(session: Object) -> list[str]:
    """The payment methods of a session that the page can take. Only cards are saved for what follows a payment."""
    types = [kind for kind in session["payment_method_types"] if kind in METHODS]
    return types if session["mode"] == "payment" and types else ["card"]


async def _methods(call: StripeCall, session: Object) -> str:
    """What to pay with: the customer's own cards, and each payment method with its fields."""
    saved = await saved_cards(call, session)
    types = offered(session)
    savable = (session["saved_payment_method_options"] or {}).get("payment_method_save") == "enabled"
    keep = _check("enableStripePass", "Save this card for the next time", needed=False) if savable else ""
    if types == ["card"] and not saved:
        return f"<h2>Card</h2>{card_fields(call)}{keep}"
    chosen = said(call, "paymentMethod") or (saved[0]["id"] if saved else types[0])
    parts = []
    for method in saved:
        card = method["card"]
        words = f"{card['brand'].title()} ending in {card['last4']}"
        parts.append(_method(method["id"], words, "", chosen))
    for kind in types:
        fields = f"{card_fields(call, needed=False)}{keep}" if kind == "card" else bank_fields(call, kind)
        if kind != "card" and kind not in BANKS:
            fields = f"<p class=soft>You go on to {text(METHODS[kind])} to pay.</p>"
        parts.append(_method(kind, METHODS[kind], fields, chosen))
    return f"<fieldset><legend>Payment method</legend>{''.join(parts)}</fieldset>"


async def saved_cards(call: StripeCall, session: Object) -> list[Object]:
    """The customer's cards that may be shown: https://docs.stripe.com/payments/save-during-payment (2026-11)."""
    shown = (session["saved_payment_method_options"] or {}).get("allow_redisplay_filters") or ()
    if not session["customer"] or not shown:
        return []
    found = await call.state.page(payment_methods.KIND, where={"customer": session["customer"], "type": "card"})
    return [method for method in found if method.get("allow_redisplay") in shown]


def _method(value: str, words: str, fields: str, chosen: str) -> str:
    key = f"payment-method-{value}"
    checked = " checked" if value == chosen else ""
    return (
        f'<div class=method><label class=line><input type=radio id="{text(key)}" name="paymentMethod" '
        f'value="{text(value)}"{checked}>{text(words)}</label><div>{fields}</div></div>'
    )


def bank_fields(call: StripeCall, kind: str) -> str:
    """The fields of a bank debit, and of the account's holder."""
    name = f"{kind}[name]"
    own = "".join(field(words, f"{kind}[{param}]", needed=False) for param, words in BANKS.get(kind, {}).items())
    return field("Name of the account's holder", name, value=said(call, name), needed=False) + own


def _words(session: Object) -> str:
    if session["mode"] == "setup":
        return "Save card"
    if session["mode"] == "subscription":
        return "Subscribe" if session["amount_total"] else "Start trial"
    return BUTTONS.get(session["submit_type"] or "", f"Pay {amount(session['amount_total'], session['currency'])}")


def card_fields(call: StripeCall, *, needed: bool = True) -> str:
    """The fields of a card and of its holder."""
    return "".join(
        (
            field("Card number", "cardNumber", complete="cc-number",
                  needed=needed,
                  more='inputmode="numeric" placeholder="1234 1234 1234 1234"'),
            "<div class=pair>",
            field("Expires", "cardExpiry", complete="cc-exp", needed=needed, more='placeholder="MM / YY"'),
            field("Security code", "cardCvc", complete="cc-csc", needed=needed,
                  more='inputmode="numeric" placeholder="CVC"'),
            "</div>",
            field("Name on card", "billingName", value=said(call, "billingName"), complete="cc-name",
                  needed=needed),
            "<div class=pair>",
            choice("Country", "billingCountry", COUNTRIES, said(call, "billingCountry") or "US"),
            field("Postal code", "billingPostalCode", value=said(call, "billingPostalCode"), complete="postal-code",
                  needed=False),
            "</div>",
        )
    )  # fmt: skip


def _quantity(item: Object) -> str:
    bounds = item["adjustable_quantity"]
    label = f"Quantity of {item['description'] or 'item'}"
    return field(label, f"quantity[{item['id']}]", value=str(item["quantity"]), kind="number",
                 more=f'min="{bounds["minimum"]}" max="{bounds["maximum"]}"')  # fmt: skip


def _shipping(session: Object) -> str:
    options = session["shipping_options"]
    if len(options) < 2:
        return ""
    chosen = (session["shipping_cost"] or {}).get("shipping_rate")
    listed = [(each["shipping_rate"], amount(each["shipping_amount"], session["currency"])) for each in options]
    return choice("Shipping", "shippingOption", listed, chosen)


def _own_field(call: StripeCall, own: Object) -> str:
    label, name = own["label"].get("custom") or own["key"], f"custom[{own['key']}]"
    value = said(call, name) or own[own["type"]]["default_value"]
    if own["type"] == "dropdown":
        listed = [(each["value"], each["label"]) for each in own["dropdown"]["options"]]
        return choice(label, name, [("", "")] * bool(own["optional"]) + listed, value)
    bounds = (("minlength", "minimum_length"), ("maxlength", "maximum_length"))
    more = " ".join(f'{mark}="{own[own["type"]][at]}"' for mark, at in bounds if own[own["type"]][at] is not None)
    if own["type"] == "numeric":
        more += ' inputmode="numeric" pattern="[0-9]*"'
    return field(label, name, value=value, needed=not own["optional"], more=more)
