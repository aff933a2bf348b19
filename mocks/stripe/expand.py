"""``expand[]``: ids replaced by the objects that they name, and fields that are only shown on request.

https://docs.stripe.com/api/expanding_objects (2026-11): up to four levels deep. Answers are copied
where they change: stored objects stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid

DEEPEST = 4

#: Start of an id -> kind of the record. The longest that fits wins.
KINDS = {
    "acct_": "account", "ba_": "bank_account",
    "bpc_": "billing_portal.configuration", "card_": "card", "ch_": "charge", "co_": "coupon",
    "cs_": "checkout.session",
    "cbtxn_": "customer_balance_transaction", "cbtxn_test_": "billing.credit_balance_transaction",
    "credgr_": "billing.credit_grant", "cn_": "credit_note",
    "cus_": "customer", "clock_": "test_helpers.test_clock", "di_": "discount",
    "du_": "dispute", "dp_": "dispute", "evt_": "event",
    "fee_": "application_fee", "fr_": "fee_refund", "file_": "file",
    "ii_": "invoiceitem", "in_": "invoice", "mandate_": "mandate",
    "pi_": "payment_intent",
    "plan_": "plan", "plink_": "payment_link", "pm_": "payment_method", "po_": "payout", "price_": "price",
    "prod_": "product", "promo_": "promotion_code", "py_": "charge", "pyr_": "refund", "qt_": "quote", "re_": "refund",
    "setatt_": "setup_attempt", "seti_": "setup_intent", "shr_": "shipping_rate", "si_": "subscription_item",
    "src_": "source", "sub_": "subscription", "sub_sched_": "subscription_schedule", "tok_": "token", "tr_": "transfer",
    "trr_": "transfer_reversal", "tu_": "topup", "txn_": "balance_transaction", "txr_": "tax_rate",
    "we_": "webhook_endpoint",
}  # fmt: skip

#: Fields whose ids may be of the account's own choosing, and tell nothing by their start.
NAMED = {"coupon": "coupon", "product": "product"}

#: Object -> its fields (dotted inside a hash) that hold an id which can be expanded. Taken from the pinned SDK's
#: types (``ExpandableField``), for the objects that have handlers; others expand any field that holds an id.
EXPANDABLE: dict[str, frozenset[str]] = {
    "customer": frozenset(["default_source", "invoice_settings.default_payment_method", "test_clock"]),
    "product": frozenset(["default_price", "tax_code"]),
    "price": frozenset(["product"]),
    "payment_method": frozenset(["customer"]),
    "payment_intent": frozenset(
        [
            "application", "customer", "last_payment_error.payment_method", "latest_charge", "on_behalf_of",
            "payment_method", "review", "source", "transfer_data.destination",
        ]
    ),
    "setup_intent": frozenset(
        ["application", "customer", "latest_attempt", "mandate", "on_behalf_of", "payment_method", "single_use_mandate"]
    ),
    "charge": frozenset(
        [
            "application", "application_fee", "balance_transaction", "customer", "dispute",
            "failure_balance_transaction", "on_behalf_of", "outcome.rule", "payment_intent", "review",
            "source_transfer", "transfer",
            "transfer_data.destination", "payment_method_details.card.mandate",
        ]
    ),
    "refund": frozenset(
        [
            "balance_transaction", "charge", "customer", "failure_balance_transaction", "payment_intent",
            "payment_method", "source_transfer_reversal", "transfer_reversal",
        ]
    ),
    "plan": frozenset(["product"]),
    "coupon": frozenset(),
    "promotion_code": frozenset(["customer", "promotion.coupon"]),
    "discount": frozenset(["customer", "promotion_code", "source.coupon"]),
    "tax_rate": frozenset(),
    "shipping_rate": frozenset(["tax_code"]),
    "balance_transaction": frozenset(["source"]),
    "card": frozenset(["account", "customer"]),
    "setup_attempt": frozenset(["application", "customer", "on_behalf_of", "payment_method", "setup_intent"]),
}  # fmt: skip


async def expanded(call: StripeCall, value: Any, paths: Sequence[str] | str) -> Any:
    """``value`` with every path expanded; raises ServiceError for one that cannot be."""
    if not isinstance(value, dict):
        return value
    return await _object(call, value, _tree([paths] if isinstance(paths, str) else paths), ())


def _tree(paths: Sequence[str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path in paths:
        names = path.split(".")
        if len(names) > DEEPEST:
            raise invalid(f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}")
        node = tree
        for name in names:
            node = node.setdefault(name, {})
    return tree


def _refused(trail: tuple[str, ...], hint: str = "") -> Exception:
    return invalid(f"This property cannot be expanded ({'.'.join(trail)}).{hint}", param="expand")


async def _object(call: StripeCall, value: Object, tree: Mapping[str, Any], trail: tuple[str, ...]) -> Object:
    """An object or list with the branches of ``tree`` expanded."""
    kind = value.get("object")
    result = dict(value)
    for name, below in tree.items():
        path = (*trail, name)
        if kind in ("list", "search_result"):
            if kind == "search_result" and name == "total_count" and name in value:
                continue
            if name != "data":
                raise _refused(path, f" You may want to try expanding 'data.{name}' instead." if not trail else "")
            result["data"] = [await _object(call, item, below, path) for item in value["data"]]
        else:
            result[name] = await _field(call, value, str(kind), name, below, path)
    return result


async def _field(
    call: StripeCall, owner: Object, kind: str, name: str, below: Mapping[str, Any], path: tuple[str, ...]
) -> Any:
    value = owner.get(name)
    loader = call.includes.get((kind, name))
    if loader is not None and name not in owner:
        value = await loader(call, owner)
    elif isinstance(value, dict) and "object" not in value:
        if not below:
            raise _refused(path)
        return await _hash(call, owner, value, kind, name, below, path)
    elif isinstance(value, list):
        return [await _member(call, item, owner, kind, name, below, path) for item in value]
    elif not (isinstance(value, dict) or _expandable(call, owner, kind, name)):
        raise _refused(path)
    if isinstance(value, str):
        value = await _load(call, value, owner, name)
    if below and isinstance(value, dict):
        return await _object(call, value, below, path)
    return value


async def _member(
    call: StripeCall, item: Any, owner: Object, kind: str, name: str, below: Mapping[str, Any], path: tuple[str, ...]
) -> Any:
    """What a list inside an object holds: ids, objects or hashes."""
    if isinstance(item, str):
        item = await _load(call, item, owner, name)
    if not isinstance(item, dict) or not below:
        return item
    if "object" in item:
        return await _object(call, item, below, path)
    return await _hash(call, owner, item, kind, name, below, path)


async def _hash(
    call: StripeCall,
    owner: Object,
    value: Object,
    kind: str,
    prefix: str,
    tree: Mapping[str, Any],
    trail: tuple[str, ...],
) -> Object:
    """A hash inside an object: its fields are known as ``prefix.field`` of the object."""
    result = dict(value)
    for name, below in tree.items():
        path, dotted = (*trail, name), f"{prefix}.{name}"
        inner = value.get(name)
        if isinstance(inner, dict) and "object" not in inner and below:
            result[name] = await _hash(call, owner, inner, kind, dotted, below, path)
            continue
        loader = call.includes.get((kind, dotted))
        if loader is not None and name not in value:
            inner = await loader(call, owner)
            result[name] = await _below(call, owner, inner, kind, dotted, below, path) if below else inner
            continue
        if not (isinstance(inner, dict) or _expandable(call, value, kind, dotted, name)):
            raise _refused(path)
        if isinstance(inner, str):
            inner = await _load(call, inner, value, name)
        result[name] = await _object(call, inner, below, path) if below and isinstance(inner, dict) else inner
    return result


async def _below(
    call: StripeCall,
    owner: Object,
    inner: Object,
    kind: str,
    prefix: str,
    tree: Mapping[str, Any],
    trail: tuple[str, ...],
) -> Object:
    """What was included, with branches expanded inside it."""
    if "object" in inner:
        return await _object(call, inner, tree, trail)
    return await _hash(call, owner, inner, kind, prefix, tree, trail)


def _expandable(call: StripeCall, owner: Object, kind: str, dotted: str, name: str | None = None) -> bool:
    known = EXPANDABLE.get(kind)
    if known is not None and (call.older is None or dotted in known):
        return dotted in known
    name = name or dotted
    value = owner.get(name)
    return name in owner and (value is None or (isinstance(value, str) and _kind(value) is not None))


def _kind(key: str) -> str | None:
    head, _, rest = key.partition("_")
    if head == "sub" and rest.startswith("sched_"):
        return "subscription_schedule"
    return KINDS.get(f"{head}_")


async def _load(call: StripeCall, key: str, owner: Object, name: str) -> Any:
    """The object with that id, or the id when it is not there."""
    kind = NAMED.get(name) or _kind(key) or ("payment_method" if owner.get("payment_method") == key else None)
    if kind is None:
        return key
    found = await call.state.get(kind, key) or await call.state.get(f"deleted_{kind}", key)
    if found is None:
        return key
    if key in call.fresh_charges:
        # Captured asynchronously: the balance transaction is not there yet when the payment answers (seen 2025-11).
        found = {**found, "balance_transaction": None}
    return found if call.older is None else await call.older(call, found)
