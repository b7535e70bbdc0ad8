"""What FlowRun is made of job variables."""

from typing import Any
from uuid import uuid4

import pytest
import yaml
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import Flow, FlowRun, WorkPool
from prefect_daskflow import DaskflowWorker, names
from prefect_daskflow.__main__ import main
from prefect_daskflow.agreement import seconds
from prefect_daskflow.configuration import DaskflowConfiguration, Unfit
from prefect_daskflow.flowrun import FlowRunSpec
from prefect_daskflow.prefect_side import submission

URL = {"PREFECT_API_URL": "https://prefect.example.com/api"}
WORKERS_OWN = {
    "PREFECT_API_URL": "https://prefect.example.com/api",
    "PREFECT_API_KEY": "pnu_secret",
    "PREFECT_HOME": "/var/lib/prefect",
    "PREFECT_WORKER_QUERY_SECONDS": "5",
    "PREFECT_LOGGING_LEVEL": "DEBUG",
    "PREFECT_PROFILES_PATH": "/etc/prefect/profiles.toml",
}


async def made(
    monkeypatch: pytest.MonkeyPatch, own: dict[str, str] | None = None, secret: str = "", **variables: Any
) -> tuple[dict[str, Any], dict[str, str]]:
    """The FlowRun and its Secret's content, for a flow run with these job variables."""
    environment = WORKERS_OWN if own is None else own
    base = DaskflowConfiguration.__mro__[1]
    monkeypatch.setattr(base, "_base_environment", classmethod(lambda cls: dict(environment)))
    template = DaskflowWorker.get_default_base_job_template()
    values = {"image": "flows:1", **variables}
    async with PrefectClient("http://127.0.0.1:1/api") as client:  # asked for nothing
        configuration = await DaskflowConfiguration.from_template_and_values(template, values, client=client)
    flow = Flow(name="My Flow")
    flow_run = FlowRun(name="brave otter/7: x", flow_id=flow.id)
    pool = WorkPool(name="My pool", type="daskflow", base_job_template=template, default_queue_id=uuid4())
    configuration.prepare_for_flow_run(
        flow_run, flow=flow, work_pool=pool, worker_name="w 1", worker_id=uuid4()
    )
    return configuration.flow_run_manifest("s1", "flows", secret)


def variables_of(container: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in container["env"]}


async def test_the_least(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest, secrets = await made(monkeypatch)
    spec = manifest["spec"]
    FlowRunSpec.model_validate(spec)
    assert spec["flow"] == {"command": ["prefect", "flow-run", "execute"]}
    assert spec["cluster"] == {"workers": {"replicas": 2}}
    assert spec["retries"] == {"limit": 0, "infrastructureLimit": 0}
    assert spec["retention"] == {"record": {"onSuccess": "1d", "onFailure": "7d"}}
    assert manifest["metadata"]["namespace"] == "flows"
    name = manifest["metadata"]["name"]
    assert name.startswith("brave-otter-7-x-")
    assert len(name) <= 50
    assert manifest["metadata"]["annotations"] == {names.SUBMISSION: "s1", names.SECRET: f"{name}-prefect"}
    assert secrets == {"PREFECT_API_KEY": "pnu_secret"}


async def test_pods_have_what_is_theirs_of_the_workers_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest, _ = await made(monkeypatch, env={"A": "1", "B": None})
    shared = variables_of(manifest["spec"])
    assert set(shared) == {"PREFECT_API_URL", "PREFECT_API_KEY", "PREFECT_LOGGING_LEVEL", "A"}
    name = f"{manifest['metadata']['name']}-prefect"
    assert shared["PREFECT_API_KEY"]["secretKeyRef"]["name"] == name
    assert "pnu_secret" not in str(manifest)
    template = manifest["spec"]["runner"]["template"]
    (runner,) = template["spec"]["containers"]
    assert "PREFECT__FLOW_RUN_ID" in variables_of(runner)
    assert "PREFECT__WORKER_NAME" in variables_of(runner)
    labels = template["metadata"]["labels"]
    assert labels["prefect.io/flow-run-name"] == "brave-otter-7-x"
    assert labels["prefect.io/worker-name"] == "w-1"
    assert "prefect.io/flow-run-id" not in str(manifest["metadata"])
    assert "prefect.io/flow-run-id" not in str(manifest["spec"].get("template"))


async def test_secrets_of_a_deployment_are_none_of_the_spec_either(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest, secrets = await made(monkeypatch, URL, env={"PREFECT_API_AUTH_STRING": "admin:pass"})
    assert secrets == {"PREFECT_API_AUTH_STRING": "admin:pass"}
    assert "admin:pass" not in str(manifest)


async def test_a_secret_that_is_there_already(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest, secrets = await made(monkeypatch, secret="mine")
    assert secrets == {}
    shared = variables_of(manifest["spec"])
    assert shared["PREFECT_API_KEY"]["secretKeyRef"] == {
        "name": "mine",
        "key": "PREFECT_API_KEY",
        "optional": True,
    }
    assert shared["PREFECT_API_AUTH_STRING"]["secretKeyRef"]["name"] == "mine"


async def test_all_of_the_form(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest, _ = await made(
        monkeypatch,
        URL,
        env=[{"name": "A", "value": "1"}, {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s"}}}],
        env_from=[{"secretRef": {"name": "more"}}],
        autoscale={"minimum": 1, "maximum": 8},
        threads=2,
        required_workers=1,
        worker_resources={"limits": {"cpu": "2", "memory": "4Gi"}},
        scheduler_resources={"requests": {"memory": "1Gi"}},
        runner_resources={"limits": {"memory": "2Gi"}},
        infrastructure_retries=2,
        start_retries=1,
        start_deadline="5m",
        active_deadline="2h",
        cancel_grace_period="1m",
        quiet_hours={"start": "22:00", "end": "06:00", "timeZone": "Europe/Berlin"},
        service_account_name="flows",
        image_pull_policy="Always",
        image_pull_secrets=["registry"],
        priority_class_name="high",
        node_selector={"pool": "dask"},
        tolerations=[{"key": "dask", "operator": "Exists"}],
        template={"spec": {"volumes": [{"name": "v", "emptyDir": {}}]}},
        annotations={"team": "data"},
        labels={"team": "data science"},
        dask_config={"distributed": {"worker": {"memory": {"target": 0.6}}}},
        worker_groups=[{"name": "gpu", "replicas": 1}],
    )
    spec = manifest["spec"]
    FlowRunSpec.model_validate(spec)
    workers = spec["cluster"]["workers"]
    assert workers["autoscale"] == {"minimum": 1, "maximum": 8}
    assert (workers["threads"], workers["required"]) == (2, 1)
    assert variables_of(spec)["B"] == {"secretKeyRef": {"name": "s"}}
    assert spec["imagePullSecrets"] == [{"name": "registry"}]
    pod = spec["template"]["spec"]
    assert pod["nodeSelector"] == {"pool": "dask"}
    assert pod["volumes"] == [{"name": "v"}]
    assert spec["retries"] == {"limit": 0, "infrastructureLimit": 2, "startLimit": 1}
    assert spec["deadlines"] == {"start": "5m", "active": "2h"}
    assert spec["runner"]["template"]["metadata"]["labels"]["team"] == "data-science"
    assert manifest["metadata"]["annotations"]["team"] == "data"


async def test_a_cluster_that_is_there_takes_the_place_of_one_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    manifest, _ = await made(monkeypatch, URL, cluster="lab")
    assert manifest["spec"]["clusterRef"] == {"name": "lab"}
    assert "cluster" not in manifest["spec"]


@pytest.mark.parametrize(
    ("own", "variables", "words"),
    [
        ({"PREFECT_API_URL": "http://127.0.0.1:4200/api"}, {}, "which is each pod's own machine"),
        ({}, {}, "PREFECT_API_URL is missing"),
        (URL, {"worker_resources": {"limit": {}, "x": 1}}, "spec.cluster.workers.resources.x of the FlowRun"),
        (URL, {"image": None}, "The job variable image is missing"),
    ],
)
async def test_what_is_wrong_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, own: dict[str, str], variables: dict[str, Any], words: str
) -> None:
    with pytest.raises(Unfit, match=words):
        await made(monkeypatch, own, **variables)


async def test_a_server_of_the_deployments_own_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest, _ = await made(monkeypatch, {"PREFECT_API_URL": "http://localhost:4200/api"}, env=URL)
    assert variables_of(manifest["spec"])["PREFECT_API_URL"] == URL["PREFECT_API_URL"]


def test_a_name_tells_submissions_apart() -> None:
    assert names.flow_run_name("a", "1", "s") != names.flow_run_name("a", "1", "t")
    assert names.flow_run_name("a", "1", "s") == names.flow_run_name("a", "1", "s")
    assert names.flow_run_name("Ünïcode / ü", "1", "s").startswith("unicode-u-")
    assert names.flow_run_name("//", "1", "s").startswith("run-")
    assert len(names.flow_run_name("x" * 200, "1", "s")) == 50


def test_labels_are_such_as_kubernetes_takes() -> None:
    given = {
        "prefect.io/deployment-updated": "2026-01-01T00:00:00+00:00",
        "a b": "c d",
        "x": "é" * 100,
        "/": "y",
    }
    assert names.labels(given) == {
        "prefect.io/deployment-updated": "2026-01-01T00-00-00-00-00",
        "a-b": "c-d",
        "x": "e" * 63,
    }


def test_a_submission_is_the_first_of_the_last_pending_states() -> None:
    once = [("1", "SCHEDULED"), ("2", "PENDING"), ("3", "PENDING"), ("4", "RUNNING")]
    assert submission(once) == "2"
    assert submission([*once, ("5", "PAUSED"), ("6", "SCHEDULED"), ("7", "PENDING")]) == "7"
    assert submission([*once, ("5", "SCHEDULED"), ("6", "RUNNING"), ("7", "COMPLETED")]) == "2"
    assert submission([]) == ""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"worker": 8}, r"The work pool has no job variable worker; did you mean workers\?"),
        ({"qqq": 8}, r"The work pool has no job variable qqq; there are active_deadline, annotations, "),
        ({"autoscale": {"minimun": 1, "maximum": 2}}, r"spec\.cluster\.workers\.autoscale\.minimun of the"),
        ({"worker_resources": {"limits": {"memory": "512m"}}}, 'memory "512m" is less than 1Mi; m stands'),
    ],
)
async def test_a_variable_that_is_mistyped_is_named(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(Unfit, match=said):
        await made(monkeypatch, **given)


async def test_variables_of_the_pools_own_and_single_ones_of_env_are_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    manifest, _ = await made(monkeypatch, **{"env.STAGE": "test", "command": "python -m etl"})
    assert variables_of(manifest["spec"])["STAGE"] == "test"


def test_manifests_of_a_worker_come_with_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sys.argv", ["prefect_daskflow", "rights.yaml", "worker.yaml"])
        main()
    kinds = [each["kind"] for each in yaml.safe_load_all(capsys.readouterr().out)]
    assert kinds == ["ServiceAccount", "Role", "RoleBinding", "Deployment"]


@pytest.mark.parametrize(("text", "value"), [("30s", 30), ("1m30s", 90), ("500ms", 0.5), ("1d", 86400)])
def test_durations(text: str, value: float) -> None:
    assert seconds(text) == value
