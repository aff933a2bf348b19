"""Sessions of the account's role."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from contracts.exchange import Response
from sandboxes.base import Account, Refused, Secret, Wish
from sandboxes.s3.sessions import issue, session_policy
from tests.sandboxes.s3.calls import ACCOUNT, LABEL, MARKER, Script, reply

ROLE = "arn:aws:iam::123456789012:role/preview"
WITH_ROLE = replace(ACCOUNT, options={"role_arn": ROLE})
GIVEN = (
    '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
    "<AccessKeyId>ASIAX</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
    "<Expiration>2026-11-27T13:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
)


def denied(code: str, message: str, status: int = 400) -> Response:
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return reply(f'<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">{error}</ErrorResponse>', status)


async def asked(
    account: Account, *answers: Response, life: timedelta = timedelta(hours=2), scopes: Sequence[str] = ()
) -> Any:
    """What was issued, and the forms that were sent for it."""
    left = list(answers or [reply(GIVEN)])
    send = Script(lambda _: left.pop(0))
    issued = await issue(Wish(MARKER, "account", scopes, life), account, send)
    forms = [{name: values[0] for name, values in parse_qs(r.body.decode()).items()} for r in send.asked]
    return issued, forms, send.asked


async def test_a_session_limited_to_the_environments_buckets() -> None:
    issued, (form,), (request,) = await asked(WITH_ROLE)
    assert issued.secret == Secret("ASIAX", "s", "t")
    assert issued.expires_at == datetime(2026, 11, 27, 13, tzinfo=UTC)
    assert (issued.resource, issued.subaccount) == (None, None)
    assert (form["Action"], form["Version"], form["RoleArn"]) == ("AssumeRole", "2011-06-15", ROLE)
    assert (form["RoleSessionName"], form["DurationSeconds"]) == (LABEL.rstrip("-"), "7200")
    assert json.loads(form["Policy"]) == session_policy(MARKER)
    assert (request.method, request.path, request.scheme) == ("POST", "/", "https")
    assert request.host == "sts.us-east-1.amazonaws.com"
    assert "ExternalId" not in form


def test_the_policy_reaches_no_other_bucket() -> None:
    first, second = session_policy(MARKER)["Statement"]
    assert first["Resource"] == [f"arn:aws:s3:::{LABEL}*", f"arn:aws:s3:::{LABEL}*/*"]
    assert second["Action"] == ["s3:ListAllMyBuckets"]
    # STS takes 2,048 characters (API_AssumeRole.html, Policy).
    assert len(json.dumps(session_policy(MARKER))) < 2048
    assert session_policy(MARKER, ("s3:GetObject",))["Statement"][0]["Action"] == ["s3:GetObject"]


@pytest.mark.parametrize(("life", "seconds"), [(1, "900"), (3600, "3600"), (200_000, "43200")])
async def test_how_long(life: int, seconds: str) -> None:
    _, (form,), _ = await asked(WITH_ROLE, life=timedelta(seconds=life))
    assert form["DurationSeconds"] == seconds


async def test_a_session_from_a_session_lasts_an_hour() -> None:
    chained = replace(WITH_ROLE, secret=Secret("ASIAX", "s", "t"))
    _, (form,), _ = await asked(chained, life=timedelta(hours=9))
    assert form["DurationSeconds"] == "3600"


async def test_a_role_that_allows_an_hour_only() -> None:
    words = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    issued, forms, _ = await asked(WITH_ROLE, denied("ValidationError", words), reply(GIVEN))
    assert [form["DurationSeconds"] for form in forms] == ["7200", "3600"]
    assert issued.secret.key == "ASIAX"


async def test_what_the_owner_configured() -> None:
    options = {"role_arn": ROLE, "external_id": "x/1", "sts_endpoint": "http://127.0.0.1:9/", "region": "eu-west-1"}
    _, (form,), (request,) = await asked(replace(ACCOUNT, options=options))
    assert form["ExternalId"] == "x/1"
    assert (request.host, request.scheme) == ("127.0.0.1:9", "http")
    del options["sts_endpoint"]
    _, _, (regional,) = await asked(replace(ACCOUNT, options=options))
    assert regional.host == "sts.eu-west-1.amazonaws.com"
    _, _, (stand_in,) = await asked(replace(ACCOUNT, endpoint="http://127.0.0.1:8", options=options))
    assert (stand_in.host, stand_in.scheme) == ("127.0.0.1:8", "http")


async def test_refusals() -> None:
    with pytest.raises(Refused, match="AccessDenied: not allowed to assume") as caught:
        await asked(WITH_ROLE, denied("AccessDenied", "not allowed to assume", 403))
    assert caught.value.status == 403
    with pytest.raises(Refused, match="role_arn"):
        await asked(ACCOUNT)
    with pytest.raises(Refused, match="no credentials"):
        await asked(WITH_ROLE, reply("<AssumeRoleResponse/>"))


async def test_environments_that_share_the_account_get_nothing() -> None:
    assert await issue(Wish(MARKER, "ledger"), WITH_ROLE, Script(lambda _: reply("", 500))) is None
