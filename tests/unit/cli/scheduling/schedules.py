"""Schedules to tell and to fill in from."""

from typing import Any

from daskflow.cli.scheduling.known import Schedule, understood

Object = dict[str, Any]
UID = "6f1c7a0e-0000-4000-8000-000000000002"


def resource(spec: Object | None = None, run: Object | None = None, **status: Any) -> Object:
    """Every night at two in Berlin, settled up to the tick of 20 March 2026."""
    flow = {"script": "result = '$(scheduledTime)'", "parameters": {"since": "$(previousScheduledTime)"}}
    metadata = {"labels": {"team": "data"}, "annotations": {"note": "x"}}
    template = {"metadata": metadata, "spec": {"image": "flows:1", "flow": flow, **(run or {})}}
    return {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "FlowSchedule",
        "metadata": {
            "name": "nightly",
            "namespace": "team",
            "uid": UID,
            "creationTimestamp": "2026-03-10T00:00:00Z",
        },
        "spec": {"cron": "0 2 * * *", "timeZone": "Europe/Berlin", "template": template, **(spec or {})},
        "status": {"settledTime": "2026-03-20T01:00:00Z", **status},
    }


def schedule(spec: Object | None = None, run: Object | None = None, **status: Any) -> Schedule:
    return understood(resource(spec, run, **status))
