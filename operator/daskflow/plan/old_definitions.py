"""Statuses of which the API server dropped a part, since the installed definition (CRD) is older than we are.

Most of it only tells less. But what is to be known before a flow begins must be kept by more than our memory.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from daskflow.api.names import RUNNER
from daskflow.api.reasons import Reason
from daskflow.plan.model import Event, Object, Patch, Plan

AGAIN = timedelta(seconds=60)
"""When it is tried again whether the definition has been replaced."""
MESSAGE = (
    "The CustomResourceDefinition of FlowRun is older than the operator: it drops what is to be written down "
    "in status.attempts before a flow may begin. Apply the definitions (crds/) of the operator's version; "
    "the run then goes on."
)


def lossy(sent: Any, kept: Any) -> bool:
    """Whether something that was written is not there; what is there beside it (defaults) does not matter."""
    if isinstance(sent, Mapping) and isinstance(kept, Mapping):
        return any(value is not None and lossy(value, kept.get(name)) for name, value in sent.items())
    if isinstance(sent, list | tuple) and isinstance(kept, list | tuple):
        pairs = zip(sent, kept, strict=False)
        return len(sent) != len(kept) or any(lossy(one, other) for one, other in pairs)
    return bool(sent != kept)


def unfenced(sent: Mapping[str, Any], kept: Mapping[str, Any]) -> bool:
    """Whether the uids that fence an attempt were written and are not there."""
    found = {each.get("number"): each for each in kept.get("attempts") or ()}
    return any(_fences(each) != _fences(found.get(each["number"], {})) for each in sent.get("attempts") or ())


def _fences(attempt: Mapping[str, Any]) -> tuple[Any, Any]:
    return attempt.get("clusterUid"), (attempt.get("runner") or {}).get("uid")


def held(plan: Plan, resource: Object, now: datetime) -> Plan:
    """The plan of a run whose fences are lost: whatever lets a flow begin waits, and the status says why.

    Its DaskCluster waits by itself, for it looks for its uid in the status that is stored.
    """
    plan = plan.holding(
        creates=tuple(body for body in plan.creates if not _runner(body)),
        patches=tuple(patch for patch in plan.patches if not _opens(patch)),
    ) + Plan(requeue_at=now + AGAIN)
    old = resource.get("status") or {}
    new = {**(plan.status or old), "reason": Reason.DEFINITION_OUTDATED.value, "message": MESSAGE}
    if new.get("phase") not in ("Pending", "Starting"):
        return plan
    if new == old:
        return plan.but(status=None, events=())
    return plan.but(status=new, events=(Event("Warning", Reason.DEFINITION_OUTDATED.value, MESSAGE),))


def _runner(body: Object) -> bool:
    """The runner of an attempt without a scheduler of its own is made behind a gate, which stays."""
    gated = bool(body["spec"].get("schedulingGates")) if body["kind"] == "Pod" else True
    return not gated and str(body["metadata"]["name"]).endswith(f"-{RUNNER}")


def _opens(patch: Patch) -> bool:
    return "schedulingGates" in (patch.body.get("spec") or {})
