"""Payments from the intent to the charge, and lists: Stripe's mock against the bare app."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from bench.results import Result
from bench.windows import Failed, Seen, Side, alternate, note, ratio
from bench.wire import CUSTOMER

if TYPE_CHECKING:
    from bench.measure import Bench

#: Of the bare app's throughput.
_PROMISE = 0.10
INTENT = {
    "amount": "2000",
    "currency": "usd",
    "automatic_payment_methods[enabled]": "true",
    "automatic_payment_methods[allow_redirects]": "never",
}
CONFIRM = {"payment_method": "pm_card_visa"}


def payments(bench: Bench) -> Iterator[Result]:
    """A payment of two calls, and a list of a hundred objects."""
    yield _paid(bench)
    bundle = bench.bundle
    bench.collect([bundle.stripe("POST", "/v1/customers", CUSTOMER)], 101)
    page = bundle.stripe("GET", "/v1/customers?limit=100")
    yield bench.compare("list 100 customers", lambda: [page], _PROMISE)[0]


def _paid(bench: Bench) -> Result:
    """An intent is made, then it is confirmed: windows of each, and the two together as one payment."""
    process = bench.served.broker.process
    assert process
    bundle, calls = bench.bundle, bench.size.calls
    create = bundle.stripe("POST", "/v1/payment_intents", INTENT)

    def confirm() -> Sequence[bytes]:
        made = bench.collect([create], calls)
        return [bundle.stripe("POST", f"/v1/payment_intents/{one}/confirm", CONFIRM) for one in made]

    def pair(requests: Callable[[], Sequence[bytes]]) -> list[Side]:
        return [
            Side(process.pid, bench.served.port, requests, once=True),
            Side(bench.bare.process.pid, bench.bare.port, lambda: requests()[:1]),
        ]

    sides = [*pair(lambda: [create] * calls), *pair(confirm)]
    made, bare_made, confirmed, bare_confirmed = alternate(bench.load, bench.size, sides)
    ours, bare = _both(made, confirmed), _both(bare_made, bare_confirmed)
    events: Any = bench.served.broker.control("GET", f"environments/{bundle.name}/events?type=payment_intent.succeeded")
    if len(events["items"]) < min(100, calls):
        raise Failed("the payments' events are not stored")
    return Result(
        name="a payment: create and confirm, events stored",
        unit="/s",
        ours=ours.rate,
        bare=bare.rate,
        ratio=ratio(ours, bare),
        figure="ratio",
        target=_PROMISE,
        note=note(ours, bare),
        details={"create_cpu_us": made.cpu, "confirm_cpu_us": confirmed.cpu, "bare_cpu_us": bare.cpu},
    )


def _both(first: Seen, second: Seen) -> Seen:
    """One call of each, one after the other: as a client that pays sees it."""
    return Seen(1 / (1 / first.rate + 1 / second.rate), first.cpu + second.cpu, max(first.busy, second.busy))
