"""Scenarios of people who edit children and statuses by hand."""

from dataclasses import replace

from daskflow.api.names import (
    DASK_CLUSTER,
    FLOW_RUN,
    LABEL_CLUSTER,
    LABEL_COMPONENT,
    RUNNER,
    SCHEDULER,
    WORKER,
)

from tests.simulation.actions import Action
from tests.simulation.actions.expectations import expect_workers
from tests.simulation.actions.hands import edited, of_clusters, removed, secret_gone, status, wiped
from tests.simulation.actions.nodes import each
from tests.simulation.actions.operator import absent
from tests.simulation.scenarios.alone import ALONE
from tests.simulation.scenarios.ingredients import AT, LONG, LONGER
from tests.simulation.scenarios.scenario import Scenario
from tests.simulation.scenarios.shared import HERE, ON_IT

ON = "run on another's cluster"
STOLEN = [{"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "x", "controller": True}]

EDITS: tuple[tuple[str, Action], ...] = (
    ("its Service is deleted", removed("Service")),
    ("its NetworkPolicy is deleted", removed("NetworkPolicy")),
    ("its Service has another selector", edited("Service", spec={"selector": {"app": "x"}})),
    ("its Service has other ports", edited("Service", spec={"ports": [{"name": "x", "port": 1}]})),
    ("its Service loses its labels", edited("Service", metadata={"labels": {}})),
    ("its Service loses its owner", edited("Service", metadata={"ownerReferences": []})),
    ("its NetworkPolicy lets all in", edited("NetworkPolicy", spec={"ingress": [{}]})),
    ("its NetworkPolicy loses its labels", edited("NetworkPolicy", metadata={"labels": {}})),
    ("its scheduler loses its labels", edited("Pod", SCHEDULER, metadata={"labels": {}})),
    ("its scheduler loses its owner", edited("Pod", SCHEDULER, metadata={"ownerReferences": []})),
    ("its scheduler is stolen", edited("Pod", SCHEDULER, metadata={"ownerReferences": STOLEN})),
    ("its workers lose their labels", edited("Pod", WORKER, metadata={"labels": {}})),
    ("its workers lose their owner", edited("Pod", WORKER, metadata={"ownerReferences": []})),
    (
        "its workers are called schedulers",
        edited("Pod", WORKER, metadata={"labels": {LABEL_CLUSTER: "x", LABEL_COMPONENT: SCHEDULER}}),
    ),
)

OF_RUNS: tuple[tuple[str, Action], ...] = (
    ("its runner loses its labels", edited("Pod", RUNNER, metadata={"labels": {}})),
    ("its runner loses its owner", edited("Pod", RUNNER, metadata={"ownerReferences": []})),
    ("its cluster loses its labels", edited(DASK_CLUSTER, metadata={"labels": {}})),
    ("its cluster loses its owner", edited(DASK_CLUSTER, metadata={"ownerReferences": []})),
)

LIE = {"phase": "Failed", "message": "hacked", "address": "tcp://1.2.3.4:1"}

STRANGER = {"scheduler": {"pod": "another", "uid": "another"}}

BACK = status(phase="Running", completionTime=None, conditions=None)

FORGOTTEN = status(phase=None, attempts=None, attempt=None, completionTime=None, conditions=None)

LOST = ("Failed",)

STATUSES = (
    Scenario(
        "status set back after the end", ("Succeeded",), actions=((40.0, BACK),), attempts=1, disturbed=LOST
    ),
    Scenario(
        "status wiped after the end", ("Succeeded",), actions=((40.0, wiped),), attempts=1, disturbed=LOST
    ),
    Scenario(
        "attempts forgotten after the end",
        ("Succeeded",),
        actions=((40.0, FORGOTTEN),),
        attempts=1,
        disturbed=LOST,
    ),
    Scenario(
        "status wiped while it runs",
        ("Succeeded",),
        flows=LONG,
        actions=((AT, wiped),),
        attempts=1,
        disturbed=LOST,
    ),
    Scenario(
        "attempts forgotten while it runs",
        ("Succeeded",),
        flows=LONG,
        actions=((AT, FORGOTTEN),),
        attempts=1,
        disturbed=LOST,
    ),
    Scenario(
        "status set back while no operator looks",
        ("Succeeded",),
        actions=((40.0, absent(10.0)), (42.0, BACK)),
        edited=True,
    ),
    Scenario(
        "status wiped while no operator looks",
        ("Failed",),
        actions=((40.0, absent(10.0)), (42.0, wiped)),
        reason="StatusInvalid",
        edited=True,
    ),
    Scenario(
        "cluster, status wiped",
        ("Ready",),
        kind=DASK_CLUSTER,
        workers=2,
        actions=((20.0, wiped),),
    ),
    Scenario(
        "status says that it succeeded while it runs",
        ("Succeeded",),
        flows=LONG,
        actions=((AT, status(phase="Succeeded", message="hacked")),),
        attempts=1,
    ),
    *(
        Scenario(
            f"cluster, {what} by hand",
            ("Ready",),
            kind=DASK_CLUSTER,
            workers=2,
            actions=((20.0, of_clusters(**lie)),),
        )
        for what, lie in (("failed", LIE), ("suspended", {"phase": "Suspended"}), ("another's", STRANGER))
    ),
    *(
        Scenario(
            f"run, its cluster {what} by hand",
            ("Succeeded",),
            flows=LONG,
            actions=((AT, of_clusters(**lie)),),
            attempts=1,
        )
        for what, lie in (("failed", LIE), ("another's", STRANGER))
    ),
    Scenario(
        "cluster, failed by hand while no operator looks",
        ("Failed",),
        kind=DASK_CLUSTER,
        actions=((20.0, absent(10.0)), (22.0, status(phase="Failed", message="hacked"))),
        reason="StatusInvalid",
        edited=True,
    ),
)

CHILDREN = (
    *(
        Scenario(
            f"run, {what}",
            ("Succeeded",),
            flows=LONG,
            actions=((AT, act),),
            attempts=1,
        )
        for what, act in (*EDITS, *OF_RUNS)
    ),
    *(
        Scenario(
            f"cluster, {what}",
            ("Ready",),
            {"workers": {"replicas": 2}},
            kind=DASK_CLUSTER,
            workers=2,
            most_workers=2,
            actions=((20.0, act),),
        )
        for what, act in EDITS
    ),
    *(
        Scenario(
            f"{what}, its Secret is deleted while pods wait for it",
            phases,
            spec,
            kind=kind,
            actions=(*((HERE,) if what == ON else ()), *((number / 5, secret_gone) for number in range(15))),
            attempts=attempts,
            workers=workers,
        )
        for what, phases, spec, kind, attempts, workers in (
            ("run", ("Succeeded",), {}, FLOW_RUN, 1, 0),
            ("run alone", ("Succeeded",), ALONE, FLOW_RUN, 1, 0),
            (ON, ("Succeeded",), ON_IT, FLOW_RUN, 1, 2),
            ("cluster", ("Ready",), {"workers": {"replicas": 2}}, DASK_CLUSTER, 0, 2),
        )
    ),
    Scenario(
        "run, its Secret is deleted before a worker dies",
        ("Succeeded",),
        flows=LONGER,
        actions=((AT, secret_gone), (AT + 1, each(WORKER, "kill")), (AT + 20, expect_workers(2))),
        attempts=1,
    ),
)

HANDS = tuple(replace(scenario, calm=True) for scenario in (*STATUSES, *CHILDREN))
