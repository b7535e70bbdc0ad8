"""What surrounds user code."""

from typing import Any

from tests.e2e.flows import dask_cluster, flow_run
from tests.kube import Kube


def test_much_in_env_reaches_the_flow(kube: Kube) -> None:
    """argoproj/argo-workflows 7586, 12190, 15471."""
    env = [{"name": name, "value": "x" * 50_000} for name in "ABC"]
    kube.create(flow_run("much", "import os; result = len(os.environ['C'])", env=env))
    assert kube.ended("much").get("result") == 50_000


def home(kube: Kube, path: str, files: dict[str, str], flow: dict[str, Any]) -> dict[str, Any]:
    """The status of a run whose HOME is /home/app, with these files mounted below it."""
    kube.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "home"}, "data": files})
    mounts = [{"name": "home", "mountPath": path}]
    template = {
        "spec": {
            "volumes": [{"name": "home", "configMap": {"name": "home"}}],
            "containers": [{"name": "runner", "volumeMounts": mounts}],
        }
    }
    env = [{"name": "HOME", "value": "/home/app"}]
    kube.create(flow_run("home", flow, env=env, runner={"template": template}))
    return kube.ended("home")


def test_what_is_mounted_below_a_home_that_was_set_is_found(kube: Kube) -> None:
    """kubeflow/sdk 135, lance-format/lance 1134."""
    script = {"script": "import os; result = open(os.path.expanduser('~/.config/tool.ini')).read()"}
    status = home(kube, "/home/app/.config", {"tool.ini": "[tool]\nkey = 1\n"}, script)
    assert status.get("result") == "[tool]\nkey = 1\n"


def test_packages_of_the_users_site_directory_are_found(kube: Kube) -> None:
    """jupyter-server/enterprise_gateway 622."""
    path = "/home/app/.local/lib/python3.13/site-packages"
    status = home(kube, path, {"only_here.py": ""}, {"command": ["python3", "-c", "import only_here"]})
    assert status["phase"] == "Succeeded", status["message"]


def test_a_user_has_a_name_in_runner_and_workers(kube: Kube) -> None:
    """dask/dask-kubernetes 218, h2oai/h2o-llmstudio 974."""
    script = (
        "import getpass, os\nfrom distributed import get_client\n"
        "result = [getpass.getuser(), get_client().submit(getpass.getuser).result(), os.path.expanduser('~')]"
    )
    kube.create(flow_run("name", script))
    status = kube.ended("name")
    assert status["phase"] == "Succeeded", status["message"]
    assert all(status["result"])


def test_writing_to_the_working_directory_says_where_to_write(kube: Kube) -> None:
    kube.create(flow_run("writes", "open('out.csv', 'w')"))
    message = kube.ended("writes")["message"]
    assert "write below /tmp" in message
    assert "readOnlyRootFilesystem: false" in message


def test_workers_spill_to_the_volume_that_the_configuration_names(kube: Kube) -> None:
    """dask/distributed 2654, 7293, 7818."""
    script = (
        "from distributed import get_client\n"
        "result = list(get_client().run(lambda dask_worker: dask_worker.local_directory).values())"
    )
    template = {
        "spec": {
            "volumes": [{"name": "fast", "emptyDir": {}}],
            "containers": [{"name": "worker", "volumeMounts": [{"name": "fast", "mountPath": "/fast"}]}],
        }
    }
    cluster = {"config": {"temporary-directory": "/fast"}, "workers": {"replicas": 1, "template": template}}
    kube.create(flow_run("spills", script, cluster=cluster))
    status = kube.ended("spills")
    assert [folder.startswith("/fast/") for folder in status.get("result", ())] == [True], status["message"]


def test_variables_of_the_images_entrypoint_are_said_to_have_no_effect(kube: Kube) -> None:
    """dask/helm-chart 42 and 50, dask/dask-kubernetes 949."""
    kube.create(flow_run("extra", "result = 1", env=[{"name": "EXTRA_PIP_PACKAGES", "value": "six"}]))
    assert kube.ended("extra")["phase"] == "Succeeded"
    assert "EXTRA_PIP_PACKAGES" in kube.runner_log("extra")


def test_scheduler_and_runner_are_safe_from_karpenter_and_ports_tell_their_protocol(kube: Kube) -> None:
    """kubernetes-sigs/karpenter 1167, flyteorg/flyteplugins 315, jupyterhub/kubespawner 614."""
    kube.create(dask_cluster("shared"))

    def scheduler() -> Any:
        return kube.items("Pod", "daskflow.dev/component=scheduler")

    pods = kube.wait("the scheduler", scheduler)
    assert pods[0]["metadata"]["annotations"]["karpenter.sh/do-not-disrupt"] == "true"
    ports = kube.items("Service")[0]["spec"]["ports"]
    assert {port["appProtocol"] for port in ports} == {"tls"}
