"""Scenarios in which pods, nodes and clusters fail while a flow runs."""

from daskflow.api.names import RUNNER, SCHEDULER, WORKER

from tests.simulation.actions.nodes import each, lose_after_word
from tests.simulation.actions.operator import lands_late
from tests.simulation.actions.user import change, delete_cluster
from tests.simulation.scenarios.ingredients import (
    AT,
    FAILED,
    LATE,
    LIMITED,
    LONG,
    LONGER,
    RETRY,
    START_60,
    TOLERANT,
)
from tests.simulation.scenarios.scenario import Scenario

FAULTS = (
    Scenario("a second attempt of a minute", ("Succeeded",), RETRY, (FAILED, {"seconds": 60})),
    *(
        Scenario(
            f"{component or kind} of attempt 1 lands in attempt 2",
            ("Succeeded",),
            RETRY,
            (FAILED, {"seconds": 60}),
            ((0.0, lands_late(kind, 50.0, component)),),
            attempts=2,
            errors=True,
        )
        for kind, component in (("DaskCluster", ""), ("Service", ""), ("Pod", RUNNER), ("Pod", SCHEDULER))
    ),
    Scenario("a flow of a minute", ("Succeeded", "Failed"), START_60, ({"seconds": 60},)),
    Scenario("flow makes a cluster", ("Succeeded",), flows=({"seconds": 12, "makes": True},)),
    Scenario(
        "runner killed with a cluster of the flow's",
        ("Succeeded",),
        RETRY,
        ({"seconds": 30, "makes": True},),
        ((AT, each(RUNNER, "kill")),),
    ),
    Scenario(
        "scheduler dies with a cluster of the flow's",
        ("Failed",),
        flows=({"seconds": 60, "makes": True},),
        actions=((AT, each(SCHEDULER, "kill")),),
    ),
    Scenario("scheduler dies", ("Failed",), flows=LONGER, actions=((AT, each(SCHEDULER, "kill")),)),
    Scenario(
        "scheduler dies, retry", ("Succeeded",), RETRY, LONGER, ((AT, each(SCHEDULER, "kill")),), core=True
    ),
    Scenario("scheduler deleted", ("Failed",), flows=LONGER, actions=((AT, each(SCHEDULER, "delete")),)),
    Scenario("cluster deleted", ("Failed",), flows=LONGER, actions=((AT, delete_cluster),)),
    Scenario("cluster deleted, retry", ("Succeeded",), RETRY, LONGER, ((AT, delete_cluster),), garbage=LATE),
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
    Scenario("runner's node lost", ("Succeeded",), RETRY, LONG, ((AT, each(RUNNER, "lose")),)),
    Scenario("runner's node lost with its word", ("Succeeded",), actions=((0.0, lose_after_word),)),
    Scenario(
        "runner cut off briefly", ("Succeeded",), RETRY, LONG, ((AT, each(RUNNER, "cut for a moment")),)
    ),
    Scenario("runner cut off", ("Succeeded",), RETRY, LONGER, ((AT, each(RUNNER, "cut for a while")),)),
    Scenario(
        "runner cut off for long",
        ("Succeeded",),
        RETRY,
        LONG,
        ((AT, each(RUNNER, "cut for long")),),
        swift=600.0,
    ),
    Scenario(
        "runner cut off for ever",
        ("Succeeded",),
        RETRY,
        LONGER,
        ((AT, each(RUNNER, "cut for ever")),),
        swift=600.0,
    ),
    Scenario(
        "cancelled on a node that is dead and tolerated",
        ("Cancelled",),
        TOLERANT,
        ({"seconds": 300},),
        ((AT, each(RUNNER, "cut off")), (40.0, change(cancel=True))),
        swift=260.0,
        aftermath=1000.0,
    ),
    Scenario(
        "deadline on a node that is dead and tolerated",
        ("Failed",),
        {**TOLERANT, "deadlines": {"active": "40s"}},
        ({"seconds": 300},),
        ((AT, each(RUNNER, "cut off")),),
        reason="DeadlineExceeded",
        swift=260.0,
        aftermath=1000.0,
    ),
    Scenario(
        "cancelled while the scheduler's node is dead and tolerated",
        ("Cancelled", "Failed"),
        TOLERANT,
        ({"seconds": 300},),
        ((AT, each(SCHEDULER, "cut off")), (20.0, change(cancel=True))),
        aftermath=1000.0,
    ),
    Scenario(
        "scheduler cut off",
        ("Succeeded",),
        RETRY,
        LONGER,
        ((AT, each(SCHEDULER, "cut for long")),),
        swift=600.0,
    ),
    Scenario("worker out of memory", ("Succeeded",), {}, LONG, ((AT, each(WORKER, "out of memory")),)),
    Scenario("worker deleted", ("Succeeded",), {}, LONG, ((AT, each(WORKER, "delete")),)),
    Scenario("worker's node lost", ("Succeeded",), {}, LONG, ((AT, each(WORKER, "lose")),)),
    Scenario("worker cut off", ("Succeeded",), {}, LONG, ((AT, each(WORKER, "cut for a while")),)),
)
