"""Control routes of verifications: asked now, waited for, or declared up front."""

from __future__ import annotations

from typing import Any

import orjson

from broker.control import shapes
from broker.control import verification_shapes as forms
from broker.control.answering import Answer, Ask, Query, Route
from broker.control.parts import Parts
from broker.control.shapes import ref
from broker.errors import Conflict, EnvironmentClosed, NotFound, TooManyWaits
from broker.storage.base import Environment, EnvironmentStore, Expectation
from broker.verification import asking, expected
from broker.verification.schema import SCHEMA
from broker.verification.verdicts import misses, verdict
from broker.verification.waiting import waited

_ENVIRONMENT = "/_broker/v1/environments/{name}"
_TIMEOUT = 10.0


async def _settled(parts: Parts, ask: Ask) -> tuple[Environment, EnvironmentStore]:
    """The store once all that was answered by now is in it, and all that is due has happened."""
    environment = await parts.environments.get_open(ask.path["name"])
    await parts.caught_up(environment)
    await parts.settle()
    return environment, await parts.environments.store(environment)


async def verify(parts: Parts, ask: Ask) -> Any:
    """Now. Answers 200 in either case: the question was answered."""
    wanted = asking.read(ask.body)
    _, store = await _settled(parts, ask)
    return await verdict(store, wanted)


async def wait(parts: Parts, ask: Ask) -> Any:
    """Until it is so, or cannot be so any more, or the time is over."""
    wanted, name = asking.read(ask.body), ask.path["name"]

    async def open_store() -> EnvironmentStore:
        return await parts.environments.store(await parts.environments.get_open(name))

    with parts.waits.one_more(name):
        await _settled(parts, ask)
        return await waited(open_store, wanted, float(ask.body.get("timeout", _TIMEOUT)))


async def expect(parts: Parts, ask: Ask) -> Any:
    """Declared, and kept until it is deleted."""
    environment = await parts.environments.get_open(ask.path["name"])
    store = await parts.environments.store(environment)
    made = expected.plan(ask.body, "exp_" + parts.clock.text(20), parts.clock.now())
    if not await store.expectations.add(made, expected.MOST):
        raise Conflict(f"{environment.name} has {expected.MOST} expectations already: delete those that are over")
    return Answer(await _shown(store, made), status=201)


async def _shown(store: EnvironmentStore, one: Expectation) -> dict[str, Any]:
    survey = await expected.surveyed(store, [one], scope=one.scope or None)
    tally = survey.tallies[0][1]
    return expected.shown(one, tally, await misses(store, tally))


async def list_expectations(parts: Parts, ask: Ask) -> Any:
    """Oldest first, without near misses."""
    _, store = await _settled(parts, ask)
    scope = ask.query.get("scope")
    found = await store.expectations.expectations(scope=scope)
    survey = await expected.surveyed(store, found, scope=scope)
    return {"items": [expected.shown(one, tally) for one, tally in survey.tallies]}


async def show_expectation(parts: Parts, ask: Ask) -> Any:
    """With near misses while it is unmet."""
    _, store = await _settled(parts, ask)
    one = await store.expectations.expectation(ask.path["id"])
    if one is None:
        raise NotFound(f"no expectation {ask.path['id'][:80]}")
    return await _shown(store, one)


async def judge(parts: Parts, ask: Ask) -> Any:
    """All of a scope at once."""
    body = ask.body or {}
    since, scope, strict = asking.moment(body.get("since")), body.get("scope"), bool(body.get("strict"))
    _, store = await _settled(parts, ask)
    found = await store.expectations.expectations(scope=scope)
    survey = await expected.surveyed(store, found, scope=scope, since=since, strict=strict)
    return await expected.judged(store, survey, strict=strict)


async def list_unmatched(parts: Parts, ask: Ask) -> Any:
    """Newest first."""
    since, scope = asking.moment(ask.query.get("since")), ask.query.get("scope")
    _, store = await _settled(parts, ask)
    found = await store.expectations.expectations(scope=scope)
    return expected.unmatched(await expected.surveyed(store, found, scope=scope, since=since, strict=True))


async def clear_expectations(parts: Parts, ask: Ask) -> Any:
    """Of a scope, or all."""
    store = await parts.environments.store(await parts.environments.get_open(ask.path["name"]))
    return {"deleted": await store.expectations.remove(scope=ask.query.get("scope"))}


async def delete_expectation(parts: Parts, ask: Ask) -> Any:
    """One of them."""
    store = await parts.environments.store(await parts.environments.get_open(ask.path["name"]))
    deleted = await store.expectations.remove(expectation_id=ask.path["id"])
    if not deleted:
        raise NotFound(f"no expectation {ask.path['id'][:80]}")
    return {"deleted": deleted}


async def match_schema(parts: Parts, ask: Ask) -> Answer:
    """For editors."""
    return Answer(text=orjson.dumps(SCHEMA, option=orjson.OPT_INDENT_2), media="application/schema+json")


_SCOPE = Query("scope", shapes.SCOPE, "Only those of this scope: see Broker-Scope.")
_ONE = (NotFound, Conflict, EnvironmentClosed)

ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path=_ENVIRONMENT + "/verifications",
        id="verify",
        about="Say whether exchanges, mails, events or deliveries of an environment are as they should be, and if not, "
        "what comes nearest and why it does not match. Calls that were answered before are seen.",
        respond=verify,
        body=forms.VERIFYING,
        replies={200: ref("Verification")},
        errors=_ONE,
    ),
    Route(
        method="POST",
        path=_ENVIRONMENT + "/wait",
        id="wait",
        waits=True,
        about="The same once it holds, or can no longer, or the time is over. At most 64 requests wait in one "
        "environment.",
        respond=wait,
        body=forms.WAITING,
        replies={200: ref("Verification")},
        errors=(*_ONE, TooManyWaits),
    ),
    Route(
        method="GET",
        path=_ENVIRONMENT + "/expectations",
        id="listExpectations",
        about="List what was declared that should happen, and how it stands: met, unmet, or violated.",
        respond=list_expectations,
        query=(_SCOPE,),
        replies={200: ref("ExpectationList")},
        errors=_ONE,
    ),
    Route(
        method="POST",
        path=_ENVIRONMENT + "/expectations",
        id="expect",
        about="Declare what should happen from now on; `count: 0` is what must never happen. It is kept with the "
        "environment; a reset forgets it.",
        respond=expect,
        body=forms.EXPECTING,
        replies={201: ref("Expectation")},
        errors=_ONE,
    ),
    Route(
        method="DELETE",
        path=_ENVIRONMENT + "/expectations",
        id="clearExpectations",
        about="Forget the expectations of a scope, or all of them.",
        respond=clear_expectations,
        query=(_SCOPE,),
        replies={200: ref("Deleted")},
        errors=_ONE,
    ),
    Route(
        method="POST",
        path=_ENVIRONMENT + "/expectations/verify",
        id="verifyExpectations",
        about="Say whether all expectations of a scope are met, and with `strict` whether anything else was called.",
        respond=judge,
        body=forms.JUDGING,
        body_required=False,
        replies={200: ref("Judgement")},
        errors=_ONE,
    ),
    Route(
        method="GET",
        path=_ENVIRONMENT + "/expectations/{id}",
        id="showExpectation",
        about="Show one expectation, with what comes nearest while it is unmet.",
        respond=show_expectation,
        replies={200: ref("Expectation")},
        errors=_ONE,
    ),
    Route(
        method="DELETE",
        path=_ENVIRONMENT + "/expectations/{id}",
        id="deleteExpectation",
        about="Forget one expectation.",
        respond=delete_expectation,
        replies={200: ref("Deleted")},
        errors=_ONE,
    ),
    Route(
        method="GET",
        path=_ENVIRONMENT + "/unmatched",
        id="listUnmatched",
        about="List exchanges that no expectation covers, since the first expectation unless said.",
        respond=list_unmatched,
        query=(_SCOPE, Query("since", forms.SINCE_PARAMETER, "Only those since then.")),
        replies={200: ref("Unmatched")},
        errors=_ONE,
    ),
    Route(
        method="GET",
        path="/_broker/match.schema.json",
        id="matchSchema",
        about="The JSON Schema of matches.",
        respond=match_schema,
        replies={200: {"type": "object"}},
        other_media=("application/schema+json",),
        json=False,
        token=False,
    ),
)
