"""When a bucket policy is public: it is, unless every grant is to fixed values.

Source: docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html, "The meaning of public".
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network, ip_network

from mocks.s3.access.documents import Policy, Principals, Statement
from mocks.s3.access.operators import Condition

#: Keys that make a grant non-public when their values are fixed.
_KEYS = """
aws:principalaccount aws:principalarn aws:principalorgid aws:principalorgpaths aws:principalservicename
aws:sourceaccount aws:sourcearn aws:sourceorgid aws:sourceowner aws:sourcevpc aws:sourcevpce aws:userid
s3:dataaccesspointaccount s3:dataaccesspointarn s3:x-amz-server-side-encryption-aws-kms-key-id
"""
_NARROWING = frozenset(_KEYS.split())
_OPERATORS = frozenset(("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"))
#: An access point of one account: its name may be anything.
_POINT = re.compile(r"arn:aws[a-z-]*:s3:[^*?]*:\d{12}:accesspoint/.*\Z")
#: The broadest ranges that are still not the public: /8 of IPv4, /32 of IPv6.
_BROADEST = {4: 8, 6: 32}
_PRIVATE = tuple(IPv4Network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


def public(policy: Policy) -> bool:
    """Whether any statement grants something to the public."""
    return any(statement.allow and _open(statement) for statement in policy.statements)


def _open(statement: Statement) -> bool:
    return _anybody(statement.principals) and not any(map(_narrows, statement.conditions))


def _anybody(who: Principals) -> bool:
    return who.everyone or who.inverted or bool(who.federated)


def _narrows(each: Condition) -> bool:
    # With ...IfExists, or for all of no values, a request that lacks the key passes.
    if each.if_exists or each.negated or each.quantifier == "ForAllValues":
        return False
    if each.key == "aws:sourceip":
        return each.operator == "IpAddress" and all(map(_narrow, each.values))
    return each.key in _NARROWING and each.operator in _OPERATORS and all(_fixed(each.key, v) for v in each.values)


def _fixed(key: str, value: str) -> bool:
    if key == "s3:dataaccesspointarn" and _POINT.match(value):
        return True
    return not any(mark in value for mark in ("*", "?", "${"))


def _narrow(text: str) -> bool:
    network = ip_network(text, strict=False)
    if isinstance(network, IPv4Network) and any(network.subnet_of(each) for each in _PRIVATE):
        return True
    return network.prefixlen >= _BROADEST[network.version]
