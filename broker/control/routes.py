"""The control API's table of contents: every route, with all that its documentation says."""

from __future__ import annotations

from broker.control import account_routes as real
from broker.control import attest_routes as attests
from broker.control import browse_routes as browsing
from broker.control import cassette_routes as cassettes
from broker.control import catalogue_routes as catalogue
from broker.control import check_routes as checks
from broker.control import clock_routes as clocks
from broker.control import delivery_routes as deliveries
from broker.control import document_routes as documents
from broker.control import environment_routes as life
from broker.control import event_routes as happenings
from broker.control import external_routes as external
from broker.control import fidelity_routes as fidelity
from broker.control import github_routes as github
from broker.control import hook_routes as incoming
from broker.control import inbound_routes as inbound
from broker.control import lease_routes as leases
from broker.control import mail_routes as mails
from broker.control import night_routes as nights
from broker.control import record_routes as records
from broker.control import shapes
from broker.control import traffic_routes as traffic
from broker.control import usage_routes as usage
from broker.control import verification_routes as verification
from broker.control import world_routes as worlds
from broker.control.answering import Query, Route
from broker.control.external_shapes import ROTATION
from broker.control.shapes import ref
from broker.errors import Conflict, EnvironmentClosed, NotFound, Unauthorised

V1 = "/_broker/v1"
ENVIRONMENT = V1 + "/environments/{name}"

LIMIT = Query("limit", {"type": "integer", "minimum": 1, "maximum": 1000}, "Entries of a page, 100 unless said.")
AFTER = Query("after", shapes.ID_PARAMETER, "The `next` of the page before.")
SERVICE = Query("service", shapes.ID_PARAMETER, "Only this service.")
SCOPE = Query("scope", shapes.SCOPE, "Only what is of this scope: see Broker-Scope.")

#: What every route of one open environment may refuse with.
ONE = (NotFound, Conflict, EnvironmentClosed)

ENVIRONMENTS = (
    Route(
        method="GET",
        path=V1 + "/environments",
        id="listEnvironments",
        about="List environments by name, the newest opening of each; closed ones are tombstones.",
        respond=life.list_environments,
        query=(
            Query("status", {"type": "string", "enum": ["open", "closing", "closed"]}, "Only those."),
            Query("text", shapes.ID_PARAMETER, "Only those whose name contains it."),
            AFTER,
            LIMIT,
        ),
        replies={200: ref("EnvironmentPage")},
    ),
    Route(
        method="PUT",
        path=ENVIRONMENT,
        id="openEnvironment",
        about="Open an environment and get its bundle. The same name and policy give the same answer, expiry included; "
        "another policy is applied in place; a closed one opens again, as a new one, only with `reopen`. The header "
        "Broker-Outcome says created, unchanged or policy_changed.",
        respond=life.open_environment,
        body=shapes.OPENING,
        body_required=False,
        replies={200: ref("Bundle"), 201: ref("Bundle")},
        headers={"Broker-Outcome": shapes.OUTCOME},
        errors=(Conflict, EnvironmentClosed),
    ),
    Route(
        method="GET",
        path=ENVIRONMENT,
        id="showEnvironment",
        about="Show an environment with its policy, and what it holds while it is open.",
        respond=life.show_environment,
        query=(Query("inventory", {"type": "boolean"}, "false: what it holds is not counted."),),
        replies={200: ref("Environment")},
        errors=(NotFound,),
    ),
    Route(
        method="DELETE",
        path=ENVIRONMENT,
        id="closeEnvironment",
        about="Close an environment: its credentials die first, all of it is deleted, and the receipt proves it. "
        "Waits for the end; of a closed environment it answers the receipt again.",
        respond=life.close_environment,
        query=(
            Query(
                "wait",
                {"type": "integer", "minimum": 0, "maximum": 3600},
                "Seconds to wait at the most; the teardown goes on behind a 409.",
            ),
        ),
        replies={200: ref("Receipt")},
        errors=(NotFound, Conflict),
    ),
    Route(
        method="POST",
        path=ENVIRONMENT + "/renew",
        id="renewEnvironment",
        about="Let an environment live for `ttl` from now, or for what its policy or the server says.",
        respond=life.renew_environment,
        body=shapes.RENEWAL,
        body_required=False,
        replies={200: ref("EnvironmentSummary")},
        errors=ONE,
    ),
    Route(
        method="POST",
        path=ENVIRONMENT + "/rotate",
        id="rotateCredentials",
        about="Give an environment fresh credentials, in a new bundle. The old ones open it until the overlap is over; "
        "its events are signed with the new secrets at once.",
        respond=life.rotate_credentials,
        body=ROTATION,
        body_required=False,
        replies={200: ref("Rotated")},
        errors=ONE,
    ),
    Route(
        method="POST",
        path=ENVIRONMENT + "/reset",
        id="resetEnvironment",
        about="Empty the mocks, mails and events of an environment; credentials, policy and journal stay.",
        respond=life.reset_environment,
        replies={200: ref("Reset")},
        errors=ONE,
    ),
    Route(
        method="GET",
        path=ENVIRONMENT + "/bundle",
        id="showBundle",
        about="The bundle of an open environment, in a format of choice.",
        respond=life.show_bundle,
        query=(Query("format", shapes.FORMAT_PARAMETER, "json unless said."),),
        replies={200: ref("Bundle")},
        other_media=("text/plain", "application/yaml"),
        errors=ONE,
    ),
    Route(
        method="GET",
        path=ENVIRONMENT + "/receipt",
        id="showReceipt",
        about="The receipt of an environment's closing; of one that is being closed, how far it is.",
        respond=life.show_receipt,
        replies={200: ref("Receipt")},
        errors=(NotFound,),
    ),
    Route(
        method="GET",
        path=ENVIRONMENT + "/policy/explain",
        id="explainPolicy",
        about="Say which line of an environment's policy decides a request.",
        respond=catalogue.explain_policy,
        query=(
            Query(
                "request",
                {"type": "string", "pattern": "^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /[!-~]*$", "maxLength": 2000},
                "A method and a path of the provider's API: `POST /v1/charges`. Required.",
                required=True,
            ),
            SERVICE,
        ),
        replies={200: ref("Explanation")},
        errors=(NotFound,),
    ),
)

RECORDS = (
    Route(
        method="GET",
        path=ENVIRONMENT + "/exchanges",
        id="listExchanges",
        about="List the journal of an environment, newest first.",
        respond=records.list_exchanges,
        query=(
            SERVICE,
            Query("operation", shapes.ID_PARAMETER, "Only this operation."),
            *traffic.FILTERS,
            SCOPE,
            AFTER,
            LIMIT,
        ),
        replies={200: ref("ExchangePage")},
        errors=ONE,
    ),
    Route(
        method="GET",
        path=ENVIRONMENT + "/exchanges/{id}",
        id="showExchange",
        about="Show one exchange with its redacted headers and bodies.",
        respond=records.show_exchange,
        replies={200: ref("Exchange")},
        errors=ONE,
    ),
    Route(
        method="GET",
        path=ENVIRONMENT + "/incidents",
        id="listEnvironmentIncidents",
        about="List an environment's incidents, newest first; they stay when it is closed.",
        respond=records.list_incidents,
        query=(AFTER, LIMIT),
        replies={200: ref("IncidentPage")},
        errors=(NotFound,),
    ),
    Route(
        method="GET",
        path=V1 + "/incidents",
        id="listIncidents",
        about="List all incidents, nobody's included, newest first.",
        respond=records.list_incidents,
        query=(AFTER, LIMIT),
        replies={200: ref("IncidentPage")},
    ),
    Route(
        method="GET",
        path=ENVIRONMENT + "/events",
        id="listEvents",
        about="List the events of an environment, its mocks' and its real providers', newest first.",
        respond=records.list_events,
        query=(SERVICE, Query("type", shapes.ID_PARAMETER, "Only this type."), SCOPE, AFTER, LIMIT),
        replies={200: ref("EventPage")},
        errors=ONE,
    ),
    Route(
        method="GET",
        path=ENVIRONMENT + "/events/{id}",
        id="showEvent",
        about="Show an event with its deliveries and their attempts.",
        respond=records.show_event,
        replies={200: ref("Event")},
        errors=ONE,
    ),
    Route(
        method="POST",
        path=ENVIRONMENT + "/events/{id}/resend",
        id="resendEvent",
        about="Deliver an event once more: where it went before, or to the policy's targets when it went nowhere.",
        respond=records.resend_event,
        body=shapes.RESENDING,
        body_required=False,
        replies={200: ref("Resent")},
        errors=ONE,
    ),
)

CATALOGUE = (
    Route(
        method="POST",
        path=V1 + "/policy/check",
        id="checkPolicy",
        about="Check a policy: every fault with its line and key, and rules that decide nothing.",
        respond=catalogue.check_policy,
        body=shapes.POLICY_CHECK,
        replies={200: ref("PolicyVerdict")},
    ),
    Route(
        method="GET",
        path=V1 + "/services",
        id="listServices",
        about="List the services of this server.",
        respond=catalogue.list_services,
        replies={200: ref("ServiceList")},
    ),
    Route(
        method="GET",
        path=V1 + "/contracts",
        id="listContracts",
        about="List the contracts of this server's services.",
        respond=catalogue.list_contracts,
        replies={200: ref("ContractList")},
    ),
    Route(
        method="GET",
        path=V1 + "/contracts/{service}",
        id="showContract",
        about="Show a contract's operations, and how each is answered.",
        respond=catalogue.show_contract,
        replies={200: ref("Contract")},
        errors=(NotFound,),
    ),
)

HOOKS = (
    Route(
        method="POST",
        path="/_broker/hooks/github",
        id="receiveGithub",
        about="Take a delivery of GitHub's webhook: the pull request's environment is opened, renewed or closed with "
        "it. Signed with BROKER_GITHUB_WEBHOOK_SECRET instead of the token.",
        respond=github.receive,
        body=shapes.GITHUB_DELIVERY,
        replies={200: ref("Delivered"), 201: ref("Delivered"), 202: ref("Delivered")},
        errors=(NotFound, Unauthorised, Conflict),
        token=False,
    ),
)

OPEN = (
    Route(
        method="GET",
        path="/_broker/healthz",
        id="health",
        about="The process answers.",
        respond=catalogue.health,
        replies={200: ref("Health")},
        token=False,
    ),
    Route(
        method="GET",
        path="/_broker/readyz",
        id="readiness",
        about="Calls can be answered; 503 names what is waited for.",
        respond=catalogue.readiness,
        replies={200: ref("Readiness"), 503: ref("Readiness")},
        token=False,
    ),
    Route(
        method="GET",
        path="/_broker/metrics",
        id="metrics",
        about="Figures in Prometheus' text format.",
        respond=catalogue.metrics,
        replies={200: {"type": "string"}},
        other_media=("text/plain",),
        json=False,
        token=False,
    ),
    Route(
        method="GET",
        path="/_broker/policy.schema.json",
        id="policySchema",
        about="The JSON Schema of policies.",
        respond=catalogue.policy_schema,
        replies={200: {"type": "object"}},
        other_media=("application/schema+json",),
        json=False,
        token=False,
    ),
)

ROUTES: tuple[Route, ...] = (
    *ENVIRONMENTS,
    *attests.ROUTES,
    *RECORDS,
    *mails.ROUTES,
    *CATALOGUE,
    *documents.ROUTES,
    *HOOKS,
    *real.ROUTES,
    *leases.ROUTES,
    *incoming.ROUTES,
    *inbound.ROUTES,
    *external.ROUTES,
    *usage.ROUTES,
    *clocks.ROUTES,
    *traffic.ROUTES,
    *worlds.ROUTES,
    *verification.ROUTES,
    *happenings.ROUTES,
    *deliveries.ROUTES,
    *browsing.ROUTES,
    *checks.ROUTES,
    *fidelity.ROUTES,
    *cassettes.ROUTES,
    *nights.ROUTES,
    *OPEN,
)
