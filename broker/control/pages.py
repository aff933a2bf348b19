"""Readable pages about the control API: its routes and its errors. Rendered here, nothing is fetched."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from html import escape

from broker.control.answering import Route
from broker.control.openapi import refusals, tag
from broker.errors import BrokerError
from mocks.base import REFUSAL_STATUS, Reason

#: Nothing may be loaded from elsewhere, and nothing runs.
CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#8882}
body{font:16px/1.55 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.6rem;margin:0 0 .5rem}h2{margin:2.2rem 0 .4rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:1.6rem 0 .2rem;overflow-wrap:anywhere}
code,pre{font:14px/1.45 ui-monospace,monospace}pre{background:var(--soft);padding:.8rem;overflow-x:auto;
border-radius:6px}
b.method{display:inline-block;min-width:4.2rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .8rem .25rem 0;
border-bottom:1px solid var(--line)}
nav a{margin-right:1rem}p.errors{font-size:.9rem}
"""

_ABOUT_ROUTES = (
    "<p>Routes below <code>/_broker/v1/</code> ask for the control token. Lists come in pages: pass a page's "
    "<code>next</code> as <code>after</code>. Refusals are RFC 9457 problems.</p>"
)
_ABOUT_ERRORS = (
    "<p>Every refusal of the control API is a problem (RFC 9457): <code>type</code> points at an entry here, "
    "<code>detail</code> says what was wrong and what to do, <code>errors</code> lists single faults.</p>"
)

_ABOUT_REFUSALS = (
    "<p>Calls of applications are refused in the provider's own error shape where the service is known, and as a "
    "problem where it is not. The status is the usual one; a provider's own habit wins.</p>"
)


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        '<nav><a href="/_broker/ui/">Dashboard</a><a href="/_broker/docs">Routes</a>'
        '<a href="/_broker/docs/errors">Errors</a>'
        '<a href="/_broker/openapi.json">OpenAPI document</a>'
        '<a href="/_broker/policy.schema.json">Policy schema</a></nav>'
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def routes_page(routes: Sequence[Route], origin: str) -> str:
    """Every route by chapter, with its parameters and refusals."""
    example = (
        f'curl -H "Authorization: Bearer $BROKER_TOKEN" -X PUT {origin}/_broker/v1/environments/pr-142 \\\n'
        "     -H 'Content-Type: application/json' -d '{\"ttl\": \"7d\"}'"
    )
    parts = [
        _ABOUT_ROUTES,
        f"<pre>{escape(example)}</pre>",
    ]
    for chapter in dict.fromkeys(tag(route) for route in routes):
        parts.append(f"<h2>{chapter.capitalize()}</h2>")
        parts += [_route(route) for route in routes if tag(route) == chapter]
    return _page("Control API", "".join(parts))


def _route(route: Route) -> str:
    rows = [
        f"<tr><td><code>{escape(query.name)}</code></td><td>{escape(str(query.schema['type']))}</td>"
        f"<td>{escape(query.about)}</td></tr>"
        for query in route.query
    ]
    body: list[str] = []
    if route.body is not None:
        for name, schema in route.body["properties"].items():
            body.append(
                f"<tr><td><code>{escape(name)}</code></td><td>in the body</td>"
                f"<td>{escape(str(schema.get('description', '')))}</td></tr>"
            )
    table = f"<table>{''.join(rows + body)}</table>" if rows or body else ""
    errors = ", ".join(f'<a href="/_broker/docs/errors#{error.slug}">{error.status}</a>' for error in refusals(route))
    return (
        f'<section id="{route.id}"><h3><b class="method">{route.method}</b><code>{escape(route.path)}</code></h3>'
        f'<p>{escape(route.about)}</p>{table}<p class="errors">Refusals: {errors}</p></section>'
    )


def error_types() -> list[type[BrokerError]]:
    """Every problem type that is declared, by status; a special case that shares its parent's type is not one."""
    found: dict[str, type[BrokerError]] = {}
    left: list[type[BrokerError]] = [BrokerError]
    for error in left:
        found.setdefault(error.slug, error)
        left += error.__subclasses__()
    return sorted(found.values(), key=lambda error: (error.status, error.slug))


#: What to do about a problem, by its type.
NEXT_STEPS = {
    "invalid-input": "Read the entries of errors: each names a place and what is wrong there. Correct and send again.",
    "unauthorised": "Send Authorization: Bearer with BROKER_TOKEN, or with the content of the file token in the data "
    "folder of the server.",
    "forbidden": "Open the page of the dashboard again and repeat it there; log in with the control token.",
    "not-found": "List what exists; names and ids are case-sensitive.",
    "method-not-allowed": "Use one of the methods in the header Allow.",
    "request-timeout": "Send the body without long pauses; BROKER_BODY_TIMEOUT_SECONDS is the longest.",
    "nothing-came": "Ask again: what came meanwhile is found. Or look whether the application sent anything.",
    "conflict": "Wait until the closing is over, or follow the detail.",
    "environment-closed": "Its state is gone. Open the name again, as a new environment, with reopen.",
    "too-large": "Send less: a control request has at most 1 MiB.",
    "unsupported-media-type": "Send application/json.",
    "too-many-attempts": "Wait a minute.",
    "too-many-waits": "Wait for fewer things at once, or ask for the list instead of waiting.",
    "not-available": "Choose another mode in the policy.",
    "stopping": "Ask again once the server is back.",
    "storage-full": "Free space on the server's disk, or close environments.",
    "internal": "Look into the server's log; the request can be sent again.",
}


_REASONS: Mapping[Reason, str] = {
    "no_credential": "The call carries no key. Use the one from the environment's bundle.",
    "unknown_credential": "No environment of this server has this key. Take it from the bundle again.",
    "foreign_credential": "The key belongs to another environment or service than the address says. An incident.",
    "live_credential": "A real production key. It was refused and not stored: revoke it at the provider. An incident.",
    "bad_signature": "The signature does not fit the request: another secret, a changed request, or a wrong clock.",
    "unknown_environment": "The address names no environment of this server.",
    "closed_environment": "The environment's time is over. Open it again with reopen; it gets new keys.",
    "unknown_operation": "The provider's API has no such path.",
    "wrong_method": "The provider's API has this path, with other methods.",
    "refused_by_policy": "The environment's policy refuses the call; the message names the line that decides.",
    "mode_unavailable": "The policy chose a mode that this server cannot serve yet.",
    "not_revocable": "At the real provider the call would do what teardown cannot take back, so it does not pass.",
    "no_account": "The policy wants the real provider, and no account of it may be used by this environment.",
    "over_budget": "The environment's budget at the real provider is used up; the policy says what then.",
    "over_rate": "The real account's rate is used up, and the policy says not to wait, or not as long.",
    "upstream_failed": "The real provider gave no valid answer. What may have been made there is in the ledger.",
    "upstream_timeout": "The real provider did not answer in time. What may have been made there is in the ledger.",
    "no_recording": "No cassette answers this call; the message names the nearest. Or it is another's to record.",
    "body_too_large": "The body is over the limit of the server or of the policy.",
    "body_timeout": "The body stopped arriving.",
    "malformed": "The request cannot be read at all.",
    "overloaded": "The server has too much to do; try again.",
    "storage_full": "The server's disk is full.",
    "over_quota": "The environment keeps as many objects and files as its policy, or the server, lets it.",
    "internal": "The broker's own failure; its log tells more.",
}


def errors_page() -> str:
    """Every problem type, with what to do about it."""
    parts = [
        _ABOUT_ERRORS,
    ]
    for error in error_types():
        about = inspect.cleandoc(error.__dict__.get("__doc__") or "") if error is not BrokerError else ""
        parts.append(
            f'<section id="{error.slug}"><h3>{error.status} {escape(error.title)} <code>{error.slug}</code></h3>'
            f"<p>{escape(NEXT_STEPS.get(error.slug, about))}</p></section>"
        )
    parts.append(f"<h2>Refusals of the gateway</h2>{_ABOUT_REFUSALS}")
    for reason, status in REFUSAL_STATUS.items():
        slug = reason.replace("_", "-")
        # `internal` has its entry above.
        anchor = "" if slug in NEXT_STEPS else f' id="{slug}"'
        parts.append(
            f"<section{anchor}><h3>{status} <code>{slug}</code></h3><p>{escape(_REASONS[reason])}</p></section>"
        )
    return _page("Errors", "".join(parts))
