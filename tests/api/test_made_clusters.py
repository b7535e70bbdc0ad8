"""What a flow makes with the chart's account has of images, accounts, Secrets and pods what its run has."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from kubernetes.client.exceptions import ApiException

from tests.chart.helm import Object, rendered
from tests.e2e.flows import flow_run
from tests.kube import Kube, kubectl, namespace

FILES = '[{"secretRef":{"name":"code"},"archive":true}]'
SPEC: Object = {
    "imagePullSecrets": [{"name": "registry"}],
    "serviceAccountName": "daskflow-flow",
    "priorityClassName": "batch",
    "env": [
        {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "key", "key": "key"}}},
        {"name": "LEVEL", "value": "1"},
    ],
    "envFrom": [{"secretRef": {"name": "login"}}],
    "template": {"spec": {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}},
    "suspend": True,
}
FLOW: Object = {"script": "x", "files": {"sources": [{"secretRef": {"name": "code"}, "archive": True}]}}
CLUSTER: Object = {"workers": {"replicas": 0, "template": {"spec": {"nodeSelector": {"pool": "batch"}}}}}


class Flow:
    """A run whose runner asks for clusters."""

    def __init__(self, kube: Kube) -> None:
        self.kube = kube
        body = flow_run("run", FLOW, cluster=CLUSTER, **SPEC)
        body["metadata"] |= {"labels": {"team": "data"}, "annotations": {"note": "words"}}
        made = kube.create(body)
        attempt = {"number": 1, "startTime": "2026-01-01T00:00:00Z", "runner": {"pod": "run-abc-1-runner"}}
        status = {"phase": "Running", "attempts": [attempt]}
        running = {**made, "status": status}
        kube.wait("the status to be taken", lambda: _written(kube, running), 20)
        self.uid = made["metadata"]["uid"]
        self.image = made["spec"]["image"]

    def cluster(self, **spec: Any) -> Object:
        """As the runtime makes it, but for what is given."""
        owner = {"apiVersion": "daskflow.dev/v1alpha1", "kind": "FlowRun", "name": "run", "uid": self.uid}
        files = {"name": "DASKFLOW_FILES_CONFIG_MAP", "value": FILES}
        workers = {"replicas": 3, "template": CLUSTER["workers"]["template"]}
        tls = {"mode": "Secret", "secretName": "run-abc-1-xyz"}
        made = {"image": self.image, **SPEC, "env": [*SPEC["env"], files], "workers": workers}
        return {
            "apiVersion": "daskflow.dev/v1alpha1",
            "kind": "DaskCluster",
            "metadata": {"name": "made", "labels": {"daskflow.dev/run": "run"}, "ownerReferences": [owner]},
            "spec": {**made, "security": {"tls": tls}, **spec},
        }

    def refused(self, body: Object, pod: str = "run-abc-1-runner") -> str:
        """What the API server says to the flow of this pod."""
        account = f"system:serviceaccount:{self.kube.namespace}:daskflow-flow"
        extra = ["--as-user-extra", f"authentication.kubernetes.io/pod-name={pod}"] if pod else []
        done = kubectl(
            *("create", "--dry-run=server", "-n", self.kube.namespace, "-f", "-", "--as", account, *extra),
            text=yaml.safe_dump(body),
        )
        return done.stderr if done.returncode else ""

    def kept(self, body: Object, pod: str = "run-abc-1-runner") -> str:
        """What it says to a flow of this pod that deletes such a cluster.

        A finalizer keeps it so long: an operator takes down what belongs to a run that does not run.
        """
        held = {**body, "metadata": {**body["metadata"], "finalizers": ["example.com/held"]}}
        made = self.kube.create(held)["metadata"]["name"]
        account = f"system:serviceaccount:{self.kube.namespace}:daskflow-flow"
        done = kubectl(
            *("delete", "dkc", made, "--dry-run=server", "-n", self.kube.namespace),
            *("--as", account, "--as-user-extra", f"authentication.kubernetes.io/pod-name={pod}"),
        )
        self.kube.patch("DaskCluster", made, {"metadata": {"finalizers": None}})
        self.kube.delete("DaskCluster", made)
        return done.stderr if done.returncode else ""


def _written(kube: Kube, run: Object) -> bool:
    """Whether its status could be written, or the operator was faster with its own: then once more."""
    try:
        kube.call("PUT", kube.path("FlowRun", "run") + "/status", run)
    except ApiException as error:
        if error.status != 409:
            raise
        run["metadata"] = (kube.get("FlowRun", "run") or run)["metadata"]
        return False
    return True


@pytest.fixture(scope="module")
def flow(installed: None) -> Iterator[Flow]:
    """With the chart's account and its policy, which is asked for what it takes until it binds."""
    with namespace(restricted=False) as kube:
        values = {
            "crds": {"install": False},
            "fullnameOverride": f"held-{kube.namespace}",
            "flowRole": {"create": True, "namespaces": [kube.namespace]},
        }
        ours = ("daskflow-flow", f"held-{kube.namespace}-made-clusters")
        text = yaml.safe_dump_all(each for each in rendered(values) if each["metadata"]["name"] in ours)
        applied = kubectl("apply", "-f", "-", text=text)
        assert applied.returncode == 0, applied.stderr
        try:
            flow = Flow(kube)
            bound = "The image is to be the run's"
            kube.wait("the policy to bind", lambda: bound in flow.refused(flow.cluster(image="evil")), 20)
            yield flow
        finally:
            kubectl("delete", "--wait=false", "-f", "-", text=text)


def test_a_cluster_like_the_runs_own_is_taken(flow: Flow) -> None:
    assert flow.refused(flow.cluster()) == ""
    assert flow.refused(flow.cluster(env=[{"name": "DASKFLOW_FILES_CONFIG_MAP", "value": "files"}])) == ""
    plain = flow.cluster()
    plain["spec"] = {"image": flow.image, "workers": {"replicas": 1}}
    assert flow.refused(plain) == ""


def test_where_there_is_no_run_others_make_and_end_clusters(flow: Flow) -> None:
    body = {**flow.cluster(), "metadata": {"name": "alone"}}
    with namespace(restricted=False) as kube:
        kube.create(body)
        ended = kubectl(
            "delete", "daskclusters.daskflow.dev", "alone", "--namespace", kube.namespace, "--wait=false"
        )
        assert ended.returncode == 0, ended.stderr


def test_what_pods_inherit_of_the_runs_labels_is_the_runs(flow: Flow) -> None:
    def given(**metadata: Object) -> Object:
        return flow.cluster(template={**SPEC["template"], "metadata": metadata})

    assert flow.refused(given(labels={"team": "data"}, annotations={"note": "words"})) == ""
    assert "Templates" in flow.refused(given(labels={"team": "other"}))
    assert "Templates" in flow.refused(given(annotations={"other": "words"}))
    assert "Templates" in flow.refused(flow.cluster(template={"metadata": {"labels": {"team": "data"}}}))


def _files(text: str) -> Object:
    return {"env": [{"name": "DASKFLOW_FILES_CONFIG_MAP", "value": text}]}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"image": "evil"}, "The image is to be the run's"),
        ({"serviceAccountName": "admin"}, "serviceAccountName is to be the run's"),
        ({"priorityClassName": "urgent"}, "priorityClassName is to be the run's"),
        ({"imagePullSecrets": [{"name": "root"}]}, "imagePullSecrets"),
        ({"envFrom": [{"secretRef": {"name": "root"}}]}, "envFrom"),
        (
            {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "root", "key": "key"}}}]},
            "Variables",
        ),
        (
            {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "key", "key": "other"}}}]},
            "Variables",
        ),
        (_files('[{"secretRef":{"name":"root"}}]'), "Files from Secrets"),
        (_files('[{"secretRef":{"name":"code"}},{"secretRef":{"name":"root"}}]'), "Files from Secrets"),
        (_files('[{"secretRef":{"name":"code","name":"root"}}]'), "Files from Secrets"),
        (_files('[{"secretRef": {"name": "root"}}]'), "Files from Secrets"),
        (_files('[{"secret\\u0052ef":{"name":"root"}}]'), "Files from Secrets"),
        (
            {"security": {"tls": {"mode": "Secret", "secretName": "other-run-1-xyz"}}},
            "security.tls.secretName",
        ),
        ({"security": {"runAsUser": 2000}}, "security.runAsUser"),
        ({"security": {"networkPolicy": {"enabled": False}}}, "security.networkPolicy"),
        ({"template": {"spec": {"serviceAccountName": "admin"}}}, "Templates"),
        ({"scheduler": {"template": {"spec": {"hostNetwork": True}}}}, "Templates"),
        ({"workers": {"template": {"spec": {"nodeName": "n"}}}}, "Templates"),
        ({"workerGroups": [{"name": "g", "template": {"spec": {"nodeName": "n"}}}]}, "Templates"),
    ],
)
def test_more_than_the_run_has_is_refused(flow: Flow, spec: Object, said: str) -> None:
    assert said in flow.refused(flow.cluster(**spec))


def test_a_cluster_belongs_to_the_run_whose_runner_asks(flow: Flow) -> None:
    whose = "the run whose runner asks"
    assert whose in flow.refused(flow.cluster(), pod="other-abc-1-runner")
    assert whose in flow.refused(flow.cluster(), pod="run-abc-1-worker-0")
    assert whose in flow.refused(flow.cluster(), pod="")
    for owners in ([], [{**flow.cluster()["metadata"]["ownerReferences"][0], "controller": True}]):
        made = flow.cluster()
        made["metadata"]["ownerReferences"] = owners
        assert "has one owner, its FlowRun" in flow.refused(made)
    made = flow.cluster()
    made["metadata"]["labels"] = {"daskflow.dev/run": "other"}
    assert "its run's name" in flow.refused(made)


def test_a_flow_deletes_clusters_that_flows_of_its_run_made_and_no_others(flow: Flow) -> None:
    assert flow.kept(flow.cluster()) == ""
    assert "the run whose runner asks" in flow.kept(flow.cluster(), pod="other-abc-1-runner")
    somebodys = flow.cluster()
    somebodys["metadata"] = {"name": "somebodys"}
    assert "makes or deletes has one owner" in flow.kept(somebodys)
    operators = flow.cluster()
    operators["metadata"]["ownerReferences"][0]["controller"] = True
    assert "which does not control it" in flow.kept(operators)
