"""The scenarios: what is tried, with every crash point, stale restart and dropped event."""

from daskflow.api.names import WORKER

from tests.simulation import reuse_alone, reuse_shared
from tests.simulation.actions import (
    POLICY,
    QUOTA,
    WEBHOOK,
    change,
    clash,
    create_again,
    decorate,
    delete,
    delete_foreground,
    expect_message,
    expect_workers,
    jump,
    outdated,
    refuse,
    registry,
    resist,
    rightless,
    room,
    scale,
    stranger,
    take_back_cancel,
    unknown_phase,
)
from tests.simulation.cluster_scenarios import CLUSTER_SCENARIOS
from tests.simulation.container_scenarios import CONTAINERS
from tests.simulation.faults import FAULTS
from tests.simulation.hands import HANDS
from tests.simulation.ingredients import (
    ABSENT,
    AT,
    FAILED,
    HOPELESS,
    HOST,
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
from tests.simulation.kept import KEPT
from tests.simulation.many import MANY
from tests.simulation.quiet_hours_scenarios import QUIET_HOURS
from tests.simulation.scenario import RUN, Scenario
from tests.simulation.schedule_scenarios import SCHEDULES

__all__ = ["RUN", "SCENARIOS", "Scenario"]

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

OBSTACLES = (
    Scenario("quota", ("Succeeded",), actions=((0.0, refuse(QUOTA)), (40.0, refuse(None)))),
    Scenario(
        "a webhook is down",
        ("Succeeded",),
        actions=(
            (0.0, refuse(WEBHOOK)),
            (30.0, expect_message('failed calling webhook "inject.example.com"')),
            (40.0, refuse(None)),
        ),
    ),
    Scenario("quota for long", ("Failed",), START_60, actions=((0.0, refuse(QUOTA)),)),
    Scenario(
        "quota's bookkeeping collides",
        ("Succeeded",),
        actions=((0.0, clash),),
        attempts=1,
        swift=30.0,
        errors=True,
    ),
    Scenario(
        "no right to make clusters",
        ("Succeeded",),
        actions=((0.0, rightless("DaskCluster", 40.0)),),
        attempts=1,
    ),
    Scenario(
        "patches are refused while a run is cancelled",
        ("Cancelled",),
        flows=({"seconds": 300},),
        actions=((AT, change(cancel=True)), (0.0, resist("patch", 600.0))),
        swift=40.0,
        attempts=1,
    ),
    Scenario(
        "patches and deletes are refused",
        ("Cancelled",),
        flows=({"seconds": 300},),
        actions=(
            (0.0, resist("patch,delete", 120.0)),
            (AT, change(cancel=True)),
            (AT + 5, expect_message("to delete Pod")),
            (110.0, expect_message("hands off")),
        ),
        attempts=1,
    ),
    Scenario(
        "patches and deletes are refused between suspension and resumption",
        ("Succeeded",),
        flows=LONG,
        actions=(
            (0.0, resist("patch,delete", 120.0)),
            (AT, change(suspend=True)),
            (AT + 1, change(suspend=False)),
        ),
        swift=400.0,
    ),
    Scenario(
        "a definition without fences",
        ("Succeeded",),
        actions=(
            (0.0, outdated(40.0, "attempts.clusterUid", "attempts.runner.uid")),
            (30.0, expect_message("Apply the definitions (crds/)")),
        ),
        attempts=1,
    ),
    Scenario(
        "a definition without fences, alone",
        ("Succeeded",),
        {"cluster": {"workers": {"replicas": 0}}},
        actions=(
            (0.0, outdated(40.0, "attempts.clusterUid", "attempts.runner.uid")),
            (30.0, expect_message("Apply the definitions (crds/)")),
        ),
        attempts=1,
    ),
    Scenario(
        "a definition without fences for long",
        ("Failed",),
        START_60,
        actions=((0.0, outdated(2000.0, "attempts.clusterUid")),),
        reason="DeadlineExceeded",
    ),
    Scenario(
        "a definition that knows little",
        ("Succeeded",),
        RETRY,
        flows=(FAILED, {}),
        disturbed=("Failed",),
        actions=(
            (0.0, outdated(2000.0, "progress", "cluster", "duration", "attempts.budget", "resultNote")),
        ),
    ),
    Scenario(
        "a definition without a phase",
        ("Succeeded",),
        RETRY,
        (FAILED, {}),
        ((0.0, unknown_phase("Retrying", 90.0)),),
        errors=True,
        attempts=2,
    ),
    Scenario("a webhook that adds to everything", ("Succeeded",), RETRY, (FAILED, {}), ((0.0, decorate),)),
    Scenario("deletes are refused", ("Succeeded",), actions=((0.0, resist("delete", 60.0)),)),
    Scenario("no right to make pods", ("Succeeded",), actions=((0.0, rightless("Pod", 40.0)),), attempts=1),
    Scenario(
        "no right to make Secrets", ("Succeeded",), actions=((0.0, rightless("Secret", 40.0)),), attempts=1
    ),
    Scenario("refused", ("Failed",), actions=((0.0, refuse(POLICY)),), reason="Refused"),
    Scenario("a template that may not be", ("Failed",), HOST, reason="SpecInvalid"),
    Scenario("no room", ("Succeeded",), actions=((0.0, room(False)), (40.0, room(True)))),
    Scenario("registry down", ("Succeeded",), actions=((0.0, registry("503")), (30.0, registry("")))),
    Scenario("no image", ("Failed",), actions=((0.0, registry("not found")),), reason="ImagePullFailed"),
    Scenario("name taken", ("Succeeded",), actions=((0.0, stranger("Service")),), attempts=2),
    Scenario("cluster's name taken", ("Succeeded",), actions=((0.0, stranger("DaskCluster")),), attempts=1),
    Scenario(
        "runner's name taken",
        ("Succeeded",),
        actions=((0.0, stranger("Pod", "-runner")),),
        attempts=2,
    ),
)

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        *ORDINARY,
        *WISHES,
        *DEADLINES,
        *QUIET_HOURS,
        *OBSTACLES,
        *FAULTS,
        *CONTAINERS,
        *KEPT,
        *HANDS,
        MANY,
        *CLUSTER_SCENARIOS,
        *reuse_alone.SCENARIOS,
        *SCHEDULES,
        *reuse_shared.SCENARIOS,
    )
}
