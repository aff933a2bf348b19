"""Connected accounts: https://docs.stripe.com/api/accounts and https://docs.stripe.com/connect/accounts (2026-11).

An account is a record of the platform's; what belongs to it (persons, external accounts, payments) lies in its own
scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import access, external_accounts, legal_tokens, onboarding, persons, scope
from mocks.stripe.calls import Object, StripeCall, changed, given
from mocks.stripe.emails import email
from mocks.stripe.errors import invalid
from mocks.stripe.lists import page
from mocks.stripe.metadata import first, merged
from mocks.stripe.objects import address

KIND = "account"

#: Type -> who pays fees, bears losses and collects requirements, and the dashboard:
#: https://docs.stripe.com/connect/migrate-to-controller-properties
CONTROLLERS: dict[str, tuple[str, str, str, str]] = {
    "standard": ("account", "stripe", "stripe", "full"),
    "express": ("application_express", "application", "stripe", "express"),
    "custom": ("application_custom", "application", "application", "none"),
}

PROFILE = (
    "annual_revenue", "estimated_worker_count", "mcc", "minority_owned_business_designation", "name",
    "product_description", "specified_commercial_transactions_act_url", "support_address", "support_email",
    "support_phone", "support_url", "url",
)  # fmt: skip


async def create(call: StripeCall) -> Object:
    body = await legal_tokens.told(call, "account_token")
    if body.get("type") and body.get("controller"):
        raise invalid("You may only specify one of these parameters: type, controller.", param="type")
    country = (body.get("country") or "US").upper()
    if len(country) != 2 or not country.isalpha():
        raise invalid(f"Country '{country}' is unknown. Try using a 2-character alphanumeric country code instead, "
                      "such as 'US', 'EE', or 'GB'. A full list of supported country codes is available at "
                      "https://stripe.com/docs/connect/cross-border-payouts", code="country_unsupported",
                      param="country")  # fmt: skip
    if "individual" in body and body.get("business_type") not in (None, "individual"):
        raise _not_individual(body["business_type"])
    key = call.new_id("acct_1", 15)
    inside = call.inside(key)
    external = None
    if body.get("external_account"):
        external = await external_accounts.build(inside, body["external_account"], key, "external_account")
    account = _build(call, key, country, body)
    if external is not None:
        await external_accounts.add(inside, external)
    person = None
    if body.get("individual"):
        person = await persons.of_individual(inside, body["individual"], None)
        account["business_type"] = account["business_type"] or "individual"
    account = onboarding.assessed(account, person, external is not None, trusted=_trusted(call))
    await _store(call, account)
    return await shown(call, account)


def _not_individual(kind: str) -> Exception:
    return invalid(
        f"You cannot provide the `individual` parameter when `business_type` is set to `{kind}`.", param="individual"
    )


def _trusted(call: StripeCall) -> bool:
    """Whether accounts count as onboarded from the beginning, by the policy's option ``onboarding: instant``."""
    return call.options.get("onboarding") == "instant"


def _build(call: StripeCall, key: str, country: str, body: Mapping[str, Any]) -> Object:
    wanted = body.get("controller")
    kind = "none" if wanted else body.get("type", "standard")
    asked = body.get("capabilities") or {}
    return {
        "id": key,
        "object": KIND,
        "business_profile": _profile(body.get("business_profile"), None),
        "business_type": given(body, "business_type"),
        "capabilities": {name: "inactive" for name, value in asked.items() if value and value.get("requested")},
        "charges_enabled": False,
        "company": _company(body.get("company"), country, None),
        "controller": _controller(kind, wanted or {}),
        "country": country,
        "created": call.timestamp,
        "default_currency": body.get("default_currency") or external_accounts.currency_of(country),
        "details_submitted": False,
        "email": email(body),
        "future_requirements": onboarding.requirements([], None),
        "metadata": first(body.get("metadata")),
        "payouts_enabled": False,
        "requirements": onboarding.requirements([], None),
        "settings": _settings(body.get("settings"), kind),
        "tos_acceptance": _acceptance(body.get("tos_acceptance"), None),
        "type": kind,
    }


def _controller(kind: str, wanted: Mapping[str, Any]) -> Object:
    fees, losses, collects, dashboard = CONTROLLERS.get(kind, CONTROLLERS["standard"])
    losses = (wanted.get("losses") or {}).get("payments", losses)
    return {
        "fees": {"payer": (wanted.get("fees") or {}).get("payer", fees)},
        "is_controller": True,
        "losses": {"payments": losses},
        "requirement_collection": wanted.get("requirement_collection", collects),
        "stripe_dashboard": {"type": (wanted.get("stripe_dashboard") or {}).get("type", dashboard)},
        "type": "application",
    }


def _profile(sent: Any, old: Mapping[str, Any] | None) -> Object:
    found = dict(old or dict.fromkeys(PROFILE))
    for name, value in (sent or {}).items():
        if name == "monthly_estimated_revenue":
            found[name] = value
        elif name in PROFILE:
            found[name] = address(value) if name == "support_address" else value or None
    return found


def _company(sent: Any, country: str, old: Mapping[str, Any] | None) -> Object:
    """What is shown of the company: numbers only as provided or not."""
    nowhere = {"city": None, "country": country, "line1": None, "line2": None, "postal_code": None, "state": None}
    document = dict.fromkeys(("back", "details", "details_code", "front"))
    found: Object = dict(
        old
        or {
            "address": nowhere,
            "directors_provided": False,
            "executives_provided": False,
            "name": None,
            "owners_provided": False,
            "phone": None,
            "tax_id_provided": False,
            "verification": {"document": document},
        }
    )
    for name, value in (sent or {}).items():
        if name == "address":
            found[name] = {**found["address"], **{key: part or None for key, part in (value or {}).items()}}
        elif name in ("tax_id", "vat_id"):
            found[f"{name}_provided"] = bool(value)
        elif name == "verification":
            told = {**document, **((value or {}).get("document") or {})}
            found[name] = {"document": told}
        elif name in ("registration_number", "tax_id_registrar", "registration_date"):
            continue
        else:
            found[name] = value or None
    return found


def _settings(sent: Any, kind: str, old: Mapping[str, Any] | None = None) -> Object:
    found: Object = dict(
        old
        or {
            "bacs_debit_payments": {"display_name": None, "service_user_number": None},
            "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
            "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
            "card_payments": {
                "decline_on": {"avs_failure": False, "cvc_failure": False},
                "statement_descriptor_prefix": None,
                "statement_descriptor_prefix_kana": None,
                "statement_descriptor_prefix_kanji": None,
            },
            "dashboard": {"display_name": None, "timezone": "Etc/UTC"},
            "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": "offer"},
            "payments": {
                "statement_descriptor": None,
                "statement_descriptor_kana": None,
                "statement_descriptor_kanji": None,
            },
            "payouts": {
                "debit_negative_balances": kind == "standard",
                "schedule": {"delay_days": 2, "interval": "daily"},
                "statement_descriptor": None,
            },
            "sepa_debit_payments": {},
        }
    )
    for name, value in (sent or {}).items():
        if name == "payouts" and value and value.get("schedule"):
            value = {**value, "schedule": _schedule(value["schedule"], found["payouts"]["schedule"])}
        found[name] = _with(found.get(name), value)
    return found


def _with(old: Any, sent: Any) -> Any:
    """What was there with what is sent, member by member; an empty text unsets."""
    if not isinstance(sent, Mapping):
        return None if sent == "" else sent
    known: Mapping[str, Any] = old if isinstance(old, Mapping) else {}
    return {**known, **{name: _with(known.get(name), value) for name, value in sent.items()}}


def _schedule(sent: Mapping[str, Any], old: Mapping[str, Any]) -> Object:
    new = {**old, **sent}
    if new.get("delay_days") == "minimum":
        new["delay_days"] = 2
    days = {"weekly": ("weekly_anchor", "weekly_payout_days"), "monthly": ("monthly_anchor", "monthly_payout_days")}
    kept = days.get(new["interval"], ())
    return {name: value for name, value in new.items() if name in ("delay_days", "interval", *kept)}


def _acceptance(sent: Any, old: Mapping[str, Any] | None) -> Object:
    found = dict(old or {"date": None, "ip": None, "user_agent": None})
    return {**found, **{name: value or None for name, value in (sent or {}).items()}}


async def _store(call: StripeCall, account: Object) -> None:
    await call.state.put(KIND, account["id"], account, {})


async def shown(call: StripeCall, account: Object) -> Object:
    """The account as an answer has it: with its external accounts, and the individual behind it."""
    inside = call.inside(account["id"])
    found = {**account, "external_accounts": await external_accounts.listed(inside)}
    if account["business_type"] == "individual":
        person = await persons.representative(inside)
        if person is not None:
            found["individual"] = person
    if account["controller"]["stripe_dashboard"]["type"] == "express":
        url = f"/v1/accounts/{account['id']}/login_links"
        found["login_links"] = {"object": "list", "data": [], "has_more": False, "total_count": 0, "url": url}
    return dict(sorted(found.items(), key=lambda item: (item[0] not in ("id", "object"), item[0])))


async def connected(call: StripeCall, key: str) -> Object:
    """The connected account that the path names; raises ServiceError (403) for another's."""
    found = await call.state.get(KIND, key)
    if found is None or call.account not in (None, key):
        raise access.no_access(call, key)
    return found


async def retrieve(call: StripeCall) -> Object:
    key = call.path("account")
    if call.account is None and key == scope.platform(call):
        return platform(call)
    return await shown(call, await connected(call, key))


async def retrieve_current(call: StripeCall) -> Object:
    """The account that the request is about."""
    if call.account is None:
        return platform(call)
    return await shown(call, await connected(call, call.account))


def platform(call: StripeCall) -> Object:
    """The account that the keys belong to."""
    body = {"type": "standard", "capabilities": {key: {"requested": True} for key in ("card_payments", "transfers")}}
    account = _build(call, scope.platform(call), "US", body)
    account = {**onboarding.assessed(account, None, True, trusted=True), "created": 0}
    account["controller"] = {"type": "account"}
    listed = {"object": "list", "data": [], "has_more": False, "total_count": 0,
              "url": f"/v1/accounts/{account['id']}/external_accounts"}  # fmt: skip
    return {**account, "external_accounts": listed}


async def update(call: StripeCall) -> Object:
    body = await legal_tokens.told(call, "account_token")
    old = await connected(call, call.path("account"))
    inside = call.inside(old["id"])
    kind = given(body, "business_type") or old["business_type"]
    if body.get("individual") and kind not in (None, "individual"):
        raise _not_individual(kind)
    changes: Object = {"business_type": given(body, "business_type")} if "business_type" in body else {}
    if "email" in body:
        changes["email"] = email(body)
    if "default_currency" in body:
        changes["default_currency"] = body["default_currency"]
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if body.get("business_profile"):
        changes["business_profile"] = _profile(body["business_profile"], old["business_profile"])
    if body.get("company"):
        changes["company"] = _company(body["company"], old["country"], old["company"])
    if body.get("settings"):
        changes["settings"] = _settings(body["settings"], old["type"], old["settings"])
    if body.get("tos_acceptance"):
        changes["tos_acceptance"] = _acceptance(body["tos_acceptance"], old["tos_acceptance"])
    if body.get("capabilities"):
        wanted = {name: (value or {}).get("requested") for name, value in body["capabilities"].items()}
        kept = {name: status for name, status in old["capabilities"].items() if wanted.get(name) is not False}
        changes["capabilities"] = {**{name: "inactive" for name, asked in wanted.items() if asked}, **kept}
    if body.get("external_account"):
        found = await external_accounts.build(inside, body["external_account"], old["id"], "external_account")
        added = await external_accounts.add(inside, found, default=True)
        inside.event("account.external_account.created", added)
    if body.get("individual"):
        await persons.of_individual(inside, body["individual"], await persons.representative(inside))
        changes.setdefault("business_type", "individual")
    return await shown(call, await reassess(call, old, changes))


async def reassess(call: StripeCall, old: Object, changes: Mapping[str, Any]) -> Object:
    """The account after a change of it or of what belongs to it, stored and told of."""
    inside = call.inside(old["id"])
    external = bool(await inside.state.count(external_accounts.KIND))
    person = await persons.representative(inside)
    new = onboarding.assessed({**old, **changes}, person, external, trusted=_trusted(call))
    _, previous = changed(old, new)
    await _store(call, new)
    for name, status in new["capabilities"].items():
        before = old["capabilities"].get(name)
        if before != status:
            told = capability(new, name)
            inside.event("capability.updated", told, {"status": before or "unrequested"})
    if previous:
        inside.event("account.updated", await shown(call, new), previous)
    return new


def capability(account: Object, name: str) -> Object:
    """The object of one capability."""
    status = account["capabilities"].get(name)
    wanted = status is not None
    known = account["requirements"]
    missing = known["currently_due"] if wanted else []
    reason = "requirements.fields_needed" if missing else None
    if wanted and (known["disabled_reason"] or "").startswith("rejected."):
        reason = "rejected.other"
    return {
        "id": name,
        "object": "capability",
        "account": account["id"],
        "future_requirements": onboarding.requirements([], None),
        "requested": wanted,
        "requested_at": account["created"] if wanted else None,
        "requirements": onboarding.requirements(missing, reason),
        "status": status or "unrequested",
    }


async def delete(call: StripeCall) -> Object:
    account = await connected(call, call.path("account"))
    await call.state.delete(KIND, account["id"])
    stub: Object = {"id": account["id"], "object": KIND, "deleted": True}
    await call.state.put("deleted_account", account["id"], stub)
    # https://docs.stripe.com/connect/webhooks: told when an account is no longer connected.
    application: Object = {"id": scope.application(call), "object": "application", "name": "Test platform"}
    call.inside(account["id"]).event("account.application.deauthorized", application)
    return stub


async def list_all(call: StripeCall) -> Object:
    if call.account is not None:
        return await page(call, KIND, keep=lambda account: False)
    found = await page(call, KIND)
    return {**found, "data": [await shown(call, each) for each in found["data"]]}


async def reject(call: StripeCall) -> Object:
    """https://docs.stripe.com/api/account/reject: only accounts that the platform is liable for."""
    old = await connected(call, call.path("account"))
    if old["controller"]["losses"]["payments"] != "application":
        raise invalid("You may only reject accounts that your platform is liable for.")
    asked = call.body["reason"]
    reason = onboarding.REJECTED.get(asked, "rejected.platform_fraud" if "fraud" in asked else "rejected.other")
    known = {**old["requirements"], "disabled_reason": reason}
    return await shown(call, await reassess(call, old, {"requirements": known}))


async def unreject(call: StripeCall) -> Object:
    old = await connected(call, call.path("account"))
    known = {**old["requirements"], "disabled_reason": None}
    return await shown(call, await reassess(call, old, {"requirements": known}))
