"""Three callers of one world: the bucket's owner, another account, and nobody."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import pytest

from contracts.exchange import Response
from mocks.s3.principals import Account, account
from tests.mocks.s3.access.policies import document
from tests.mocks.s3.conftest import Caller

OWNER, OTHER = account("pr-1", "primary"), account("pr-1", "bob")
_NAMES = {"owner": None, "other": "access_key:bob", "nobody": ""}


@dataclass
class World:
    """Calls by who makes them: ``owner``, ``other`` or ``nobody``."""

    s3: Caller
    owner: Account = OWNER
    other: Account = OTHER

    async def __call__(
        self, who: str, method: str, path: str, query: Any = "", body: str | bytes = b"", **headers: str
    ) -> Response:
        raw = body.encode() if isinstance(body, str) else body
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if raw:
            digest = hashlib.md5(raw, usedforsecurity=False).digest()
            fields.setdefault("content-md5", base64.b64encode(digest).decode())
        return await self.s3.harness.call(method, path, query=query, body=raw, headers=fields, credential=_NAMES[who])

    async def made(self, who: str, method: str, path: str, query: Any = "", body: str = "", **headers: str) -> Response:
        """A call that must succeed."""
        response = await self(who, method, path, query, body, **headers)
        assert response.status < 300, response.body
        return response

    async def policy(self, *statements: Any) -> None:
        """The policy of the bucket, which may be public."""
        await self.made("owner", "DELETE", "/bkt", "publicAccessBlock")
        await self.made("owner", "PUT", "/bkt", "policy", document(*statements))

    async def with_acls(self, ownership: str = "ObjectWriter") -> None:
        """Access control lists mean something in the bucket, public ones too."""
        rule = f"<Rule><ObjectOwnership>{ownership}</ObjectOwnership></Rule>"
        await self.made("owner", "PUT", "/bkt", "ownershipControls", f"<OwnershipControls>{rule}</OwnershipControls>")
        await self.made("owner", "DELETE", "/bkt", "publicAccessBlock")

    async def grants(self, path: str, query: str = "acl") -> list[tuple[str, str]]:
        """Who is granted what: accounts by their names, groups by the last part of their address."""
        names = {self.owner.canonical_id: "owner", self.other.canonical_id: "other"}
        found = (await self.made("owner", "GET", path, query)).value["Grants"]
        return [(_named(grant["Grantee"], names), grant["Permission"]) for grant in found]


def _named(grantee: dict[str, str], names: dict[str, str]) -> str:
    return names.get(grantee["ID"], grantee["ID"]) if "ID" in grantee else grantee["URI"].rpartition("/")[2]


@pytest.fixture
async def world(s3: Caller) -> World:
    """With the bucket ``bkt`` of the owner's, and in it the object ``k``; ``bob`` is an account of the environment."""
    s3.harness.credentials["s3", "access_key:bob"] = None
    world = World(s3)
    await world.made("owner", "PUT", "/bkt/k", body="content")
    return world
