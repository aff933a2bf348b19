"""Real accounts of a served broker, at stand-ins on this machine."""

from __future__ import annotations

from typing import Any

from demo.serving import Broker

#: Of the shapes that the drivers take for a test account's; canaries in what the server writes and says.
STRIPE_KEY = "sk_test_" + "51RealKeyOfTheGateway" * 3
AWS_KEY = "AKIAREALKEYREALKEYRE"
AWS_SECRET = "RealSecretOfTheGateway" * 2
MAIL_KEY = "SG.RealKeyRealKeyRealKeyR." + "RealKeyOfTheGateway" * 2 + "RealK"


def put_account(server: Broker, name: str, service: str, endpoint: str, secret: Any, **more: Any) -> None:
    """An account, as ``broker account add`` makes it."""
    body = {"service": service, "endpoint": endpoint, "secret": secret, "rate": 500, "concurrency": 20, **more}
    server.control("PUT", f"accounts/{name}", body)


def policy(**accounts: str) -> dict[str, Any]:
    """Each of the services is the real one, through that account."""
    services = {name: {"mode": "sandbox", "sandbox": {"account": account}} for name, account in accounts.items()}
    return {"version": 1, "services": services}
