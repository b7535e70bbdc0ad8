"""The FlowRun of one tick."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from daskflow.api.conditions import timestamp
from daskflow.api.names import (
    ANNOTATION_SCHEDULED_TIME,
    API_VERSION,
    FLOW_RUN,
    LABEL_SCHEDULE,
    LABEL_SCHEDULED_TIME,
)
from daskflow.manifests.naming import scheduled_run_name
from daskflow.manifests.objects import Object, child_metadata
from daskflow.manifests.substitution import in_spec


def scheduled_run(schedule: Object, tick: datetime, times: Mapping[str, datetime | None]) -> dict[str, Any]:
    """The run as its schedule's template has it at this moment. `times`: see substitution.substituted.

    The template is taken as it was written, not as this version understands it.
    """
    template = schedule["spec"]["template"]
    metadata = template.get("metadata") or {}
    name = scheduled_run_name(schedule["metadata"]["name"], schedule["metadata"]["uid"], tick)
    labels = {
        **(metadata.get("labels") or {}),
        LABEL_SCHEDULE: schedule["metadata"]["name"],
        LABEL_SCHEDULED_TIME: tick.strftime("%Y%m%dT%H%M%SZ"),
    }
    annotations = {
        **(metadata.get("annotations") or {}),
        ANNOTATION_SCHEDULED_TIME: timestamp(tick),
    }
    return {
        "apiVersion": API_VERSION,
        "kind": FLOW_RUN,
        # Without what is written on other children: who takes a run from its schedule may have it.
        "metadata": {**child_metadata(schedule, name, labels), "annotations": annotations},
        "spec": in_spec(template["spec"], times),
    }
