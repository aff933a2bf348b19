"""The wall inside a shared account: what a call may mention, and which objects of the account it may see.

What the ledger knows decides. An id of another environment is answered as missing and becomes an incident; one that
nobody's ledger knows was made by hand, and is there only for environments whose policy says ``shared: read``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from broker.ledger import Ledger
from broker.policy import SandboxPolicy
from broker.storage.external import Entry
from broker.visit import Visit
from mocks.base import Missing, Refusal
from sandboxes.base import Account, Marker, Outgoing, Reference, SandboxProvider

#: What may stand in one segment of a path. Servers, and proxies before them, resolve ``..`` and some decode ``%2F``:
#: then the provider would carry out another operation than the one that was read here.
_SEGMENT = re.compile(r"(?!\.+\Z)[^/\\?#%\x00-\x1f\x7f]+")
_WHOLE_ACCOUNT = (
    "This call shows the whole account at the provider, which other environments share. Allow it with `shared: read`, "
    "or give the environment an account of its own with `isolation: account`."
)
_HAND_MADE = (
    "This call works on an object that no environment made. With `shared: read` such objects may be read and referred "
    "to, never changed."
)


@dataclass(slots=True)
class Learned:
    """What is known of an environment's ledger without a look: ``ids`` that are its own, by (account, id), and
    ``answers`` whose every id is, by their hash."""

    ids: set[tuple[str, str]] = field(default_factory=set)
    answers: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Admitted:
    """A call that may pass, with the ledger's lines of what it mentions, by the id that it mentions."""

    call: Outgoing
    entries: dict[str, Entry] = field(default_factory=dict)


class Isolation:
    """Of one call: made for it, and forgotten with it."""

    def __init__(
        self,
        visit: Visit,
        provider: SandboxProvider,
        account: Account,
        policy: SandboxPolicy,
        ledger: Ledger,
        marker: Marker,
        unmade: str = "",
    ) -> None:
        """``unmade`` is random text of this run of probes: an id that holds it names nothing that anybody made."""
        self._visit = visit
        self._unmade = unmade
        self._provider = provider
        self._account = account
        self._ledger = ledger
        self._uid = visit.entry.environment.uid
        self._marker = marker
        self._reads_shared = policy.shared == "read"
        #: Whether the account, or the part of it that the call goes to, is the environment's alone.
        self.alone = account.subaccount is not None or policy.isolation == "account"
        self.shared_ids: set[str] = set()

    async def admit(self, call: Outgoing, learned: Learned | None = None) -> Admitted:
        """``learned`` spares a look where nothing but own ids are mentioned. Raises Missing for what the environment
        must not know of, Refusal for what it must not do."""
        if not self._provider.allows(self._visit.credential, call):
            if self._visit.credential is None:
                raise Refusal("no_credential", "The real provider is reached with the environment's own key alone.")
            raise Refusal(
                "refused_by_policy", "The credential that this call carries may not do this at the real provider."
            )
        if not self.alone and call.rule.scope == "account" and not self._reads_shared:
            raise Refusal("refused_by_policy", _WHOLE_ACCOUNT)
        if not self.alone and call.rule.scope == "account" and call.rule.effect not in ("read", "list"):
            raise Refusal("refused_by_policy", "This call changes the whole account, which other environments share.")
        if not self._provider.aliased:
            _check_path(call)
        references = self._provider.references(call)
        account = self._account.name
        if not references or (
            learned is not None
            and call.rule.effect != "delete"
            and all((account, reference.id) in learned.ids for reference in references)
        ):
            return Admitted(call)
        known = await self._ledger.known(self._account.name, [reference.id for reference in references])
        admitted = Admitted(call)
        for reference in references:
            await self._look(reference, known.get(reference.id), admitted)
        if self.shared_ids:
            admitted.call = replace(call, unmapped=frozenset(self.shared_ids))
        return admitted

    async def _look(self, reference: Reference, entry: Entry | None, admitted: Admitted) -> None:
        if entry is not None and entry.uid == self._uid:
            admitted.entries[reference.id] = entry
            return
        if entry is not None or self._is_ours(reference.id):
            raise self._crossing(reference, entry)
        if reference.kind in self._provider.aliased:
            await self._look_by_name(reference, admitted)
            return
        names_itself = admitted.call.rule.effect == "create" and reference.subject
        unmade = bool(self._unmade) and self._unmade in reference.id
        if names_itself or reference.bearer or self.alone or unmade:
            return
        self._look_shared(reference, admitted.call)

    async def _look_by_name(self, reference: Reference, admitted: Admitted) -> None:
        """Names are mapped: what is not the environment's own is looked for among its own, and is not there."""
        service = self._provider.name
        entry = await self._ledger.named(self._uid, service, reference.kind, reference.id)
        if entry is not None:
            admitted.entries[reference.id] = entry
        elif self._reads_shared and (admitted.call.rule.effect in ("read", "list") or not reference.subject):
            self.shared_ids.add(reference.id)

    def _look_shared(self, reference: Reference, call: Outgoing) -> None:
        if not self._reads_shared:
            raise Missing(reference.kind or "object", reference.id, reference.param, in_path=reference.in_path)
        if reference.subject and call.rule.effect not in ("read", "list"):
            raise Refusal("refused_by_policy", _HAND_MADE)
        self.shared_ids.add(reference.id)

    def _is_ours(self, text: str) -> bool:
        """Whether a name carries a marker of this broker's, whatever the ledger says."""
        ours = Marker(self._marker.instance)
        return text.startswith((ours.text, ours.label))

    def _crossing(self, reference: Reference, entry: Entry | None) -> Missing:
        self._visit.crossed.append((reference.id, entry.uid if entry else ""))
        return Missing(reference.kind or "object", reference.id, reference.param, in_path=reference.in_path)

    async def visible(self, ids: Sequence[str]) -> Mapping[str, str | None]:
        """Which of these the environment may see in a list, with the application's own names for them; None for what
        nobody's ledger knows."""
        known = await self._ledger.known(self._account.name, ids)
        seen: dict[str, str | None] = {key: entry.alias for key, entry in known.items() if entry.uid == self._uid}
        if self._reads_shared:
            seen.update((key, None) for key in ids if key not in known and not self._is_ours(key))
        return seen


def _check_path(call: Outgoing) -> None:
    """Of a provider whose driver does not map names and writes the path anew. Raises Missing."""
    for name, value in call.params.path.items():
        if isinstance(value, str) and not _SEGMENT.fullmatch(value):
            raise Missing(call.rule.kind or "object", value, name, in_path=True)
