"""Reverse DNS of the addresses that mail is sent from, and the mail that asks a colleague to set records.

https://www.twilio.com/docs/sendgrid/api-reference/reverse-dns (2026-11).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any, Final

from mocks.base import Call, Handler, Mail, Record
from mocks.sendgrid import branded_links, dns_records, domains, numbers
from mocks.sendgrid.errors import told

KIND: Final = "reverse_dns"
_FIRST: Final = 1001
_MOST: Final = 3_000
_FROM: Final = {"email": "no-reply@sendgrid.com", "name": "SendGrid"}


async def create(call: Call) -> Record:
    """The name of an address, which has to be set as an A record."""
    sent = call.params.body or {}
    domain, address = sent.get("domain") or "", sent.get("ip") or ""
    if "." not in domain:
        raise told(400, "domain is required" if not domain else "invalid domain", "domain")  # wording ours
    try:
        ipaddress.ip_address(address)
    except ValueError:
        raise told(400, "ip is not a valid IP address", "ip") from None  # wording ours
    if await call.state.count(KIND, {"ip": address}):
        raise told(400, "reverse DNS for this ip exists already", "ip")  # wording ours
    number = await numbers.following(call.state, KIND, _FIRST)
    subdomain = sent.get("subdomain") or f"ptr{number}"
    name = f"o1.{subdomain}.{domain}"
    made: Record = {
        "id": number,
        "ip": address,
        "rdns": name,
        "users": [],
        "subdomain": subdomain,
        "domain": domain,
        "valid": False,
        "legacy": False,
        "a_record": dns_records.record("a", name, address),
    }
    await _put(call, made)
    return made


async def list_all(call: Call) -> list[Record]:
    """All, or those whose address begins with ``ip``."""
    query = call.params.query
    limit, offset = int(query.get("limit", _MOST)), int(query.get("offset") or 0)
    if limit < 1 or offset < 0:
        raise told(400, "limit and offset must not be negative", "limit")  # wording ours
    prefix = str(query.get("ip") or "")
    found = await call.state.page(KIND, order="key", limit=_MOST)
    return [one for one in found if one["ip"].startswith(prefix)][offset : offset + limit]


async def retrieve(call: Call) -> Record:
    return await _stored(call)


async def delete(call: Call) -> None:
    one = await _stored(call)
    await call.state.delete(KIND, numbers.key(one["id"]))


async def validate(call: Call) -> Record:
    """Looks for the A record: see dns_records."""
    one = await _stored(call)
    valid = dns_records.there(one["domain"])
    reason = None if valid else f"Failed to resolve A Record at {one['rdns']}: no such host"
    now = int(call.now.timestamp())
    changes = {"valid": valid, "last_validation_attempt_at": now, "a_record": {**one["a_record"], "valid": valid}}
    await _put(call, {**one, **changes})
    return {"id": one["id"], "valid": valid, "validation_results": {"a_record": {"valid": valid, "reason": reason}}}


async def _stored(call: Call) -> Record:
    written = str(call.params.path["id"])
    found = None
    if written.isascii() and written.isdecimal() and len(written) <= 12:
        found = await call.state.get(KIND, numbers.key(int(written)))
    if found is None:
        message = "Reverse DNS record not found."
        raise told(404, message)
    return found


async def _put(call: Call, one: Record) -> None:
    await call.state.put(KIND, numbers.key(one["id"]), one, {"ip": one["ip"]})


async def share(call: Call) -> None:
    """204: the records of a domain and of a branded link, by mail."""
    sent: Mapping[str, Any] = call.params.body or {}
    records: list[str] = []
    if sent.get("domain_id"):
        _, domain = await domains.stored(call, sent["domain_id"])
        records.append(dns_records.text(domain["dns"]))
    if sent.get("link_id"):
        link = await call.state.get(branded_links.KIND, numbers.key(int(sent["link_id"])))
        if link is None:
            raise told(404, "branded link not found", "link_id")  # wording ours
        records.append(dns_records.text(link["dns"]))
    if not records:
        raise told(400, "domain_id or link_id is required", "domain_id")  # wording ours
    message = sent.get("message") or "Please set these DNS records in our hosting solution."
    call.send_mail(
        Mail(
            id=f"{call.new_id('', 22)}.0",
            sender=_FROM,
            to=[{"email": sent["email"]}],
            subject="DNS records for SendGrid",
            text="\n\n".join([message, *records]) + "\n",
        )
    )


OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_whitelabel-ips": list_all,
    "POST_whitelabel-ips": create,
    "GET_whitelabel-ips-id": retrieve,
    "DELETE_whitelabel-ips-id": delete,
    "POST_whitelabel-ips-id-validate": validate,
    "POST_whitelabel-dns-email": share,
}
