"""``python -m demo``: the whole story; ends with 0 only when every expectation held."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from demo.crossings import crossings
from demo.receiver import Receiver
from demo.serving import Broker
from demo.shop import Shop
from demo.telling import Teller
from demo.webhooks import verified

#: Who buys what in which pull request: name, mail, cents, card.
SALES = {
    "pr-1": [
        ("Ada Lovelace", "ada@example.com", 4200, "pm_card_visa"),
        ("Alan Turing", "alan@example.com", 1950, "pm_card_mastercard"),
    ],
    "pr-2": [("Grace Hopper", "grace@example.com", 9900, "pm_card_chargeDeclined")],
}
#: The last event of each environment, after which nothing more is expected.
LAST = {"pr-1": ("payment_intent.succeeded", 2), "pr-2": ("payment_intent.payment_failed", 1)}


def story(broker: Broker, receiver: Receiver, teller: Teller) -> None:
    """Open two environments, trade in both, try to cross the wall, close them."""
    names = list(SALES)
    bundles: dict[str, Any] = {}
    for name in names:
        bundles[name] = broker.open(name, webhooks={"stripe": f"{receiver.url}/{name}"})
    teller.opened(bundles)

    shops = {name: Shop(bundles[name]["variables"]) for name in names}
    sales = {name: [shops[name].sell(*sale) for sale in SALES[name]] for name in names}
    teller.expect(
        [sale.status for sale in sales["pr-1"]] == ["succeeded", "succeeded"], "pr-1's two payments succeeded"
    )
    teller.expect(sales["pr-2"][0].status == "card_declined", "pr-2's card was declined, as that test card is")

    seen: dict[str, dict[str, list[str]]] = {}
    for name, shop in shops.items():
        mails = broker.json("mail", "list", name)
        events = verified(receiver, f"/{name}", shop.variables["STRIPE_WEBHOOK_SECRET"], *LAST[name])
        seen[name] = {
            "customers (stripe-python)": shop.customers(),
            "payments (stripe-python)": shop.payments(),
            "invoices (boto3)": shop.invoices(),
            "mails (sendgrid-python)": [f"{mail['to'][0]['email']}: {mail['subject']}" for mail in rows(mails)],
            "webhooks, signature verified": events,
        }
        own = {sale[0] for sale in SALES[name]}
        teller.expect(set(seen[name]["customers (stripe-python)"]) == own, f"{name} sees its own customers only")
        teller.expect(len(seen[name]["payments (stripe-python)"]) == len(own), f"{name} sees its own payments only")
        teller.expect(len(seen[name]["invoices (boto3)"]) == len(own), f"{name} sees its own objects only")
        teller.expect(len(seen[name]["mails (sendgrid-python)"]) == len(own), f"{name} sees its own mails only")
        teller.expect(events.count(LAST[name][0]) == LAST[name][1], f"{name} was told what happened, signed")
    teller.side_by_side(seen)

    tried = crossings(bundles, shops, sales)
    for one in tried:
        teller.expect(one.refused, f"{one.attempt}: refused")
    incidents = {name: rows(broker.json("incidents", name)) for name in names}
    for one in tried:
        kinds = {incident["kind"] for incident in incidents[one.reported_with]}
        teller.expect(one.incident in kinds, f"{one.attempt}: reported as {one.incident} with {one.reported_with}")
    teller.crossings(tried, incidents)

    receipts = {name: broker.close(name) for name in names}
    for name in names:
        teller.expect(nothing_left(receipts[name]), f"nothing is left of {name}")
        teller.expect(not list(broker.data.rglob(f"{name}.*")), f"no file of {name} is left on disk")
    teller.receipts(receipts)


def rows(document: Any) -> list[Any]:
    """A JSON list, whether it stands alone or in a page."""
    found = document if isinstance(document, list) else document.get("data", document.get("items", []))
    return list(found)


def nothing_left(receipt: dict[str, Any]) -> bool:
    """Whether a receipt says that everything is gone."""
    return not receipt["left"]


def forget_the_machines_settings() -> None:
    """The SDKs run in this process: neither a proxy nor a profile of this machine may change what they do."""
    for name in list(os.environ):  # noqa: TID251 - changed for this process, before anything is started
        if name.startswith(("AWS_", "STRIPE_", "SENDGRID_")):
            del os.environ[name]  # noqa: TID251 (see above)
    calm = {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost", "AWS_EC2_METADATA_DISABLED": "true"}
    calm |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    os.environ.update(calm)  # noqa: TID251 (see above)


def main() -> int:
    """Tell it on the terminal."""
    forget_the_machines_settings()
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    teller = Teller(console)
    begun = time.monotonic()
    receiver = Receiver()
    with tempfile.TemporaryDirectory(prefix="broker-demo-") as folder:
        broker = Broker(Path(folder), {"BROKER_STRICT_REPLIES": "1"})
        try:
            teller.started(broker.url, broker.start())
            story(broker, receiver, teller)
        except Exception:
            console.print(f"[red]The server's log ends with:[/]\n{broker.tail()}", markup=True)
            raise
        finally:
            broker.stop()
            receiver.close()
    return teller.ended(time.monotonic() - begun)


if __name__ == "__main__":
    sys.exit(main())
