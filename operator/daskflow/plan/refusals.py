"""What it means that the API server refuses a write, in a sentence with the remedy."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from daskflow.api import daskcluster, flowrun_status
from daskflow.api.conditions import WRITE_REFUSED, Condition, updated
from daskflow.api.names import LABEL_MANAGED_BY, MANAGED_BY
from daskflow.api.reasons import Reason
from daskflow.api.wording import one_line
from daskflow.plan.cause import Cause
from daskflow.plan.model import UNDONE, Delete, Object, Plan, Refusal
from daskflow.plan.pod.termination import asks

ENDED = frozenset((*flowrun_status.TERMINAL_PHASES, *daskcluster.TERMINAL_PHASES))

_HEALING = re.compile(
    r"(serviceaccount|RuntimeClass) .* not found|no PriorityClass with name|status unknown for quota", re.I
)
"""Said where controllers have not caught up yet, or of what comes a little later than the run."""
_DEEDS = {"create": "", "patch": "a change of ", "delete": "to delete ", "status": "the status of "}


def explained(refusal: Refusal) -> tuple[Reason, str]:
    """The reason and the sentence."""
    what = f"{_DEEDS[refusal.verb]}{refusal.key.kind} {refusal.key.name}"
    if refusal.status == UNDONE:
        message = (
            f"{what[0].upper()}{what[1:]} is undone at once by an admission webhook or another controller: "
            f"exempt what has the label {LABEL_MANAGED_BY}={MANAGED_BY} from it."
        )
        return Reason.REFUSED, message
    said = one_line(refusal.message).rstrip(".")
    if refusal.rightless:
        message = (
            f"The operator lacks a right that it needs ({what}): {said}. Give its service account the "
            "chart's ClusterRole again; what waits for it then goes on."
        )
        return Reason.RIGHT_MISSING, message
    if refusal.status == 403 and "exceeded quota" in refusal.message:
        message = f"The namespace's quota does not allow {what}: {said}. Ask for less or raise the quota."
        return Reason.QUOTA_EXCEEDED, message
    return Reason.REFUSED, f"The API server refuses {what}: {said}."


def hopeless(refusal: Refusal) -> bool:
    """Whether trying on cannot help, as long as the object stays as it is."""
    if explained(refusal)[0] is not Reason.REFUSED:
        return False
    return refusal.status in (400, 403, 422) and not _HEALING.search(refusal.message)


def refused(refusal: Refusal) -> Cause:
    """What it means where the object that was to be created is waited for."""
    reason, message = explained(refusal)
    return Cause(reason, message, certain=hopeless(refusal))


def heeded(plan: Plan, resource: Object, refused: tuple[Refusal, ...], now: datetime) -> Plan:
    """The plan without the patches and deletes that were refused a moment ago, and a condition that says so.

    A pod that may not be asked to end is deleted: whoever guards changes mostly lets that pass. A terminal
    status never changes: there only the Event tells of it.
    """
    waiting = {(each.verb, each.key) for each in refused if not each.retry}
    status: Mapping[str, Any] = resource.get("status") or {}
    plan = _firmer(plan, refused)
    plan = plan.holding(
        patches=tuple(each for each in plan.patches if ("patch", each.key) not in waiting),
        deletes=tuple(each for each in plan.deletes if ("delete", each.key) not in waiting),
    )
    wanted = _conditions(status, plan.status, resource, refused, now)
    return plan if wanted is None else plan.but(status=None if wanted == status else wanted)


def _firmer(plan: Plan, refused: tuple[Refusal, ...]) -> Plan:
    """A right that is missing may come back in a moment, and a deleted pod's log does not."""
    deaf = {each.key for each in refused if each.verb == "patch" and (each.retry or not each.rightless)}
    unheard = tuple(each for each in plan.patches if each.key in deaf and asks(each))
    return plan.holding(
        patches=tuple(each for each in plan.patches if each not in unheard),
        deletes=(*plan.deletes, *(Delete(each.key, each.uid) for each in unheard)),
    )


def _conditions(
    old: Mapping[str, Any],
    planned: Mapping[str, Any] | None,
    resource: Object,
    refused: tuple[Refusal, ...],
    now: datetime,
) -> Mapping[str, Any] | None:
    """The status with the condition as it should be; None where nothing is to be said about it."""
    said = [each for each in old.get("conditions") or () if each["type"] == WRITE_REFUSED]
    found = [each for each in refused if each.verb in ("patch", "delete")]
    status = old if planned is None else planned
    if not (said or found) or old.get("phase") in ENDED or status.get("phase") in ENDED:
        return None
    others = [each for each in status.get("conditions") or () if each["type"] != WRITE_REFUSED]
    new = [_condition(each, resource) for each in found[:1]]
    carried = updated([Condition.model_validate(each) for each in said], new, now)
    said_of_end = _undying(status, found)
    return {**status, **said_of_end, "conditions": [*others, *(each.dump() for each in carried)]}


def _undying(status: Mapping[str, Any], found: list[Refusal]) -> Mapping[str, Any]:
    """Reason and message of a run whose attempt is to end and may not."""
    deletes = [each for each in found if each.verb == "delete" and each.key.kind == "Pod"]
    if not deletes or status.get("reason") != Reason.CANCELLING:
        return {}
    reason, message = explained(deletes[0])
    # In front: the end of the sentence is what a deadline is explained with (`plan.run.stopping`).
    return {"reason": reason.value, "message": f"{message} {status['message']}"}


def _condition(refusal: Refusal, resource: Object) -> Condition:
    reason, message = explained(refusal)
    return Condition(
        type=WRITE_REFUSED,
        status="True",
        reason=reason.value,
        message=message,
        observed_generation=resource["metadata"].get("generation", 0),
    )
