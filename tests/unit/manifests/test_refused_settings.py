"""What users may pass through to their pods, and what is refused."""

from typing import Any

import pytest
from daskflow.api.daskcluster import DaskClusterSpec
from daskflow.api.flowrun import FlowRunSpec
from daskflow.manifests.pods import runner_pod, scheduler_pod, worker_pod
from daskflow.manifests.refused_settings import cluster_fault, run_fault
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.manifests.test_pods import CLUSTER, PLACE, RUN
from tests.unit.plan.stage import SETTINGS, Stage, run


def runner(**container: Any) -> dict[str, Any]:
    """A template for the runner's container."""
    return {"runner": {"template": {"spec": {"containers": [{"name": "runner", **container}]}}}}


def context(**fields: Any) -> dict[str, Any]:
    """A template for the runner's container with this securityContext."""
    return runner(securityContext=fields)


def workers(**spec: Any) -> dict[str, Any]:
    """A template for the workers' pods."""
    return {"cluster": {"workers": {"template": {"spec": spec}}}}


RUNNER = "spec.runner.template.spec.containers[0]"

WORKERS = "spec.cluster.workers.template.spec"

REFUSED = [
    ({"template": {"metadata": {"labels": {"daskflow.dev/run": "x"}}}}, "spec.template.metadata.labels has"),
    ({"template": {"spec": {"hostPID": True}}}, "spec.template.spec.hostPID is true"),
    (workers(hostNetwork=True), f"{WORKERS}.hostNetwork is true"),
    (workers(hostIPC=True), f"{WORKERS}.hostIPC is true"),
    (workers(restartPolicy="Always"), f'{WORKERS}.restartPolicy is "Always"'),
    (workers(activeDeadlineSeconds=5), f"{WORKERS}.activeDeadlineSeconds is 5"),
    (workers(terminationGracePeriodSeconds=0), f"{WORKERS}.terminationGracePeriodSeconds is 0"),
    (workers(securityContext=None), f"{WORKERS}.securityContext is null"),
    (workers(securityContext="x"), f'{WORKERS}.securityContext is "x"'),
    (workers(securityContext={"runAsNonRoot": False}), f"{WORKERS}.securityContext.runAsNonRoot is false"),
    (workers(securityContext={"runAsUser": 0}), f"{WORKERS}.securityContext.runAsUser is 0"),
    (workers(securityContext={"seccompProfile": None}), f"{WORKERS}.securityContext.seccompProfile is null"),
    (
        workers(securityContext={"seccompProfile": {"type": "Unconfined"}}),
        f'{WORKERS}.securityContext.seccompProfile.type is "Unconfined"',
    ),
    (workers(containers=None), f"{WORKERS}.containers is null"),
    (workers(containers=["worker"]), f'{WORKERS}.containers[0] is "worker"'),
    (workers(containers=[{"name": "runner"}]), f'{WORKERS}.containers[0].name is "runner"'),
    (workers(volumes={"a": 1}), f"{WORKERS}.volumes is"),
    (workers(volumes=[{"name": "daskflow", "emptyDir": {}}]), f'{WORKERS}.volumes[0].name is "daskflow"'),
    (workers(volumes=[{"name": "scratch", "hostPath": {}}]), f'{WORKERS}.volumes[0].name is "scratch"'),
    (runner(command=["sh"]), f'{RUNNER}.command is ["sh"]'),
    (runner(args=["x"]), f"{RUNNER}.args is"),
    (runner(startupProbe=None), f"{RUNNER}.startupProbe is null"),
    (runner(terminationMessagePolicy="File"), f"{RUNNER}.terminationMessagePolicy is"),
    (runner(restartPolicy="Always"), f"{RUNNER}.restartPolicy is"),
    (context(privileged=True), f"{RUNNER}.securityContext.privileged is true"),
    (context(allowPrivilegeEscalation=True), f"{RUNNER}.securityContext.allowPrivilegeEscalation is true"),
    (context(capabilities={"add": ["SYS_PTRACE"]}), f"{RUNNER}.securityContext.capabilities.add is"),
    (context(capabilities={"drop": ["KILL"]}), f"{RUNNER}.securityContext.capabilities.drop is"),
    (context(capabilities={"drop": 5}), f"{RUNNER}.securityContext.capabilities.drop is 5"),
    (context(capabilities=None), f"{RUNNER}.securityContext.capabilities is null"),
    (context(runAsUser=0), f"{RUNNER}.securityContext.runAsUser is 0"),
    (context(runAsNonRoot=False), f"{RUNNER}.securityContext.runAsNonRoot is false"),
    (context(procMount="Unmasked"), f"{RUNNER}.securityContext.procMount is"),
    (runner(env=None), f"{RUNNER}.env is null"),
    (runner(env=["A"]), f'{RUNNER}.env[0] is "A"'),
    (runner(env=[{"name": []}]), f"{RUNNER}.env[0] is"),
    (runner(env=[{"name": "DASKFLOW_FLOW", "value": "{}"}]), f'{RUNNER}.env[0].name is "DASKFLOW_FLOW"'),
    (runner(env=[{"name": "DASK_CONFIG"}]), f'{RUNNER}.env[0].name is "DASK_CONFIG"'),
    (runner(volumeMounts=[{"mountPath": "/tmp/"}]), f'{RUNNER}.volumeMounts[0].mountPath is "/tmp/"'),
    (
        runner(volumeMounts=[{"mountPath": "/daskflow/runtime.pyz"}]),
        f"{RUNNER}.volumeMounts[0].mountPath is",
    ),
    (
        {"env": [{"name": "A"}, {"name": "DASK_distributed__comm__tls__ca_file", "value": "/mine"}]},
        'spec.env[1].name is "DASK_distributed__comm__tls__ca_file"',
    ),
    (
        {"env": [{"name": "DASK_DISTRIBUTED__SCHEDULER__IDLE_TIMEOUT", "value": "10s"}]},
        'spec.env[0].name is "DASK_DISTRIBUTED__SCHEDULER__IDLE_TIMEOUT" with value "10s", which ends',
    ),
    (
        {"env": [{"name": "DASK_DISTRIBUTED__SCHEDULER__IDLE_TIMEOUT", "valueFrom": {}}]},
        'spec.env[0].name is "DASK_DISTRIBUTED__SCHEDULER__IDLE_TIMEOUT", which ends',
    ),
    (
        {"env": [{"name": "DASK_DISTRIBUTED__COMM", "value": "{'timeouts': {'tcp': '5s'}}"}]},
        'spec.env[0].name is "DASK_DISTRIBUTED__COMM" with value',
    ),
    (runner(env=[{"name": "DASK_INTERNAL_INHERIT_CONFIG", "value": ""}]), f"{RUNNER}.env[0].name is"),
    (
        {"cluster": {"config": {"distributed": {"comm": {"timeouts": {"tcp": "10 s"}}}}}},
        'spec.cluster.config.distributed.comm.timeouts.tcp is "10 s", but no connection',
    ),
    (
        {"cluster": {"config": {"distributed": {"worker": {"resources": {"GPU": 1}}}}}},
        "spec.cluster.config.distributed.worker.resources is",
    ),
    (
        {"cluster": {"scheduler": {"args": ["--show", "--idle-timeout", "10s"]}}},
        'spec.cluster.scheduler.args[1] is "--idle-timeout", which ends schedulers',
    ),
    (
        {"cluster": {"workers": {"args": ["tcp://elsewhere:8786"]}}},
        'spec.cluster.workers.args[0] is "tcp://elsewhere:8786", but workers connect',
    ),
    (
        {"cluster": {"workers": {"args": ["--death-timeout=1"]}}},
        'spec.cluster.workers.args[0] is "--death-timeout=1", but workers wait',
    ),
    (
        {"cluster": {"config": {"distributed": {"comm": {"require_encryption": False}}}}},
        "spec.cluster.config.distributed.comm.require-encryption is false",
    ),
    (
        {"cluster": {"config": {"distributed": {"comm": {"tls": {"ca-file": "/mine"}}}}}},
        "spec.cluster.config.distributed.comm.tls.ca-file is",
    ),
    ({"cluster": {"config": {"distributed": 5}}}, "spec.cluster.config.distributed is 5"),
    (
        {"cluster": {"scheduler": {"args": ["--dashboard-address=:8787"]}}},
        'spec.cluster.scheduler.args[0] is "--dashboard-address=:8787"',
    ),
    (
        {"cluster": {"workers": {"args": ["--resources", "A=1", "--name", "x"]}}},
        "spec.cluster.workers.args[2]",
    ),
    (
        {"cluster": {"workerGroups": [{"name": "gpu", "template": {"spec": {"hostNetwork": True}}}]}},
        "spec.cluster.workerGroups[0].template.spec.hostNetwork is true",
    ),
]

ALLOWED = [
    workers(
        nodeSelector={"env": "gpu"},
        tolerations=[{"key": "gpu"}],
        runtimeClassName="gvisor",
        hostNetwork=False,
        restartPolicy="Never",
        automountServiceAccountToken=True,
        schedulingGates=[{"name": "queue"}],
        volumes=[{"name": "data", "hostPath": {"path": "/data"}}],
        initContainers=[{"name": "fetch", "image": "a", "securityContext": {"runAsUser": 0}}],
        containers=[
            {
                "name": "worker",
                "image": "flows-gpu:1",
                "env": [{"name": "OMP_NUM_THREADS", "value": "4"}, {"name": "DASK_LOGGING__X", "value": "1"}],
                "resources": {"limits": {"nvidia.com/gpu": 1}},
                "volumeMounts": [
                    {"name": "data", "mountPath": "/data"},
                    {"name": "data", "mountPath": "/tmp/x"},
                ],
                "securityContext": {"readOnlyRootFilesystem": False, "runAsUser": 7},
                "lifecycle": {"preStop": {"exec": {"command": ["true"]}}},
            },
            {"name": "sidecar", "image": "b", "command": ["b"], "livenessProbe": {}, "ports": []},
        ],
    ),
    {"template": {"metadata": {"labels": {"app.kubernetes.io/managed-by": "Helm", "env": "prod"}}}},
    {"template": {"spec": {"containers": [{"name": "worker", "env": []}, {"name": "runner", "env": []}]}}},
    {"template": {"spec": {"securityContext": {"seccompProfile": {"type": "Localhost"}, "fsGroup": 5}}}},
    {
        "cluster": {
            "config": {"distributed": {"comm": {"tls": {"min-version": 1.3}}, "scheduler": {"a": None}}},
            "scheduler": {"args": ["--no-show", "--preload", "mine"]},
        }
    },
    {"env": [{"name": "DASK_DISTRIBUTED__SCHEDULER__WORK_STEALING", "value": "false"}]},
    {
        "env": [
            {"name": "DASK_DISTRIBUTED__SCHEDULER__IDLE_TIMEOUT", "value": "null"},
            {"name": "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP", "value": "60s"},
            {"name": "DASK_TEMPORARY_DIRECTORY", "value": "/fast"},
            {"name": "DASK_SCHEDULER", "valueFrom": {}},
        ]
    },
]


def run_spec(spec: dict[str, Any]) -> FlowRunSpec:
    """The spec of a run with these fields."""
    return FlowRunSpec.model_validate({"image": "flows:1", "flow": {"script": "x"}, **spec})


def cluster_spec(spec: dict[str, Any]) -> DaskClusterSpec:
    """That of the run's DaskCluster."""
    shared = {name: value for name, value in spec.items() if name not in ("cluster", "runner")}
    return DaskClusterSpec.model_validate({"image": "flows:1", **shared, **spec.get("cluster", {})})


@pytest.mark.parametrize(("spec", "begins"), REFUSED, ids=[begins for _, begins in REFUSED])
def test_refused_before_anything_is_made(spec: dict[str, Any], begins: str) -> None:
    plan = Stage(run(spec)).plan()
    assert plan.status is not None
    assert (plan.status["phase"], plan.status["reason"]) == ("Failed", "SpecInvalid")
    assert plan.status["message"].startswith(begins)
    assert plan.status["message"].endswith(".")
    assert not plan.creates
    assert [(event.type, event.reason) for event in plan.events] == [("Warning", "SpecInvalid")]


@pytest.mark.parametrize(("spec", "begins"), [case for case in REFUSED if RUNNER not in case[1]])
def test_a_cluster_is_refused_alike(spec: dict[str, Any], begins: str) -> None:
    assert cluster_fault(cluster_spec(spec)).startswith(begins.replace("spec.cluster.", "spec."))


@pytest.mark.parametrize("spec", ALLOWED)
def test_what_users_need_is_passed_through(spec: dict[str, Any]) -> None:
    assert run_fault(run_spec(spec)) == ""
    assert cluster_fault(cluster_spec(spec)) == ""
    assert Stage(run(spec)).applied().status["phase"] == "Starting"


def test_a_template_of_all_pods_speaks_of_each_roles_container() -> None:
    template = {
        "spec": {
            "containers": [
                {"name": "worker", "workingDir": "/w"},
                {"name": "runner", "workingDir": "/r"},
                {"name": "side", "image": "x"},
            ]
        }
    }
    spec = {"template": template}
    worker = worker_pod(CLUSTER, cluster_spec(spec), PLACE, "default", 0)["spec"]["containers"]
    scheduler = scheduler_pod(CLUSTER, cluster_spec(spec), PLACE, SETTINGS, leased=False)["spec"][
        "containers"
    ]
    assert [(each["name"], each.get("workingDir")) for each in worker] == [("worker", "/w"), ("side", None)]
    assert [(each["name"], each.get("workingDir")) for each in scheduler] == [
        ("scheduler", None),
        ("side", None),
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)

NAMED = st.lists(
    st.dictionaries(st.sampled_from(["env", "volumeMounts", "ports", "securityContext"]), JSON).flatmap(
        lambda fields: st.sampled_from([{**fields, "name": name} for name in ("worker", "runner", "x")])
    ),
    max_size=3,
)

PARTS = st.dictionaries(
    st.sampled_from(["nodeSelector", "env", "securityContext", "hostAliases", "imagePullSecrets", "ports"]),
    JSON,
)

TEMPLATES = st.builds(lambda parts, named: {"spec": {**parts, "containers": named}}, PARTS, NAMED)


@given(TEMPLATES, TEMPLATES)
@settings(max_examples=150, deadline=None)
def test_what_is_not_refused_can_be_put_together(shared: dict[str, Any], own: dict[str, Any]) -> None:
    """Whatever else is wrong with it is the API server's to say."""
    spec = {"template": shared, "runner": {"template": own}, "cluster": {"workers": {"template": own}}}
    if not run_fault(run_spec(spec)):
        made = runner_pod(RUN, run_spec(spec), PLACE, 1, SETTINGS, None)
        assert made["spec"]["containers"][0]["command"][0] == "python3"
    if not cluster_fault(cluster_spec(spec)):
        worker_pod(CLUSTER, cluster_spec(spec), PLACE, "default", 0)
        scheduler_pod(CLUSTER, cluster_spec(spec), PLACE, SETTINGS, leased=True)


@pytest.mark.parametrize("containers", ["containers", "initContainers"])
@pytest.mark.parametrize("amount", ["512m", 512, "-1"])
def test_memory_that_is_meant_otherwise_is_refused_in_templates(containers: str, amount: str | int) -> None:
    container = {"name": "agent", "resources": {"limits": {"memory": amount}}}
    spec = {"runner": {"template": {"spec": {containers: [container]}}}}
    status = Stage(run(spec)).applied().status
    assert (status["phase"], status["reason"]) == ("Failed", "SpecInvalid")
    assert f"spec.runner.template.spec.{containers}[0].resources.limits: memory" in status["message"]
    assert "write for example" in status["message"]


def test_the_pods_own_resources_are_looked_at_as_well() -> None:
    spec = {"template": {"spec": {"resources": {"requests": {"memory": "2"}}}}}
    message = Stage(run(spec)).applied().status["message"]
    assert message.startswith('spec.template.spec.resources.requests: memory "2" is less than 1Mi')
