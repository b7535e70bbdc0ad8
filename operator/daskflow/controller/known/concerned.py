"""Who is to look again when an object has come, changed or gone."""

from collections.abc import Callable, Mapping
from typing import Any

from daskflow.api.names import FLOW_RUN, FLOW_SCHEDULE
from daskflow.controller.known.indexes import run_of
from daskflow.controller.kubernetes.kinds import KINDS
from daskflow.controller.kubernetes.verbs import controller_of
from daskflow.plan.model import Key, Object


def concerned(
    get: Callable[[Key], Object | None], key: Key, body: Object, before: Object | None = None
) -> list[Key]:
    """Our kinds look at themselves, their children and grandchildren; a schedule only at how its runs do.

    `before` is the same object as it was, if it was known.
    """
    found = [key] if KINDS[key.kind].seen == "custom" else []
    run = run_of(body)
    owner: Mapping[str, Any] | None = controller_of(body)
    for _ in range(2):
        if owner is None or owner["kind"] not in KINDS or KINDS[owner["kind"]].seen != "custom":
            break
        if owner["kind"] == FLOW_SCHEDULE and not _another_phase(before, body):
            break
        key = Key(owner["kind"], key.namespace, owner["name"])
        found.append(key)
        body_of_owner = get(key)
        owner = None if body_of_owner is None else controller_of(body_of_owner)
    if run is not None and run not in found:
        found.append(run)
    return found


def open_attempt(run: Object | None) -> object:
    """Of a run: its open attempt's number and cluster, by which that cluster is given pods; None without."""
    attempts = ((run or {}).get("status") or {}).get("attempts") or ({"endTime": "never begun"},)
    last = attempts[-1]
    return None if last.get("endTime") else (last.get("number"), last.get("clusterUid"))


def _another_phase(before: Object | None, now: Object) -> bool:
    """Whether a FlowRun came, went or got on in its life."""
    if now["kind"] != FLOW_RUN:
        return False
    return before is None or _stage(before) != _stage(now)


def _stage(run: Object) -> tuple[str | None, bool]:
    return (run.get("status") or {}).get("phase"), "deletionTimestamp" in run["metadata"]
