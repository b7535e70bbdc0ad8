"""The pods of a run: restricted, bare, and what a user's template may add."""

import json
from dataclasses import replace
from typing import Any

import pytest
from daskflow.api.daskcluster import DaskClusterSpec
from daskflow.api.flowrun import FlowRunSpec
from daskflow.api.names import ANNOTATION_OWNER
from daskflow.manifests.cluster import dask_cluster, secret, service
from daskflow.manifests.common_pod import literal
from daskflow.manifests.place import Place
from daskflow.manifests.pods import runner_pod, scheduler_pod, worker_pod
from daskflow.manifests.settings import Settings

SETTINGS = Settings(root_key=b"k" * 32, runtime=b"zip")
PLACE = Place("etl-abcde-1", "10.1.2.3", tls=True)
METADATA = {"name": "etl", "namespace": "data", "uid": "u", "creationTimestamp": "2026-03-01T12:00:00Z"}
RUN = {"kind": "FlowRun", "metadata": METADATA}
CLUSTER = {"kind": "DaskCluster", "metadata": METADATA}


def run_spec(**fields: Any) -> FlowRunSpec:
    """A spec of one line."""
    return FlowRunSpec.model_validate({"image": "flows:1", "flow": {"script": "result = 1"}, **fields})


def cluster_spec(**fields: Any) -> DaskClusterSpec:
    """A spec with nothing but an image."""
    return DaskClusterSpec.model_validate({"image": "flows:1", **fields})


def environment(pod: dict[str, Any]) -> dict[str, Any]:
    """The container's environment by name."""
    return {entry["name"]: entry.get("value") for entry in pod["spec"]["containers"][0]["env"]}


PODS = [
    runner_pod(RUN, run_spec(), PLACE, 1, SETTINGS, None),
    scheduler_pod(CLUSTER, cluster_spec(), PLACE, SETTINGS, leased=True),
    worker_pod(CLUSTER, cluster_spec(), PLACE, "default", 0),
]


@pytest.mark.parametrize("pod", PODS, ids=lambda pod: pod["spec"]["containers"][0]["name"])
def test_restricted_and_bare(pod: dict[str, Any]) -> None:
    spec, container = pod["spec"], pod["spec"]["containers"][0]
    assert spec["restartPolicy"] == "Never"
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["command"][:2] == ["python3", "/daskflow/runtime.pyz"]
    assert pod["metadata"]["ownerReferences"][0]["controller"] is True


def test_memory_limit_and_threads_follow_from_the_resources() -> None:
    workers = {"resources": {"requests": {"cpu": "1500m", "memory": "1Gi"}, "limits": {"memory": "2Gi"}}}
    env = environment(worker_pod(CLUSTER, cluster_spec(workers=workers), PLACE, "default", 0))
    assert (env["DASKFLOW_THREADS"], env["DASKFLOW_MEMORY_LIMIT"]) == ("2", str(2 * 2**30))


def test_a_flows_own_cluster_is_like_the_runs_but_for_the_number_of_workers() -> None:
    template = {"spec": {"nodeSelector": {"disk": "fast"}}}
    workers = {"replicas": 0, "required": 1, "threads": 2, "template": template}
    run = run_spec(cluster={"workers": workers, "idleTimeout": "5m"}, priorityClassName="low")
    own = json.loads(environment(runner_pod(RUN, run, PLACE, 1, SETTINGS, None))["DASKFLOW_CLUSTER"])
    assert own["workers"] == {"threads": 2, "template": template}
    assert (own["image"], own["idleTimeout"], own["priorityClassName"]) == ("flows:1", "5m", "low")


def test_a_standalone_scheduler_is_told_when_to_end_and_when_the_cluster_is_ready() -> None:
    groups = [{"name": "gpu", "autoscale": {"minimum": 1, "maximum": 9}}]
    spec = cluster_spec(
        workers={"replicas": 4, "required": 3}, workerGroups=groups, idleTimeout="1h", noClientTimeout="10m"
    )
    names = ("DASKFLOW_IDLE_SECONDS", "DASKFLOW_NO_CLIENT_SECONDS", "DASKFLOW_READY_WORKERS")
    env = environment(scheduler_pod(CLUSTER, spec, PLACE, SETTINGS, leased=False))
    assert [env.get(name) for name in names] == ["3600", "600", "4"]
    owned = environment(scheduler_pod(CLUSTER, spec, PLACE, SETTINGS, leased=True))
    assert not owned.keys() & set(names)


def test_what_is_ours_in_the_environment_stays_ours() -> None:
    theirs = [{"name": "DASK_SCHEDULER_ADDRESS", "value": "x"}, {"name": "DASKFLOW_RUN", "value": "x"}]
    env = environment(
        runner_pod(RUN, run_spec(env=[*theirs, {"name": "A", "value": "1"}]), PLACE, 1, SETTINGS, None)
    )
    assert env["DASK_SCHEDULER_ADDRESS"] == PLACE.address
    assert env["DASKFLOW_RUN"] == "etl"
    assert env["A"] == "1"


def test_the_flow_reaches_the_runner_unexpanded() -> None:
    spec = run_spec(flow={"script": "print('$(HOME) $$')"})
    value = environment(runner_pod(RUN, spec, PLACE, 1, SETTINGS, None))["DASKFLOW_FLOW"]
    assert json.loads(value.replace("$$", "$")) == {"script": "print('$(HOME) $$')", "parameters": {}}
    assert literal("$(A)") == "$$(A)"


def test_templates_merge_in_order_and_labels_of_ours_win() -> None:
    spec = cluster_spec(
        template={
            "metadata": {"labels": {"team": "data", "daskflow.dev/component": "x"}},
            "spec": {"nodeSelector": {"a": "b"}},
        },
        workers={
            "template": {"spec": {"containers": [{"name": "worker", "env": [{"name": "B", "value": "2"}]}]}}
        },
    )
    pod = worker_pod(CLUSTER, spec, PLACE, "default", 0)
    assert pod["metadata"]["labels"]["team"] == "data"
    assert pod["metadata"]["labels"]["daskflow.dev/component"] == "worker"
    assert pod["spec"]["nodeSelector"] == {"a": "b"}
    assert environment(pod)["B"] == "2"


def test_the_secret_is_the_same_each_time_it_is_made() -> None:
    assert secret(CLUSTER, cluster_spec(), "b", "b-x", SETTINGS) == secret(
        CLUSTER, cluster_spec(), "b", "b-x", SETTINGS
    )
    plain = secret(CLUSTER, cluster_spec(security={"tls": {"mode": "Disabled"}}), "b", "b-x", SETTINGS)
    assert set(plain["stringData"]) == {"dask.yaml", "token"}


def test_certificates_that_the_user_brings_are_for_dask_and_ours_for_the_control_listener() -> None:
    spec = cluster_spec(security={"tls": {"mode": "Secret", "secretName": "mine"}})
    made = secret(CLUSTER, spec, "b", "b-x", SETTINGS)
    control = {"control-ca.crt", "control-tls.crt", "control-tls.key"}
    assert set(made["stringData"]) == {"dask.yaml", "token"} | control
    assert "/daskflow/tls.key" in made["stringData"]["dask.yaml"]
    pod = scheduler_pod(CLUSTER, spec, replace(PLACE, certificates="mine"), SETTINGS, leased=False)
    base, theirs = next(volume for volume in pod["spec"]["volumes"] if volume["name"] == "daskflow")[
        "projected"
    ]["sources"]
    assert base == {"secret": {"name": PLACE.base}}
    assert theirs["secret"]["name"] == "mine"
    assert [item["path"] for item in theirs["secret"]["items"]] == ["ca.crt", "tls.crt", "tls.key"]


def test_a_flow_that_makes_a_cluster_of_its_own_is_told_where_the_certificates_are() -> None:
    brought = environment(runner_pod(RUN, run_spec(), replace(PLACE, certificates="mine"), 1, SETTINGS, None))
    own = environment(runner_pod(RUN, run_spec(), PLACE, 1, SETTINGS, None))
    assert brought["DASKFLOW_CERTIFICATES"] == "mine"
    assert own["DASKFLOW_SECRET"] == PLACE.base
    assert "DASKFLOW_CERTIFICATES" not in own


def test_the_pods_user_is_given_or_left_to_image_and_platform() -> None:
    def context(**security: Any) -> dict[str, Any]:
        pod = worker_pod(CLUSTER, cluster_spec(security=security), PLACE, "default", 0)
        found: dict[str, Any] = pod["spec"]["securityContext"]
        return {name: value for name, value in found.items() if name != "seccompProfile"}

    given = {"runAsUser": 7, "runAsGroup": 7, "fsGroup": 7}
    assert context(runAsUser=7) == {"runAsNonRoot": True, **given}
    assert context()["runAsUser"] == 1000
    assert context(runAsUser="Image") == {"runAsNonRoot": True}


def test_the_runs_cluster_has_the_runs_shared_fields_and_no_defaults() -> None:
    spec = run_spec(
        flow={"entrypoint": "flows/etl.py:flow"},
        env=[{"name": "A", "value": "1"}],
        cluster={"workers": {"replicas": 3}},
    )
    made = dask_cluster(RUN, spec, 2)
    assert made["metadata"]["labels"]["daskflow.dev/attempt"] == "2"
    assert made["spec"] == {
        "image": "flows:1",
        "env": [
            {"name": "A", "value": "1"},
            {"name": "DASKFLOW_LEASE_FIRST_SECONDS", "value": "960"},
            {"name": "DASKFLOW_ENTRYPOINT", "value": "flows/etl.py:flow"},
        ],
        "workers": {"replicas": 3},
    }


@pytest.mark.parametrize(("tls", "protocol"), [(True, "tls"), (False, "tcp")])
def test_ports_tell_meshes_their_protocol(tls: bool, protocol: str) -> None:
    ports = service(CLUSTER, "etl-abcde-1", tls=tls)["spec"]["ports"]
    assert [(port["name"], port["appProtocol"]) for port in ports] == [
        ("scheduler", protocol),
        ("control", protocol),
    ]


def test_autoscalers_leave_scheduler_and_runner_alone_and_may_take_workers() -> None:
    given = (pod["metadata"]["annotations"] for pod in PODS)
    runner, scheduler, worker = (
        {name: value for name, value in each.items() if name != ANNOTATION_OWNER} for each in given
    )
    assert runner == scheduler
    assert runner["karpenter.sh/do-not-disrupt"] == "true"
    assert runner["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "false"
    assert worker == {}
