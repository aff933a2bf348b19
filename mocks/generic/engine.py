"""Answers any operation from its contract: objects that can be made are kept, the rest is made up.

Everything answered is a schema-true value of the contract, in which what is known (the stored object, the
caller's input, the id, the time) stands wherever the schema has room for it.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from contracts import scalars
from contracts.contract import Contract, Operation, Params, ResourceShape
from mocks.base import Call, Handler, Missing, Record, Reply, Result, ServiceError
from mocks.generic import ids
from mocks.generic.addressing import addressable, held, holder, under_every_name
from mocks.generic.habits import Habits
from mocks.generic.paging import page_of
from mocks.generic.roles import Role, path_values, roles

#: Members that tell when an object was changed last, in any provider's words.
_CHANGED: Final = ("updated", "updated_at", "date_updated", "modified", "modified_at", "last_modified")

#: Answers about one object that are kept, and the bytes of each at the most.
_REMEMBERED: Final = 256
_LARGE: Final = 65_536

#: An act whose answer shares so much with the object that it is the object.
_SAME: Final = 0.8


def answering(habits: Habits) -> Handler:
    """The handler for every operation without one, for a provider with these habits."""
    return _Engine(habits).answer


async def answer(call: Call) -> Result:
    """The handler for every operation without one, for a provider without particular habits."""
    return await _PLAIN.answer(call)


class _Engine:
    """The generic answers, one method a deed."""

    def __init__(self, habits: Habits) -> None:
        self.habits = habits
        # By identity; the contract is held so that its identity stays taken.
        self._roles: dict[int, tuple[Contract, Mapping[Operation, Role]]] = {}
        self._holders: dict[Operation, str | None] = {}
        self._shown: dict[tuple[Operation, str, int], tuple[Record, Any]] = {}
        self._deeds: Mapping[str, Any] = {
            "create": self._create,
            "retrieve": self._retrieve,
            "update": self._update,
            "delete": self._delete,
            "list": self._list,
            "act": self._act,
        }

    async def answer(self, call: Call) -> Result:
        role = self._known(call.contract).get(call.operation)
        if role is None:
            return _made_up(call)
        if role.shape.id_parameter is None and role.deed not in ("create", "list"):
            return await self._single(call, role)
        return await self._deeds[role.deed](call, role)

    def _known(self, contract: Contract) -> Mapping[Operation, Role]:
        """The roles of a contract's operations, worked out at its first call."""
        found = self._roles.get(id(contract))
        if found is None:
            found = self._roles[id(contract)] = (contract, roles(contract))
        return found[1]

    async def _create(self, call: Call, role: Role) -> Result:
        shape = role.shape
        await self._parent(call, role)
        parents = path_values(call.operation, call.params)
        sent = self._sent(call, shape)
        value = await self._new(call, shape, sent, parents)
        made = held(value, shape.id_field)
        if not isinstance(made, dict) or shape.id_field not in made:
            return value
        record = {**made, **self._as_retrieved(call, shape, {**sent, **made}, parents)}
        index = dict(zip(shape.parents, parents, strict=False)) or None
        await call.state.put(shape.name, _key(parents, made[shape.id_field]), record, index)
        return value

    def _holder(self, call: Call, operation: Operation, shape: ResourceShape) -> str | None:
        """The member of an operation's answer that holds the object, where contracts may have one."""
        if not self.habits.aliases:
            return None
        if operation not in self._holders:
            value = call.contract.example(operation, Params(), seed=call.seed, now=call.now)
            self._holders[operation] = holder(value, shape.id_field)
        return self._holders[operation]

    def _within(self, call: Call, operation: Operation, shape: ResourceShape, record: Record) -> Record:
        """The record where the operation's answer has it."""
        name = self._holder(call, operation, shape)
        return record if name is None else {name: record}

    def _sent(self, call: Call, shape: ResourceShape) -> Record:
        """The object that the caller sent, out of the member that holds it in answers, too."""
        sent = _object(call.params.body)
        name = self._holder(call, call.operation, shape)
        inner = sent.get(name) if name is not None and len(sent) == 1 else None
        return inner if isinstance(inner, dict) else sent

    async def _new(self, call: Call, shape: ResourceShape, sent: Record, parents: Sequence[str]) -> Any:
        """The answer to a create: the input echoed under a new id, or under the one that the caller chose."""
        chosen = sent.get(shape.id_field)
        if isinstance(chosen, str) and chosen:
            if await call.state.get(shape.name, _key(parents, chosen)) is not None:
                noun = self.habits.noun(shape.name)
                raise ServiceError(
                    409, "resource_already_exists", f"A {noun} with this {shape.id_field} exists already."
                )
            return _example(call, call.operation, self._within(call, call.operation, shape, sent), chosen)
        while True:
            prefix = self.habits.id_prefix(shape.name)
            text = call.new_id(prefix, self.habits.id_length)
            forms = addressable(call.contract, shape, ids.forms(text, prefix))
            offered = self._within(call, call.operation, shape, {**sent, shape.id_field: forms})
            value = _example(call, call.operation, offered, text)
            made = held(value, shape.id_field)
            known = isinstance(made, dict) and shape.id_field in made
            # Ids that have to be numbers are short: another one is drawn when they meet.
            if not known or await call.state.get(shape.name, _key(parents, made[shape.id_field])) is None:
                return value

    def _as_retrieved(
        self, call: Call, shape: ResourceShape, record: Record, parents: Sequence[str]
    ) -> Mapping[str, Any]:
        """The members that only the retrieve answer has, fixed now so that they stay the same."""
        operation = shape.operations.get("retrieve")
        if operation is None:
            return {}
        key = record[shape.id_field]

        def retrieved(known: Record) -> Any:
            offered = self._within(call, operation, shape, self._named(shape, known))
            return held(_example(call, operation, offered, str(key), parents=parents), shape.id_field)

        value = retrieved(record)
        if isinstance(value, dict) and value.get(shape.id_field) != key:
            # The answer to the create is of another kind than what is retrieved: only its id is taken over.
            value = retrieved({shape.id_field: key})
        same = isinstance(value, dict) and value.get(shape.id_field) == key
        return value if same else {}

    def _named(self, shape: ResourceShape, record: Record) -> Record:
        return under_every_name(shape, record) if self.habits.aliases else record

    async def _retrieve(self, call: Call, role: Role) -> Result:
        key, record = await self._stored(call, role.shape)
        if not self.habits.aliases:
            return _shown(call, role.shape, record, key)
        asked = (call.operation, key, call.seed)
        before = self._shown.get(asked)
        if before is not None and before[0] == record:
            return before[1]
        value = _shown(call, role.shape, self._named(role.shape, record), key)
        self._remember(asked, record, value)
        return value

    def _remember(self, asked: tuple[Operation, str, int], record: Record, value: Any) -> None:
        """What is read again and again is made up once: the same record of the same environment looks the same."""
        if len(orjson.dumps(value)) > _LARGE:
            return
        if len(self._shown) >= _REMEMBERED:
            del self._shown[next(iter(self._shown))]
        self._shown[asked] = (record, value)

    async def _update(self, call: Call, role: Role) -> Result:
        key, record = await self._stored(call, role.shape)
        shape = role.shape
        changed = self._changed(call, record, self._sent(call, shape))
        offered = self._within(call, call.operation, shape, self._named(shape, changed))
        value = _example(call, call.operation, offered, key)
        found = held(value, shape.id_field)
        shown = found if isinstance(found, dict) else {}
        # What no answer shows is not kept: that is what providers do with a card's number or a password, too.
        kept = {name: member for name, member in changed.items() if name in record or name in shown}
        await call.state.put(role.shape.name, key, {**kept, **shown, role.shape.id_field: record[role.shape.id_field]})
        return value

    async def _delete(self, call: Call, role: Role) -> Result:
        key, record = await self._stored(call, role.shape)
        ended = self.habits.ends.get(call.operation.id)
        if ended is not None:
            record = {**record, **ended}
            await call.state.put(role.shape.name, key, record)
            return _example(call, call.operation, record, key)
        await call.state.delete(role.shape.name, key)
        return _example(call, call.operation, {**record, "deleted": True}, key)

    async def _list(self, call: Call, role: Role) -> Result:
        await self._parent(call, role)
        page = await page_of(call, role, self.habits)
        shape = role.shape
        shown: Any = [self._named(shape, record) for record in page.records]
        for step in reversed(shape.items):
            shown = {step: shown}
        if shape.items:
            shown = {**self.habits.envelope(call, page), **shown}
        value = call.contract.example(call.operation, _given(call.params, shown), seed=call.seed, now=call.now)
        address = self.habits.next_address(call, page)
        return value if address is None else Reply(value, headers=[("link", f'<{address}>; rel="next"')])

    async def _act(self, call: Call, role: Role) -> Result:
        """Something else that is done with an object: it has to exist, and is changed when it is the answer."""
        key, record = await self._stored(call, role.shape)
        if call.operation.method == "GET":
            return _made_up(call)
        changed = self._changed(call, record, _object(call.params.body))
        value = _example(call, call.operation, changed, key)
        if not _is_same(call.operation, role.shape, value, record):
            return _made_up(call)
        await call.state.put(role.shape.name, key, {**record, **value})
        return value

    async def _single(self, call: Call, role: Role) -> Result:
        """Settings that are always there: what was never set is made up, and stays as it was shown."""
        await self._parent(call, role)
        name = role.shape.name
        key = "/".join(path_values(call.operation, call.params)) or name
        record = await call.state.get(name, key) or {}
        if role.deed == "delete":
            await call.state.delete(name, key)
        elif role.deed == "update":
            record = self._changed(call, record, _object(call.params.body))
            await call.state.put(name, key, record)
        return _example(call, call.operation, record, key)

    def _changed(self, call: Call, record: Record, sent: Record) -> Record:
        """``record`` after an update by ``sent``."""
        changed = dict(record)
        for name, value in sent.items():
            if value in self.habits.unset if isinstance(value, str) else value is None:
                changed[name] = None
            elif name in self.habits.merged and isinstance(value, Mapping):
                changed[name] = _merged(record.get(name), value, self.habits.unset)
            else:
                changed[name] = value
        for name in _CHANGED:
            if name in changed:
                changed[name] = scalars.unix(call.now) if isinstance(changed[name], int) else scalars.iso(call.now)
        return changed

    async def _stored(self, call: Call, shape: ResourceShape) -> tuple[str, Record]:
        """The object that the path addresses, with its key."""
        values = path_values(call.operation, call.params)[: len(shape.parents) + 1]
        key = "/".join(values)
        record = await call.state.get(shape.name, key)
        if record is None:
            if shape.parents:
                # Asked for alone as well, so that an id which was made elsewhere is recognised for what it is.
                await call.state.get(shape.name, values[-1])
            raise Missing(self.habits.noun(shape.name), values[-1], shape.id_parameter or "id")
        return key, record

    async def _parent(self, call: Call, role: Role) -> None:
        """Refuse what happens below an object that is not there."""
        if role.parent is not None:
            await self._stored(call, role.parent)


def _made_up(call: Call) -> Any:
    """An answer from the contract alone, the same for the same call."""
    key = "/".join(path_values(call.operation, call.params))
    return _example(call, call.operation, call.params.body, key)


def _example(call: Call, operation: Operation, body: Any, key: str, *, parents: Sequence[str] = ()) -> Any:
    """The answer of ``operation`` about the object ``key``, with ``body`` in it as far as there is room."""
    params = _given(call.params, body)
    return call.contract.example(operation, params, seed=zlib.crc32(key.encode(), call.seed & 0xFFFFFFFF), now=call.now)


def _shown(call: Call, shape: ResourceShape, record: Record, key: str) -> Any:
    """``record`` as the retrieve answer shows it: plain, as a list of one, or as a list of one in a member."""
    value = _example(call, call.operation, record, key)
    if isinstance(value, list):
        return _example(call, call.operation, [record], key)
    if isinstance(value, dict) and shape.id_field not in value:
        for name in [name for name, part in value.items() if part == []]:
            wrapped = _example(call, call.operation, {name: [record]}, key)
            if wrapped[name]:
                return wrapped
        for name in [name for name, part in value.items() if isinstance(part, dict) and shape.id_field in part]:
            wrapped = _example(call, call.operation, {name: record}, key)
            if wrapped[name] != value[name]:
                return wrapped
    return value


def _given(params: Params, body: Any) -> Params:
    return Params(path=params.path, query=params.query, header=params.header, body=body)


def _object(body: Any) -> Record:
    return dict(body) if isinstance(body, Mapping) else {}


def _key(parents: Sequence[str], key: Any) -> str:
    return "/".join([*parents, str(key)])


def _merged(old: Any, new: Mapping[str, Any], unset: frozenset[str]) -> Record:
    """``new`` merged into ``old`` key by key; an unset value takes its key away."""
    merged = dict(old) if isinstance(old, Mapping) else {}
    for name, value in new.items():
        if value in unset if isinstance(value, str) else value is None:
            merged.pop(name, None)
        else:
            merged[name] = value
    return merged


def _is_same(operation: Operation, shape: ResourceShape, value: Any, record: Record) -> bool:
    """Whether the answer of an act is the object that it acts on: the contract says so, or the members do."""
    if not isinstance(value, dict) or value.get(shape.id_field) != record.get(shape.id_field):
        return False
    if operation.resource is not None:
        return operation.resource == shape.name
    return len(value.keys() & record.keys()) >= _SAME * len(value)


_PLAIN: Final = _Engine(Habits())
