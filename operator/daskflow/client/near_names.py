"""Names like one that does not exist, for the sentence that says so."""

from difflib import get_close_matches
from typing import TYPE_CHECKING

from daskflow.api.names import CLUSTER_POOL, DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE
from daskflow.client.errors import DaskflowError, NotFound

if TYPE_CHECKING:
    from daskflow.client.connection import Connection

MOST_NAMES = 5000
"""Objects among which they are looked for."""
SHOWN = 3
_WORDS = {
    FLOW_RUN: ("run", "daskflow list"),
    DASK_CLUSTER: ("cluster", "daskflow cluster list"),
    FLOW_SCHEDULE: ("schedule", "daskflow schedule list"),
    CLUSTER_POOL: ("pool", "daskflow pool list"),
}


async def not_found(connection: "Connection", kind: str, name: str, namespace: str) -> NotFound:
    """The error to raise: it names up to three that are called alike, else the command that lists all."""
    word, listing = _WORDS.get(kind, (kind, f"kubectl get {kind.lower()}"))
    near = await _near(connection, kind, name, namespace)
    remedy = f"did you mean {' or '.join(near)}?" if near else f"`{listing}` shows those that there are"
    return NotFound(f"there is no {word} {name} in namespace {namespace}; {remedy}")


async def _near(connection: "Connection", kind: str, name: str, namespace: str) -> list[str]:
    names: list[str] = []
    try:
        async for page in connection.pages(kind, namespace, form="metadata"):
            names += [item["metadata"]["name"] for item in page["items"]]
            if len(names) >= MOST_NAMES:
                break
    except DaskflowError:
        return []  # whoever may get an object need not be allowed to list them
    return get_close_matches(name, names, SHOWN)
