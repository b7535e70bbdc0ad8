"""Who may open connections to whom, by the cluster's NetworkPolicy as data."""

from dataclasses import replace
from typing import Any

import pytest
from daskflow.api.shared import NetworkPolicy
from daskflow.manifests.network_policy import network_policy
from daskflow.manifests.place import Place
from daskflow.manifests.pods import runner_pod, scheduler_pod, worker_pod

from tests.unit.manifests.network import Host, reaches, selects
from tests.unit.manifests.test_pods import CLUSTER, METADATA, PLACE, RUN, SETTINGS, cluster_spec, run_spec

SCHEDULER_PORT, CONTROL_PORT, READY_PORT, PREFECT_PORT, DASK_HTTP = 8786, 8788, 8789, 4200, 8787


def host(pod: dict[str, Any]) -> Host:
    """A pod of ours."""
    return Host(pod["metadata"]["namespace"], pod["metadata"]["labels"])


def policies(base: str = PLACE.base, **spec: Any) -> list[dict[str, Any]]:
    """The policy of a cluster."""
    return [network_policy(CLUSTER, NetworkPolicy.model_validate(spec), base, SETTINGS)]


SCHEDULER = host(scheduler_pod(CLUSTER, cluster_spec(), PLACE, SETTINGS, leased=True))
WORKER = host(worker_pod(CLUSTER, cluster_spec(), PLACE, "default", 0))
RUNNER = host(runner_pod(RUN, run_spec(), PLACE, 1, SETTINGS, None))
OTHER = Place("other-abcde", "10.1.2.4", tls=True)
OTHER_WORKER = host(worker_pod(CLUSTER, cluster_spec(), OTHER, "default", 0))
GUEST = host(
    runner_pod({**RUN, "metadata": {**METADATA, "name": "guest"}}, run_spec(), PLACE, 1, SETTINGS, None)
)
"""The runner of another run on the same cluster."""
OPERATOR = Host("daskflow-system", {"app.kubernetes.io/name": "daskflow"})
NEIGHBOUR = Host("daskflow-system", {"app.kubernetes.io/name": "other"})
IMPOSTOR = Host("data", {"app.kubernetes.io/name": "daskflow"})
NOTEBOOK = Host("data", {"app": "notebook"})
FAR_NOTEBOOK = Host("research", {"app": "notebook"}, {"team": "data"})
STRANGER = Host("research", dict(WORKER.labels))
"""With all the labels of a worker, in another namespace."""


@pytest.mark.parametrize(
    ("source", "target", "port", "allowed"),
    [
        (WORKER, SCHEDULER, SCHEDULER_PORT, True),
        (RUNNER, SCHEDULER, SCHEDULER_PORT, True),
        (RUNNER, SCHEDULER, CONTROL_PORT, True),
        (SCHEDULER, WORKER, 40123, True),
        (WORKER, WORKER, 40123, True),
        (RUNNER, WORKER, 40123, True),
        (WORKER, RUNNER, PREFECT_PORT, True),
        (GUEST, SCHEDULER, SCHEDULER_PORT, True),
        (WORKER, GUEST, PREFECT_PORT, True),
        (OPERATOR, SCHEDULER, CONTROL_PORT, True),
        (OPERATOR, SCHEDULER, SCHEDULER_PORT, False),
        (OPERATOR, RUNNER, PREFECT_PORT, False),
        (NEIGHBOUR, SCHEDULER, CONTROL_PORT, False),
        (IMPOSTOR, SCHEDULER, CONTROL_PORT, False),
        (NOTEBOOK, SCHEDULER, SCHEDULER_PORT, False),
        (NOTEBOOK, SCHEDULER, DASK_HTTP, False),
        (NOTEBOOK, WORKER, 40123, False),
        (NOTEBOOK, RUNNER, PREFECT_PORT, False),
        (OTHER_WORKER, SCHEDULER, SCHEDULER_PORT, False),
        (OTHER_WORKER, RUNNER, PREFECT_PORT, False),
        (STRANGER, SCHEDULER, SCHEDULER_PORT, False),
        (STRANGER, RUNNER, PREFECT_PORT, False),
        (NOTEBOOK, OTHER_WORKER, 40123, True),  # another cluster, without a policy
    ],
)
def test_by_default_the_clusters_pods_and_the_operator(
    source: Host, target: Host, port: int, allowed: bool
) -> None:
    assert reaches(policies(), source, target, port) is allowed


@pytest.mark.parametrize(
    ("peer", "near", "far"),
    [
        ({"podSelector": {"matchLabels": {"app": "notebook"}}}, True, False),
        ({"namespaceSelector": {"matchLabels": {"team": "data"}}}, False, True),
        ({"namespaceSelector": {}}, True, True),
        (
            {
                "namespaceSelector": {"matchLabels": {"team": "data"}},
                "podSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["other"]}]},
            },
            False,
            False,
        ),
    ],
)
def test_declared_clients_reach_the_scheduler_and_nothing_else(
    peer: dict[str, Any], near: bool, far: bool
) -> None:
    made = policies(clients=[peer])
    assert reaches(made, NOTEBOOK, SCHEDULER, SCHEDULER_PORT) is near
    assert reaches(made, FAR_NOTEBOOK, SCHEDULER, SCHEDULER_PORT) is far
    for port in (CONTROL_PORT, READY_PORT, DASK_HTTP, PREFECT_PORT):
        assert not reaches(made, NOTEBOOK, SCHEDULER, port)
        assert not reaches(made, FAR_NOTEBOOK, SCHEDULER, port)


def test_two_clusters_of_a_namespace_stay_apart() -> None:
    made = policies() + policies(OTHER.base)
    assert not reaches(made, OTHER_WORKER, SCHEDULER, SCHEDULER_PORT)
    assert not reaches(made, WORKER, OTHER_WORKER, 40123)
    assert reaches(made, WORKER, SCHEDULER, SCHEDULER_PORT)


def test_a_cluster_that_a_flow_made_is_reached_by_its_run_and_by_no_other() -> None:
    labels = {"daskflow.dev/run": "etl", "daskflow.dev/attempt": "1"}
    cluster = {**CLUSTER, "metadata": {**METADATA, "labels": labels}}
    made = [network_policy(cluster, NetworkPolicy(), OTHER.base, SETTINGS)]
    scheduler = host(scheduler_pod(cluster, cluster_spec(), OTHER, SETTINGS, leased=False))
    assert reaches(made, RUNNER, scheduler, SCHEDULER_PORT)
    assert not reaches(made, RUNNER, scheduler, CONTROL_PORT)
    assert not reaches(made, GUEST, scheduler, SCHEDULER_PORT)
    later = host(runner_pod(RUN, run_spec(), replace(PLACE, base="etl-abcde-2"), 2, SETTINGS, None))
    assert not reaches(made, later, scheduler, SCHEDULER_PORT)


def test_the_operators_own_installation_decides_who_the_operator_is() -> None:
    labels = {"app.kubernetes.io/name": "daskflow", "app.kubernetes.io/instance": "second"}
    settings = replace(SETTINGS, operator_namespace="ops", operator_labels=labels)
    made = [network_policy(CLUSTER, NetworkPolicy(), PLACE.base, settings)]
    assert reaches(made, Host("ops", labels), SCHEDULER, CONTROL_PORT)
    assert not reaches(made, OPERATOR, SCHEDULER, CONTROL_PORT)
    assert not reaches(made, Host("ops", {**labels, "app.kubernetes.io/instance": "x"}), SCHEDULER, 8788)


def test_the_policy_goes_with_its_cluster() -> None:
    (made,) = policies()
    assert made["metadata"]["name"] == PLACE.base
    assert made["metadata"]["ownerReferences"][0]["uid"] == METADATA["uid"]
    assert "Egress" not in made["spec"]["policyTypes"]


def test_selectors_as_kubernetes_reads_them() -> None:
    labels = {"a": "1"}
    assert selects({}, labels)
    assert selects({"matchExpressions": [{"key": "b", "operator": "DoesNotExist"}]}, labels)
    assert selects({"matchExpressions": [{"key": "b", "operator": "NotIn", "values": ["1"]}]}, labels)
    assert not selects({"matchExpressions": [{"key": "b", "operator": "Exists"}]}, labels)
