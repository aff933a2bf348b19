"""Jobs: what callers are told of contacts that are changed in the background.

https://www.twilio.com/docs/sendgrid/api-reference/contacts/import-contacts-status (2026-11).
"""

from __future__ import annotations

from typing import Final

from mocks.base import Call, Record
from mocks.sendgrid import ids
from mocks.sendgrid.marketing.answers import missing, now

KIND: Final = "mc_job"


async def done(call: Call, job_type: str, **results: int) -> Record:
    """A job that is finished: what its request is answered."""
    job = await begun(call, job_type)
    await finish(call, job, **results)
    return {"job_id": job["id"]}


async def begun(call: Call, job_type: str) -> Record:
    """A job that waits."""
    job: Record = {
        "id": ids.uuid(call),
        "status": "pending",
        "job_type": job_type,
        "results": {},
        "started_at": now(call),
    }
    await call.state.put(KIND, job["id"], job)
    return job


async def finish(call: Call, job: Record, **results: int) -> None:
    """Finish a job: errored where some of it failed, failed where all of it did."""
    failed = results.get("errored_count", 0)
    status = "completed" if not failed else "failed" if failed >= results["requested_count"] else "errored"
    finished = {**job, "status": status, "results": results, "finished_at": now(call)}
    await call.state.put(KIND, job["id"], finished)


async def status(call: Call) -> Record:
    """How a job stands. What it was about is not shown."""
    job_id = str(call.params.path["id"])
    job = await call.state.get(KIND, job_id)
    if job is None:
        raise missing("job", job_id)
    members = ("id", "status", "job_type", "results", "started_at", "finished_at")
    return {name: job[name] for name in members if name in job}
