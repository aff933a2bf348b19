"""The meaning of public."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.s3.access.documents import parsed
from mocks.s3.access.publicity import public
from tests.mocks.s3.access.policies import document, statement


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"Federated": "graph.facebook.com"}}, True),
        ({"Principal": {"AWS": "111122223333"}}, False),
        ({"Principal": {"Service": "cloudfront.amazonaws.com"}}, False),
        ({"Effect": "Deny"}, False),
        ({"Condition": {"StringLike": {"aws:SourceVpc": "vpc-*"}}}, True),
        ({"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-91237329"}}}, False),
        ({"Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-91237329"}}}, True),
        ({"Condition": {"StringEqualsIfExists": {"aws:SourceVpc": "vpc-91237329"}}}, True),
        ({"Condition": {"ForAllValues:StringEquals": {"aws:SourceVpc": "vpc-91237329"}}}, True),
        ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-1", "o-*"]}}}, True),
        ({"Condition": {"StringEquals": {"aws:PrincipalAccount": "${aws:SourceAccount}"}}}, True),
        ({"Condition": {"StringEquals": {"aws:Referer": "https://example.com"}}}, True),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}, False),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}}, True),
        ({"Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}}}, True),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "172.16.0.0/12"}}}, False),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "2001:db8::/32"}}}, False),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "2000::/16"}}}, True),
        ({"Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}, True),
        ({"Condition": {"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}}, True),
        (
            {"Condition": {"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:111122223333:accesspoint/*"}}},
            False,
        ),
        ({"Condition": {"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:*:accesspoint/*"}}}, True),
    ],
)
def test_public(members: dict[str, Any], expected: bool) -> None:
    assert public(parsed(document(statement(**members)), "bkt")) is expected


def test_one_public_statement_makes_it_public() -> None:
    assert public(parsed(document(statement(Principal={"AWS": "111122223333"}), statement()), "bkt"))
