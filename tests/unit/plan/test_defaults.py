"""What a spec leaves open is given by its namespace, else by the operator, and stays what it was."""

import json
from dataclasses import replace
from typing import Any

import pytest
from daskflow.api.daskcluster import status_of as cluster_status_of
from daskflow.api.defaults import AppliedDefaults
from daskflow.api.flowrun_status import status_of
from daskflow.plan.defaults import Given, effective, for_cluster, for_run, left_open, over
from daskflow.plan.model import Plan

from tests.unit.plan import stage as run_stage
from tests.unit.plan.cluster import stage as cluster_stage
from tests.unit.plan.default_maps import config_map

OPERATOR = {
    "imagePullSecrets": [{"name": "mirror"}],
    "template": {"metadata": {"labels": {"cost": "shared"}}, "spec": {"nodeSelector": {"pool": "flows"}}},
    "deadlines": {"active": "1d"},
    "cluster": {
        "workers": {"resources": {"requests": {"cpu": "1"}, "limits": {"memory": "4Gi"}}},
        "config": {"distributed": {"comm": {"timeouts": {"connect": "60s"}}}},
        "idleTimeout": "1h",
        "noClientTimeout": "10m",
    },
}


@pytest.mark.parametrize(
    ("below", "above", "path", "both"),
    [
        ({"a": {"x": 1, "y": 2}}, {"a": {"y": 3}}, "", {"a": {"x": 1, "y": 3}}),
        ({"a": [1, 2]}, {"a": [3]}, "", {"a": [3]}),
        ({"image": "a"}, {"image": None}, "", {"image": "a"}),
        # Of Dask's configuration a null is a value.
        ({"config": {"ttl": 1}}, {"config": {"ttl": None}}, "", {"config": {"ttl": None}}),
        ({"config": {"resources": {"a": 1}}}, {"config": {"resources": {"b": 2}}}, "",
         {"config": {"resources": {"a": 1, "b": 2}}}),
        # Variables are replaced whole: one with value and valueFrom would be refused.
        ([{"name": "A", "value": "1"}, {"name": "B", "value": "1"}], [{"name": "A", "valueFrom": {}}], ".env",
         [{"name": "B", "value": "1"}, {"name": "A", "valueFrom": {}}]),
        ([{"name": "mirror"}], [{"name": "own"}], ".imagePullSecrets", [{"name": "mirror"}, {"name": "own"}]),
        # A request below and a limit above need not fit each other.
        ({"requests": {"memory": "8Gi", "cpu": "1"}}, {"limits": {"memory": "2Gi"}}, ".resources",
         {"requests": {"cpu": "1"}, "limits": {"memory": "2Gi"}}),
        ({"requests": {"memory": "8Gi"}}, {"limits": {"memory": "2Gi"}}, ".resources",
         {"limits": {"memory": "2Gi"}}),
        # A null in a template takes away what is ours, too.
        ({"spec": {"nodeSelector": {"a": "b"}}}, {"spec": {"nodeSelector": None, "securityContext": None}},
         ".template", {"spec": {"nodeSelector": None, "securityContext": None}}),
        ({"spec": {"containers": [{"name": "worker", "tty": True}]}},
         {"spec": {"containers": [{"name": "worker", "stdin": True}]}},
         ".template", {"spec": {"containers": [{"name": "worker", "tty": True, "stdin": True}]}}),
        # Each group of workers has them.
        ({"workers": {"drainTimeout": "5s"}}, {"workerGroups": [{"name": "gpu"}]}, "",
         {"workers": {"drainTimeout": "5s"}, "workerGroups": [{"drainTimeout": "5s", "name": "gpu"}]}),
    ],
)  # fmt: skip
def test_what_is_above_counts(below: Any, above: Any, path: str, both: Any) -> None:
    before = json.dumps([below, above])
    assert over(below, above, path) == both
    assert json.dumps([below, above]) == before


def run(spec: dict[str, Any] | None = None, namespace: str = "", status: Any = None) -> Given:
    resource = run_stage.run(spec, status)
    return for_run(
        resource, resource["spec"].get("template") or {}, status_of(resource), config_map(namespace), OPERATOR
    )


def test_a_run_has_its_own_then_the_namespaces_then_the_operators() -> None:
    namespace = "{deadlines: {active: 2d, start: 1h}, template: {metadata: {labels: {cost: team}}}}"
    given = run({"deadlines": {"start": "5m"}}, namespace)
    assert given.spec["deadlines"] == {"active": "2d", "start": "5m"}
    assert given.spec["template"]["metadata"]["labels"] == {"cost": "team"}
    assert given.spec["template"]["spec"] == {"nodeSelector": {"pool": "flows"}}
    assert given.applied is not None
    assert given.applied.sources == ("namespace", "operator")
    assert given.applied.spec["deadlines"] == {"active": "2d"}
    assert "idleTimeout" not in given.applied.spec["cluster"]
    assert given.spec["image"] == "flows:1"


def test_what_a_run_says_itself_is_not_called_a_default() -> None:
    spec: dict[str, Any] = {
        **OPERATOR,
        "cluster": {name: OPERATOR["cluster"][name] for name in ("workers", "config")},
    }
    assert run(spec).applied is None
    for own in ("1h", "3650d"):
        assert run({"deadlines": {"active": own}}).spec["deadlines"] == {"active": own}


@pytest.mark.parametrize("other", [{"clusterRef": {"name": "x"}}, {"schedulerAddress": "tcp://x:1"}])
def test_a_run_on_a_cluster_of_others_gets_none_of_its_own(other: dict[str, Any]) -> None:
    assert "cluster" not in run(other).spec


def test_what_a_run_was_given_stays() -> None:
    first = run(namespace="{deadlines: {active: 2d}}")
    assert first.applied is not None
    status = {"attempt": 1, "attempts": [{"number": 1, "startTime": "2026-03-01T12:00:00Z"}]}
    later = run(namespace="deadlines: {active: 3d}", status={**status, "defaults": first.applied.dump()})
    assert later == first
    assert (
        run(namespace="deadlines: {active: 3d}", status=status).applied is None
    )  # begun before there were any


def test_a_cluster_has_the_part_that_is_about_clusters() -> None:
    resource = {"metadata": {"name": "lab"}, "spec": {"image": "flows:1", "noClientTimeout": "1m"}}
    given = for_cluster(resource, {}, cluster_status_of({}), None, OPERATOR)
    assert given.spec["idleTimeout"] == "1h"
    assert given.spec["noClientTimeout"] == "1m"
    assert given.spec["workers"]["resources"]["limits"] == {"memory": "4Gi"}
    assert "deadlines" not in given.spec
    owned = {**resource, "metadata": {"name": "lab", "ownerReferences": [cluster_stage.OWNER]}}
    assert for_cluster(owned, {}, cluster_status_of({}), None, OPERATOR).applied is None


@pytest.mark.parametrize("status", [{"address": "tls://10.1.2.3:8786"}, {"phase": "Failed"}])
def test_a_cluster_that_has_begun_gets_no_more(status: dict[str, Any]) -> None:
    resource = {"metadata": {"name": "lab"}, "spec": {"image": "flows:1"}}
    assert for_cluster(resource, {}, cluster_status_of({"status": status}), None, OPERATOR).applied is None


@pytest.mark.parametrize("annotation", ["", "false"])
def test_a_config_map_that_is_not_annotated_gives_nothing(annotation: str) -> None:
    resource = run_stage.run()
    found = config_map("deadlines: {strat: 1h}", annotation)
    assert for_run(resource, {}, status_of(resource), found, {}) == Given(resource["spec"])


def test_what_is_left_open_gives_the_same_spec_as_all() -> None:
    spec = {
        "workers": {"resources": {"limits": {"memory": "1Gi"}}},
        "workerGroups": [{"name": "gpu", "resources": {"requests": {"cpu": "4"}}}],
        "template": {"metadata": {"labels": {"cost": "mine"}}},
        "config": {"distributed": None},
    }
    given = {**OPERATOR["cluster"], "template": OPERATOR["template"]}
    assert over(left_open(given, spec), spec) == over(given, spec)
    assert effective(spec, None) == spec


@pytest.mark.parametrize("lie", [{"env": "x"}, {"env": [1]}, {"workers": {"resources": {"limits": 1}}}])
def test_a_record_that_was_edited_gives_nothing(lie: dict[str, Any]) -> None:
    spec = {"env": [{"name": "A"}], "workers": {"resources": {"requests": {"cpu": 1}}}}
    assert effective(spec, AppliedDefaults(spec=lie)) == spec


BROKEN = config_map("deadlines: {strat: 1h}")


def cluster_plan(status: Any = None, namespace: Any = None) -> Plan:
    stage = cluster_stage.Stage(status=status or {}, service=None, created=frozenset())
    return replace(stage, defaults=namespace).plan()


def test_a_cluster_records_its_defaults_before_anything_is_made() -> None:
    waits = cluster_plan(namespace=BROKEN)
    assert waits.status is not None
    assert (waits.status["phase"], waits.status["reason"], waits.creates) == (
        "Pending",
        "DefaultsInvalid",
        (),
    )
    plan = cluster_plan(waits.status, config_map("cluster: {workers: {drainTimeout: 7s}}"))
    assert plan.status is not None
    assert plan.status["defaults"]["spec"] == {"workers": {"drainTimeout": "7s"}}
    assert plan.creates
    again = cluster_plan(plan.status, config_map("cluster: {workers: {drainTimeout: 9s}}"))
    assert again.status is None
