"""Scenarios of a run with a cluster of its own: how flows end, what users wish, and deadlines."""

from daskflow.api.names import WORKER

from tests.simulation.actions.expectations import expect_workers
from tests.simulation.actions.nodes import registry, room
from tests.simulation.actions.operator import jump
from tests.simulation.actions.user import (
    change,
    create_again,
    create_again_unheard,
    delete,
    delete_foreground,
    scale,
    take_back_cancel,
)
from tests.simulation.scenarios.ingredients import (
    ABSENT,
    AT,
    FAILED,
    HOPELESS,
    LATE,
    LONG,
    NEVER,
    NO_RECORD,
    ODD,
    RETRY,
    START_60,
    TWELVE,
    WORDY,
)
from tests.simulation.scenarios.scenario import Scenario

ORDINARY = (
    Scenario("success", ("Succeeded",), core=True),
    Scenario("failure", ("Failed",), flows=(FAILED,), reason="FlowFailed", core=True),
    Scenario("retry", ("Succeeded",), RETRY, flows=(FAILED, {}), core=True),
    Scenario("retries used up", ("Failed",), RETRY, flows=(FAILED,), reason="FlowFailed"),
    Scenario("never again", ("Failed",), NEVER, flows=(HOPELESS,), reason="FlowFailed", attempts=1),
    Scenario("twelve wordy attempts", ("Failed",), TWELVE, flows=(WORDY,)),
    Scenario("odd last words", ("Failed",), flows=(ODD,), reason="RunnerLost", attempts=1),
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
        "suspended for a moment",
        ("Succeeded",),
        flows=LONG,
        actions=((AT, change(suspend=True)), (AT + 0.3, change(suspend=False))),
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
        "create again, no garbage collected",
        ("Succeeded",),
        flows=LONG,
        actions=((AT, create_again_unheard),),
    ),
    Scenario(
        "create again, garbage late",
        ("Succeeded",),
        flows=LONG,
        actions=((AT, create_again),),
        garbage=(10.0, 30.0),
    ),
    Scenario(
        "fewer workers before there is room",
        ("Succeeded",),
        {"retries": {"startLimit": 0}},
        actions=((0.0, room(False, WORKER)), (10.0, scale(1)), (20.0, room(True))),
    ),
    Scenario(
        "more workers", ("Succeeded",), flows=LONG, actions=((AT, scale(4)), (AT + 9, expect_workers(4)))
    ),
)

DEADLINES = (
    Scenario(
        "suspended beyond the deadline",
        ("Succeeded",),
        {"deadlines": {"active": "200s"}},
        flows=LONG,
        actions=((AT, change(suspend=True)), (250.0, change(suspend=False))),
        swift=400.0,
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
        "a clock that is a day ahead for six seconds",
        ("Succeeded",),
        {"deadlines": {"active": "1h"}},
        flows=LONG,
        actions=((AT, jump(86400.0)), (AT + 6, jump(-86400.0))),
    ),
    Scenario(
        "a clock that is a day behind for a while",
        ("Succeeded",),
        flows=LONG,
        actions=((AT, jump(-86400.0)), (AT + 60, jump(86400.0))),
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
    ),
    Scenario("registry down for long", ("Failed",), START_60, actions=((0.0, registry("503")),)),
    Scenario("a Secret that is not there", ("Failed",), {**START_60, **ABSENT}, reason="DeadlineExceeded"),
    Scenario("cancelled without its Secret", ("Cancelled",), ABSENT, actions=((40.0, change(cancel=True)),)),
)
RUNS = (*ORDINARY, *WISHES, *DEADLINES)
