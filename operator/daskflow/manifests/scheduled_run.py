"""FlowRuns from a schedule's template: of a tick, and those that somebody makes by hand."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from daskflow.api.conditions import timestamp
from daskflow.api.names import (
    ANNOTATION_PREWARM,
    ANNOTATION_SCHEDULED_TIME,
    API_VERSION,
    FLOW_RUN,
    LABEL_INSTANTIATE,
    LABEL_MANAGED_BY,
    LABEL_SCHEDULE,
    LABEL_SCHEDULED_TIME,
)
from daskflow.manifests.naming import scheduled_run_name, uid_hash
from daskflow.manifests.objects import Object, child_metadata
from daskflow.manifests.substitution import in_spec

Times = Mapping[str, datetime | None]
"""See substitution.substituted."""
_MANUAL_BASE = 33
"""With `-manual`, a dash and eight letters a name stays below the 50 of a FlowRun's."""


def scheduled_run(schedule: Object, tick: datetime, times: Times) -> dict[str, Any]:
    """The run as its schedule's template has it at this moment.

    The template is taken as it was written, not as this version understands it.
    """
    labels, annotations = _of_tick(tick)
    if schedule["spec"].get("prewarm"):
        annotations[ANNOTATION_PREWARM] = "true"
    return _run(schedule, _name(schedule, tick), labels, annotations, times)


def manual_run(schedule: Object, times: Times, seen: Iterable[str] | None = None) -> dict[str, Any]:
    """One for no tick, which belongs to the schedule like those of its ticks; its name is to be made.

    With `seen`, the uids of the schedule's runs, it is a function of these: of all who start one because they
    have seen the same, only the first can.
    """
    base = f"{schedule['metadata']['name'][:_MANUAL_BASE].rstrip('-')}-manual"
    made = _run(schedule, base, {LABEL_INSTANTIATE: "manual"}, {}, times)
    if seen is not None:
        made["metadata"]["name"] = (
            f"{base}-{uid_hash(' '.join((schedule['metadata']['uid'], *sorted(seen))))}"
        )
        return made
    del made["metadata"]["name"]
    made["metadata"]["generateName"] = base
    return made


def backfill_run(schedule: Object, tick: datetime, times: Times) -> dict[str, Any]:
    """One for a tick that is settled, by the name that its own run has or had. It is nobody's: the schedule's
    history would soon delete it, and its concurrency policy would have ticks wait for it."""
    labels, annotations = _of_tick(tick)
    name, labels = _name(schedule, tick), {**labels, LABEL_INSTANTIATE: "backfill"}
    made = _run(schedule, name, labels, annotations, times)
    del made["metadata"]["ownerReferences"]
    del made["metadata"]["labels"][LABEL_MANAGED_BY]
    return made


def _name(schedule: Object, tick: datetime) -> str:
    return scheduled_run_name(schedule["metadata"]["name"], schedule["metadata"]["uid"], tick)


def _of_tick(tick: datetime) -> tuple[dict[str, str], dict[str, str]]:
    """The labels and annotations that tell of it."""
    return {LABEL_SCHEDULED_TIME: tick_label(tick)}, {ANNOTATION_SCHEDULED_TIME: timestamp(tick)}


def tick_label(tick: datetime) -> str:
    """The value of the label of a tick (in UTC)."""
    return tick.strftime("%Y%m%dT%H%M%SZ")


def _run(
    schedule: Object, name: str, labels: Mapping[str, str], annotations: Mapping[str, str], times: Times
) -> dict[str, Any]:
    template = schedule["spec"]["template"]
    metadata = template.get("metadata") or {}
    labels = {
        **(metadata.get("labels") or {}),
        LABEL_SCHEDULE: schedule["metadata"]["name"],
        **labels,
    }
    annotations = {**(metadata.get("annotations") or {}), **annotations}
    return {
        "apiVersion": API_VERSION,
        "kind": FLOW_RUN,
        # Without what is written on other children: who takes a run from its schedule may have it.
        "metadata": {**child_metadata(schedule, name, labels), "annotations": annotations},
        "spec": in_spec(template["spec"], times),
    }
