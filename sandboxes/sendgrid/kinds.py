"""What can be made at SendGrid: where each kind is listed, by what it is recognised, and where it is deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """``item`` is one object's path, deleted by DELETE. ``listing`` and ``query`` list them all; ``paged`` says how.

    ``marked`` is the member that begins with the marker's label; ``made`` the member that tells when. An ``optional``
    kind belongs to a plan or a permission that an account may lack, and then has none of them.
    """

    item: str
    listing: str
    query: Mapping[str, str]
    id_field: str = "id"
    marked: str = "name"
    made: str = ""
    paged: bool = False
    optional: bool = False


#: Page sizes are the contract's largest.
KINDS: Final[Mapping[str, Kind]] = {
    "template": Kind(
        "/v3/templates/{}",
        "/v3/templates",
        {"generations": "legacy,dynamic", "page_size": "200"},
        # Templates tell only when they were changed last, which is never too early.
        made="updated_at",
        paged=True,
    ),
    "design": Kind("/v3/designs/{}", "/v3/designs", {"page_size": "100"}, made="created_at", paged=True, optional=True),
    "list": Kind("/v3/marketing/lists/{}", "/v3/marketing/lists", {"page_size": "1000"}, paged=True, optional=True),
    "segment": Kind(
        "/v3/marketing/segments/2.0/{}", "/v3/marketing/segments/2.0", {}, made="created_at", optional=True
    ),
    "old_segment": Kind("/v3/marketing/segments/{}", "/v3/marketing/segments", {}, made="created_at", optional=True),
    # A group's name holds thirty characters, its description a hundred.
    "group": Kind("/v3/asm/groups/{}", "/v3/asm/groups", {}, marked="description"),
    "api_key": Kind("/v3/api_keys/{}", "/v3/api_keys", {}, id_field="api_key_id", optional=True),
    "subuser": Kind(
        "/v3/subusers/{}", "/v3/subusers", {"limit": "500"}, id_field="username", marked="username", optional=True
    ),
}

#: In the order of their revocation: segments look at lists; a subuser takes with it whatever is left inside.
ORDER: Final = (
    "scheduled_send",
    "segment",
    "old_segment",
    "list",
    "template",
    "design",
    "group",
    "batch",
    "api_key",
    "subuser",
)
