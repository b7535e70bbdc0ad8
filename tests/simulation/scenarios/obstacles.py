"""Scenarios in which a run meets refusals, missing rights, old definitions, full nodes and taken names."""

from tests.simulation.actions.api_server import (
    POLICY,
    QUOTA,
    WEBHOOK,
    clash,
    decorate,
    outdated,
    refuse,
    resist,
    rightless,
    stranger,
    unknown_phase,
)
from tests.simulation.actions.expectations import expect_message
from tests.simulation.actions.nodes import registry, room
from tests.simulation.actions.user import change
from tests.simulation.scenarios.ingredients import (
    AT,
    FAILED,
    HOST,
    LONG,
    RETRY,
    START_60,
)
from tests.simulation.scenarios.scenario import Scenario

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
