"""The chart's policy: every way in which a run could ask for more than is allowed is closed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from kubernetes.client.exceptions import ApiException

from tests.chart.helm import Object, rendered
from tests.chart.policy_cases import IMAGE, IN_CLUSTERS, NODES, NULLS, PODS, RULE, WAYS, WITHIN, container
from tests.e2e.flows import flow_run
from tests.kube import Kube, kubectl, namespace

OPERATOR = "system:serviceaccount:daskflow-system:daskflow"
VALUES = {
    "crds": {"install": False},
    "serviceAccount": {"create": False, "name": "daskflow"},
    "fullnameOverride": "policy-test",
    "policy": {"enabled": True, "rules": [RULE]},
}


@pytest.fixture(scope="module")
def tenant(installed: None) -> Iterator[Kube]:
    """A namespace that the policy binds."""
    kinds = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "Role", "RoleBinding")
    with namespace(restricted=False) as kube:
        values = {**VALUES, "flowRole": {"create": True, "namespaces": [kube.namespace]}}
        made = [each for each in rendered(values) if each["kind"] in kinds]
        ours = ("daskflow-flow", "policy-test-policy-tenants", "policy-test-scale-tenants")
        text = yaml.safe_dump_all(each for each in made if each["metadata"]["name"] in ours)
        kube.call(
            "PATCH", f"/api/v1/namespaces/{kube.namespace}", {"metadata": {"labels": {"policy-test": "true"}}}
        )
        for account in ("flows", "admin"):
            kube.call(
                "POST",
                f"/api/v1/namespaces/{kube.namespace}/serviceaccounts",
                {"metadata": {"name": account}},
            )
        applied = kubectl("apply", "-f", "-", text=text)
        assert applied.returncode == 0, applied.stderr
        try:
            kube.wait("the policy to bind", lambda: "evil" in refused(kube, run(image="evil")), 20)
            yield kube
        finally:
            kubectl("delete", "--wait=false", "-f", "-", text=text)


def refused(kube: Kube, body: Object, user: str = "") -> str:
    """What the API server says to it; empty if it would take it."""
    options = ["--as", user] if user else []
    done = kubectl(
        "create", "--dry-run=server", "-n", kube.namespace, "-f", "-", *options, text=yaml.safe_dump(body)
    )
    return done.stderr if done.returncode else ""


def posted(kube: Kube, body: Object) -> str:
    """The same, without kubectl."""
    body = {**body, "metadata": {"namespace": kube.namespace, **body["metadata"]}}
    try:
        kube.call("POST", kube.path(body["kind"]), body, dryRun="All", fieldValidation="Strict")
    except ApiException as error:
        return str(json.loads(error.reason)["message"])
    return ""


def merged(below: Object, above: Object) -> Object:
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def run(**spec: Any) -> Object:
    """A FlowRun that all is well with, but for what is given."""
    good = flow_run("run", "result = 1")
    allowed: Object = {"image": IMAGE, "deadlines": {"active": "1d"}, "suspend": True}
    return merged(good, {"spec": merged(allowed, spec)})


def cluster(**spec: Any) -> Object:
    """A DaskCluster of the same kind."""
    good = {"image": IMAGE, "idleTimeout": "10m", "suspend": True}
    return {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "DaskCluster",
        "metadata": {"name": "cluster"},
        "spec": merged(good, spec),
    }


def schedule(**spec: Any) -> Object:
    """A FlowSchedule of such runs."""
    return {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "FlowSchedule",
        "metadata": {"name": "schedule"},
        "spec": {
            "cron": "@daily",
            "suspend": True,
            "template": {
                "spec": {key: value for key, value in run(**spec)["spec"].items() if key != "suspend"}
            },
        },
    }


def pod(**spec: Any) -> Object:
    """A pod as the operator makes it."""
    container = {"name": "runner", "image": IMAGE, "resources": {"limits": {"memory": "1Gi"}}}
    good = {"serviceAccountName": "flows", "automountServiceAccountToken": False, "containers": [container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod"}, "spec": merged(good, spec)}


def templates(kind: str) -> list[tuple[str, Any]]:
    """Where a template may stand in a spec, as what makes the spec of it."""
    runs = [
        ("template", lambda pod: {"template": {"spec": pod}}),
        ("runner", lambda pod: {"runner": {"template": {"spec": pod}}}),
        ("scheduler", lambda pod: {"cluster": {"scheduler": {"template": {"spec": pod}}}}),
        ("workers", lambda pod: {"cluster": {"workers": {"template": {"spec": pod}}}}),
        ("group", lambda pod: {"cluster": {"workerGroups": [{"name": "g", "template": {"spec": pod}}]}}),
    ]
    if kind != "cluster":
        return runs
    return [(name, lambda pod, make=make: _flat(make(pod))) for name, make in runs if name != "runner"]


def _flat(spec: Object) -> Object:
    return {**{key: value for key, value in spec.items() if key != "cluster"}, **spec.get("cluster", {})}


MAKERS = {"run": run, "cluster": cluster, "schedule": schedule}


@pytest.mark.parametrize("kind", MAKERS)
def test_no_template_anywhere_asks_for_what_is_not_allowed(tenant: Kube, kind: str) -> None:
    for where, make in templates(kind):
        for spec, said in PODS + NODES:
            answer = posted(tenant, MAKERS[kind](**make(spec)))
            assert said in answer, f"{where} {spec}: {answer or 'was taken'}"


def test_what_is_allowed_is_taken(tenant: Kube) -> None:
    allowed = {
        "serviceAccountName": "flows",
        "priorityClassName": "batch",
        "imagePullSecrets": [{"name": "flow-registry"}],
        "env": [{"name": "APP_KEY", "valueFrom": {"secretKeyRef": {"name": "flow-key", "key": "key"}}}],
        "template": {
            "spec": {
                "nodeSelector": {"pool": "batch"},
                "tolerations": [{"key": "batch", "operator": "Exists"}],
                "automountServiceAccountToken": True,
                "volumes": [
                    {"name": "data", "hostPath": {"path": "/data/x"}},
                    {"name": "files", "configMap": {"name": "files"}},
                ],
            }
        },
    }
    workers = {
        "replicas": 20,
        "args": ["--resources", "GPU=1"],
        "resources": {"requests": {"cpu": "8"}, "limits": {"cpu": 8, "memory": "32Gi"}},
    }
    config = {"distributed": {"worker": {"memory": {"target": 0.5}}}}
    inside = {"workers": workers, "config": config}
    assert posted(tenant, run(**allowed, cluster=inside)) == ""
    assert posted(tenant, schedule(**allowed, cluster=inside)) == ""
    assert posted(tenant, cluster(**allowed, **inside)) == ""
    assert refused(tenant, pod(), OPERATOR) == ""


@pytest.mark.parametrize("kind", MAKERS)
def test_a_null_in_a_template_asks_for_nothing(tenant: Kube, kind: str) -> None:
    for where, make in templates(kind):
        for spec in NULLS:
            answer = posted(tenant, MAKERS[kind](**make(spec)))
            assert answer == "", f"{where} {spec}: {answer}"


def test_workers_are_counted_as_the_operator_counts_them(tenant: Kube) -> None:
    for spec in WITHIN:
        assert posted(tenant, cluster(**spec)) == "", spec


def test_what_platform_defaults_add_to_the_operators_own_cluster_is_not_asked_about(tenant: Kube) -> None:
    added: Object = {
        "env": [{"name": "PROXY", "value": "p"}],
        "imagePullSecrets": [{"name": "mirror"}],
        "config": {"distributed": {"comm": {"timeouts": {"connect": "60s"}}}},
        "scheduler": {"args": ["--port=0"]},
    }
    assert refused(tenant, cluster(**added), OPERATOR) == ""
    assert "not allowed here" in refused(tenant, cluster(**added))
    assert "image evil" in refused(tenant, cluster(**added, image="evil"), OPERATOR)


def test_a_held_flow_may_name_the_secret_of_its_attempt(tenant: Kube) -> None:
    flow = f"system:serviceaccount:{tenant.namespace}:daskflow-flow"
    own = cluster(security={"tls": {"mode": "Secret", "secretName": "run-abc-1-xyz"}})
    assert refused(tenant, own, flow) == ""
    assert "Secret run-abc-1-xyz" in refused(tenant, own)
    own["spec"]["envFrom"] = [{"secretRef": {"name": "root"}}]
    assert "Secret root" in refused(tenant, own, flow)


@pytest.mark.parametrize("kind", MAKERS)
def test_no_field_asks_for_what_is_not_allowed(tenant: Kube, kind: str) -> None:
    def without_nothing(spec: Object) -> Object:
        return {
            key: without_nothing(value) if isinstance(value, dict) else value
            for key, value in spec.items()
            if value is not None
        }

    wanted = {"run": ("all", "run"), "schedule": ("all", "run"), "cluster": ("all", "cluster")}[kind]
    inside = [(spec if kind == "cluster" else {"cluster": spec}, said) for spec, said in IN_CLUSTERS]
    for spec, said in [(spec, said) for where, spec, said in WAYS if where in wanted] + inside:
        answer = posted(tenant, without_nothing(MAKERS[kind](**spec)))
        assert said in answer, f"{spec}: {answer or 'was taken'}"


@pytest.mark.parametrize(("spec", "said"), PODS)
def test_no_pod_of_the_operator_is_what_is_not_allowed(tenant: Kube, spec: Object, said: str) -> None:
    assert said in refused(tenant, pod(**spec), OPERATOR)


def test_a_pod_without_a_limit_is_refused_and_pods_of_others_are_not_asked_about(tenant: Kube) -> None:
    unlimited = pod(containers=container(resources={}))
    assert "Each container needs a limit of memory here, 32Gi at most" in refused(tenant, unlimited, OPERATOR)
    assert refused(tenant, merged(unlimited, {"spec": {"serviceAccountName": "default"}})) == ""


def test_a_cluster_is_scaled_up_to_it_and_not_beyond(tenant: Kube) -> None:
    made = tenant.create(cluster(workers={"replicas": 3}, workerGroups=[{"name": "g", "replicas": 15}]))
    name = made["metadata"]["name"]
    path = tenant.path("DaskCluster", name) + "/scale"

    def scaled(replicas: int) -> str:
        try:
            tenant.call("PATCH", path, {"spec": {"replicas": replicas}})
        except ApiException as error:
            return str(json.loads(error.reason)["message"])
        return ""

    def settled(replicas: int) -> str:
        """What is said once the API server knows what the cluster has become."""
        said = ""

        def known() -> bool:
            nonlocal said
            said = scaled(replicas)
            return "scale it once more" not in said

        tenant.wait("the cluster to be known", known, 20)
        return said

    assert settled(5) == ""
    assert "More than 20 workers" in settled(6)
    assert scaled(4) == ""
    tenant.patch("DaskCluster", name, {"spec": {"workerGroups": [{"name": "g", "replicas": 16}]}})
    assert "More than 20 workers" in settled(5)
    with pytest.raises(ApiException, match="More than 20 workers"):
        tenant.patch("DaskCluster", name, {"spec": {"workers": {"replicas": 5}}})


def test_a_run_that_was_there_before_can_be_labelled_and_cancelled(tenant: Kube) -> None:
    label = f"/api/v1/namespaces/{tenant.namespace}"
    tenant.call("PATCH", label, {"metadata": {"labels": {"policy-test": None}}})
    tenant.wait("the policy to let go", lambda: posted(tenant, run(image="evil")) == "", 20)
    tenant.create(run(image="evil"))
    tenant.call("PATCH", label, {"metadata": {"labels": {"policy-test": "true"}}})
    tenant.wait("the policy to bind", lambda: "evil" in posted(tenant, run(image="evil")), 20)
    tenant.patch("FlowRun", "run", {"metadata": {"labels": {"a": "b"}}})
    with pytest.raises(ApiException, match="image evil"):
        tenant.patch("FlowRun", "run", {"spec": {"suspend": False}})
    tenant.patch("FlowRun", "run", {"spec": {"cancel": True}})
