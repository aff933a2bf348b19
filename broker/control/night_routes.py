"""Control routes of nights: begin one, see how far it is, and the report of the last one in every format."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

from broker.control.answering import Answer, Ask, Query, Route
from broker.control.parts import Parts
from broker.control.shapes import ref
from broker.errors import Conflict, NotFound
from broker.nights import Nights
from broker.reports.formats import FORMATS
from broker.reports.html import CONTENT_SECURITY_POLICY
from broker.reports.night import Night, Report


def _nights(parts: Parts) -> Nights:
    if parts.drift is None:
        raise NotFound("nothing of this server finds out how true its mocks are")
    return parts.drift.nights


def _state(night: Night) -> dict[str, Any]:
    members = ("service", "source", "account", "status", "words")
    parts = [{name: asdict(part)[name] for name in members} for part in night.parts]
    return {"id": night.id, "due_at": night.due_at or None, "begun_at": night.begun_at, "parts": parts}


async def begin_night(parts: Parts, ask: Ask) -> Answer:
    """It goes on in the background."""
    return Answer(_state(await _nights(parts).begin()), status=202)


async def list_nights(parts: Parts, ask: Ask) -> Any:
    """The one that is at work, and figures of those that are over."""
    nights = _nights(parts)
    current = await nights.current()
    figures = [{**each, "due_at": each["due_at"] or None} for each in await nights.figures()]
    return {"current": None if current is None else _state(current), "late": await nights.late(), "items": figures}


async def show_report(parts: Parts, ask: Ask) -> Answer:
    """Of the last night that is over."""
    from broker.control.app import broker_version

    nights = _nights(parts)
    night, query = await nights.last(), ask.query
    if night is None:
        raise NotFound("no night is over yet; `broker drift night` begins one, BROKER_DRIFT_AT lets them come")
    report = Report(
        night=night,
        since_last=query.get("since") == "last",
        late=await nights.late(),
        history=await nights.figures(),
    )
    media, render = FORMATS[query.get("format", "json")]
    headers = {"x-content-type-options": "nosniff"}
    if media == "text/html":
        headers["content-security-policy"] = CONTENT_SECURITY_POLICY
    # Not on the loop: thousands of rows take a quarter of a second.
    text = await asyncio.to_thread(render, report, query.get("fail_on", "breaking"), broker_version())
    return Answer(text=text, media=media, headers=headers)


_V1 = "/_broker/v1/drift"

ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path=_V1 + "/nights",
        id="beginNight",
        about="Look for drift everywhere, now: contracts, probes, what was observed. Goes on in the background.",
        respond=begin_night,
        replies={202: ref("NightState")},
        errors=(NotFound, Conflict),
    ),
    Route(
        method="GET",
        path=_V1 + "/nights",
        id="listNights",
        about="Show the night that is at work, and figures of those that are over.",
        respond=list_nights,
        replies={200: ref("NightList")},
        errors=(NotFound,),
    ),
    Route(
        method="GET",
        path=_V1 + "/report",
        id="showDriftReport",
        about="Show what the last night found out, as JSON, an HTML page, markdown, JUnit or SARIF.",
        respond=show_report,
        query=(
            Query("format", {"type": "string", "enum": list(FORMATS)}, "json unless said."),
            Query("since", {"type": "string", "enum": ["last"]}, "Only what the night before did not know."),
            Query(
                "fail_on",
                {"type": "string", "enum": ["never", "breaking", "risky", "any"]},
                "What JUnit calls a failure: breaking unless said.",
            ),
        ),
        replies={200: ref("DriftReport")},
        other_media=[media for media, _ in FORMATS.values() if media != "application/json"],
        headers={"x-content-type-options": {"type": "string"}},
        errors=(NotFound,),
    ),
)
