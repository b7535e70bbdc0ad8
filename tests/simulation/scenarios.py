"""The scenarios: what is tried, with every crash point, stale restart and dropped event."""

from daskflow.api.names import DASK_CLUSTER, RUNNER, SCHEDULER, WORKER

from tests.simulation.actions import (
    POLICY,
    QUOTA,
    change,
    create_again,
    delete,
    delete_cluster,
    delete_foreground,
    each,
    expect_workers,
    refuse,
    registry,
    room,
    scale,
    stranger,
    take_back_cancel,
    workers_die,
)
from tests.simulation.scenario import RUN, Scenario

__all__ = ["RUN", "SCENARIOS", "Scenario"]

FAILED = {"outcome": "Failed", "reason": "FlowFailed", "failure": {"exception": "ValueError", "message": "x"}}
HOPELESS = {
    **FAILED,
    "failure": {"exception": "KeyError", "message": "x", "mro": ["KeyError", "LookupError"]},
}
WORDY = {**FAILED, "message": "x" * 1000, "failure": {"exception": "ValueError", "traceback": "x" * 2500}}
RETRY = {"retries": {"limit": 2, "infrastructureLimit": 2, "backoff": {"initial": "5s", "factor": 2}}}
NEVER = {"retries": {**RETRY["retries"], "never": {"exceptions": ["LookupError"]}}}
TWELVE = {"retries": {"limit": 11, "backoff": {"initial": "1s", "factor": 1}}}
START_60 = {"deadlines": {"start": "60s"}}
NO_RECORD = {
    "retention": {
        "pods": {"onFailure": "20s"},
        "runner": {"onSuccess": "30s"},
        "record": {"onSuccess": "40s", "onFailure": "40s"},
    }
}
LIMITED = {"runner": {"resources": {"limits": {"memory": "1Gi"}}}}
LATE = (20.0, 60.0)
LONG = ({"seconds": 30},)
LONGER = ({"seconds": 50},)
"""Outlives the lease of one whose scheduler goes at `AT`."""
AT = 18.0
"""A long flow runs by now."""

ORDINARY = (
    Scenario("success", ("Succeeded",), core=True),
    Scenario("failure", ("Failed",), flows=(FAILED,), reason="FlowFailed", core=True),
    Scenario("retry", ("Succeeded",), RETRY, flows=(FAILED, {}), core=True),
    Scenario("retries used up", ("Failed",), RETRY, flows=(FAILED,), reason="FlowFailed"),
    Scenario("never again", ("Failed",), NEVER, flows=(HOPELESS,), reason="FlowFailed", attempts=1),
    Scenario("twelve wordy attempts", ("Failed",), TWELVE, flows=(WORDY,)),
    Scenario("two runs at once", ("Succeeded",), runs=2),
    Scenario("record goes after success", (), NO_RECORD),
    Scenario("record goes after failure", (), NO_RECORD, flows=(FAILED,)),
    Scenario("garbage is late", ("Succeeded",), RETRY, flows=(FAILED, {}), garbage=LATE),
)

WISHES = (
    Scenario(
        "cancel while starting", ("Cancelled",), flows=LONG, actions=((1.0, change(cancel=True)),), core=True
    ),
    Scenario(
        "cancel while running", ("Cancelled",), flows=LONG, actions=((AT, change(cancel=True)),), core=True
    ),
    Scenario("cancel at the end", ("Cancelled", "Succeeded"), actions=((12.0, change(cancel=True)),)),
    Scenario(
        "cancel while waiting for a retry",
        ("Cancelled",),
        {"retries": {"limit": 2, "backoff": {"initial": "60s"}}},
        flows=(FAILED,),
        actions=((30.0, change(cancel=True)),),
    ),
    Scenario(
        "suspend and resume",
        ("Succeeded",),
        flows=LONG,
        actions=((AT, change(suspend=True)), (60.0, change(suspend=False))),
        core=True,
    ),
    Scenario(
        "suspend while starting",
        ("Succeeded",),
        actions=((1.5, change(suspend=True)), (30.0, change(suspend=False))),
    ),
    Scenario(
        "suspend at the end",
        ("Succeeded",),
        actions=((11.0, change(suspend=True)), (40.0, change(suspend=False))),
    ),
    Scenario(
        "suspended and cancelled",
        ("Cancelled",),
        flows=LONG,
        actions=((AT, change(suspend=True)), (40.0, change(cancel=True))),
    ),
    Scenario(
        "created suspended", ("Succeeded",), {"suspend": True}, actions=((60.0, change(suspend=False)),)
    ),
    Scenario(
        "cancelled, then not",
        ("Cancelled",),
        flows=LONG,
        actions=((AT, change(cancel=True)), (AT, take_back_cancel)),
    ),
    Scenario("delete while starting", (), flows=LONG, actions=((1.5, delete),), core=True),
    Scenario("delete while running", (), flows=LONG, actions=((AT, delete),), core=True),
    Scenario("delete in the foreground", (), flows=LONG, actions=((AT, delete_foreground),)),
    Scenario("delete and create again", ("Succeeded",), flows=LONG, actions=((AT, create_again),), core=True),
    Scenario(
        "create again, garbage late",
        ("Succeeded",),
        flows=LONG,
        actions=((AT, create_again),),
        garbage=(10.0, 30.0),
    ),
    Scenario(
        "more workers", ("Succeeded",), flows=LONG, actions=((AT, scale(4)), (AT + 9, expect_workers(4)))
    ),
)

DEADLINES = (
    Scenario(
        "suspended beyond the deadline",
        ("Succeeded",),
        {"deadlines": {"active": "80s"}},
        flows=LONG,
        actions=((AT, change(suspend=True)), (150.0, change(suspend=False))),
    ),
    Scenario(
        "active deadline",
        ("Failed",),
        {"deadlines": {"active": "25s"}},
        flows=({"seconds": 300},),
        reason="DeadlineExceeded",
        core=True,
    ),
    Scenario(
        "start deadline", ("Failed",), START_60, actions=((0.0, room(False)),), reason="DeadlineExceeded"
    ),
    Scenario(
        "start deadline, no room for a worker",
        ("Failed",),
        START_60,
        actions=((0.0, room(False, WORKER)),),
        reason="DeadlineExceeded",
        core=True,
    ),
    Scenario("registry down for long", ("Failed",), START_60, actions=((0.0, registry("503")),)),
)

OBSTACLES = (
    Scenario("quota", ("Succeeded",), actions=((0.0, refuse(QUOTA)), (40.0, refuse(None))), core=True),
    Scenario("quota for long", ("Failed",), START_60, actions=((0.0, refuse(QUOTA)),)),
    Scenario("refused", ("Failed",), actions=((0.0, refuse(POLICY)),), reason="Refused"),
    Scenario("no room", ("Succeeded",), actions=((0.0, room(False)), (40.0, room(True)))),
    Scenario("registry down", ("Succeeded",), actions=((0.0, registry("503")), (30.0, registry("")))),
    Scenario("no image", ("Failed",), actions=((0.0, registry("not found")),), reason="ImagePullFailed"),
    Scenario("name taken", ("Failed",), actions=((0.0, stranger),), reason="NameConflict"),
)

FAULTS = (
    Scenario("scheduler dies", ("Failed",), flows=LONGER, actions=((AT, each(SCHEDULER, "kill")),)),
    Scenario(
        "scheduler dies, retry", ("Succeeded",), RETRY, LONGER, ((AT, each(SCHEDULER, "kill")),), core=True
    ),
    Scenario("scheduler deleted", ("Failed",), flows=LONGER, actions=((AT, each(SCHEDULER, "delete")),)),
    Scenario("cluster deleted", ("Failed",), flows=LONGER, actions=((AT, delete_cluster),)),
    Scenario(
        "cluster deleted, retry",
        ("Succeeded",),
        RETRY,
        LONGER,
        ((AT, delete_cluster),),
        garbage=LATE,
        core=True,
    ),
    Scenario("runner killed", ("Failed",), flows=LONG, actions=((AT, each(RUNNER, "kill")),)),
    Scenario(
        "runner out of memory",
        ("Failed",),
        LIMITED,
        flows=LONG,
        actions=((AT, each(RUNNER, "out of memory")),),
        reason="OutOfMemory",
    ),
    Scenario(
        "runner out of memory on its node",
        ("Succeeded",),
        RETRY,
        LONG,
        ((AT, each(RUNNER, "out of memory")),),
    ),
    Scenario("runner evicted, retry", ("Succeeded",), RETRY, LONG, ((AT, each(RUNNER, "evict")),)),
    Scenario("runner deleted", ("Failed",), flows=LONG, actions=((AT, each(RUNNER, "delete")),), core=True),
    Scenario("runner's node lost", ("Succeeded",), RETRY, LONG, ((AT, each(RUNNER, "lose")),), core=True),
    Scenario(
        "runner cut off briefly", ("Succeeded",), RETRY, LONG, ((AT, each(RUNNER, "cut for a moment")),)
    ),
    Scenario("runner cut off", ("Succeeded",), RETRY, LONGER, ((AT, each(RUNNER, "cut for a while")),)),
    Scenario("runner cut off for long", ("Succeeded",), RETRY, LONG, ((AT, each(RUNNER, "cut for long")),)),
    Scenario("runner cut off for ever", ("Succeeded",), RETRY, LONGER, ((AT, each(RUNNER, "cut for ever")),)),
    Scenario("scheduler cut off", ("Succeeded",), RETRY, LONGER, ((AT, each(SCHEDULER, "cut for long")),)),
    Scenario("worker out of memory", ("Succeeded",), {}, LONG, ((AT, each(WORKER, "out of memory")),)),
    Scenario("worker deleted", ("Succeeded",), {}, LONG, ((AT, each(WORKER, "delete")),)),
    Scenario("worker's node lost", ("Succeeded",), {}, LONG, ((AT, each(WORKER, "lose")),)),
    Scenario("worker cut off", ("Succeeded",), {}, LONG, ((AT, each(WORKER, "cut for a while")),)),
)

CLUSTERS = tuple(
    Scenario(
        name,
        phases,
        kind=DASK_CLUSTER,
        workers=workers,
        actions=actions,
        core=name in ("cluster", "cluster grows and shrinks"),
    )
    for name, phases, workers, actions in (
        ("cluster", ("Ready",), 2, ()),
        ("cluster grows and shrinks", ("Ready",), 1, ((20.0, scale(4)), (40.0, scale(1)))),
        ("cluster deleted by its user", (), 0, ((20.0, delete),)),
        ("cluster deleted and made again", ("Ready",), 2, ((20.0, create_again),)),
        ("cluster's scheduler dies", ("Failed",), 0, ((20.0, each(SCHEDULER, "out of memory")),)),
        ("cluster's workers die", ("Ready",), 2, ((20.0, workers_die(60.0)),)),
        ("cluster without quota", ("Ready",), 2, ((0.0, refuse(QUOTA)), (40.0, refuse(None)))),
    )
)

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario for scenario in (*ORDINARY, *WISHES, *DEADLINES, *OBSTACLES, *FAULTS, *CLUSTERS)
}
