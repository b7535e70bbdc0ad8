"""The chart's role is what the operator runs under: enough for its work, and nothing beyond it."""

import pytest

from tests.kube import Kube, kubectl

ACCOUNT = "system:serviceaccount:daskflow-system:daskflow"
pytestmark = pytest.mark.usefixtures("installed")


@pytest.mark.parametrize(
    ("verb", "resource", "allowed"),
    [
        ("list", "flowruns", True),
        ("update", "flowruns/status", True),
        ("update", "flowruns", False),
        ("create", "flowruns", True),
        ("patch", "flowruns", True),
        ("list", "flowschedules", True),
        ("update", "flowschedules/status", True),
        ("update", "flowschedules", False),
        ("patch", "flowschedules", False),
        ("delete", "flowschedules", False),
        ("list", "clusterpools", True),
        ("update", "clusterpools/status", True),
        ("patch", "clusterpools", False),
        ("create", "daskclusters", True),
        ("create", "pods", True),
        ("patch", "pods", True),
        ("get", "pods/log", False),
        ("create", "pods/exec", False),
        ("create", "secrets", True),
        ("get", "secrets", False),
        ("list", "secrets", False),
        ("watch", "secrets", False),
        ("update", "secrets", False),
        ("patch", "secrets", False),
        ("delete", "secrets", False),
        ("create", "networkpolicies.networking.k8s.io", True),
        ("get", "networkpolicies.networking.k8s.io", True),
        ("watch", "networkpolicies.networking.k8s.io", True),
        ("patch", "networkpolicies.networking.k8s.io", True),
        ("delete", "networkpolicies.networking.k8s.io", False),
        ("patch", "services", True),
        ("delete", "services", False),
        ("list", "customresourcedefinitions.apiextensions.k8s.io", False),
        ("get", "configmaps", True),
        ("patch", "configmaps", False),
        ("list", "configmaps", False),
        ("watch", "configmaps/daskflow-defaults", True),
        ("update", "configmaps/daskflow-defaults", False),
        ("create", "events", True),
        ("get", "leases.coordination.k8s.io", False),
        ("patch", "leases.coordination.k8s.io", False),
        ("create", "rolebindings", False),
        ("create", "serviceaccounts/token", False),
    ],
)
def test_right_in_any_namespace(verb: str, resource: str, allowed: bool) -> None:
    kind, _, part = resource.partition("/")
    options = ["--subresource", part] if part else []
    if kind == "configmaps":
        kind, options = resource, []
    answer = kubectl("auth", "can-i", verb, kind, *options, "--as", ACCOUNT, "-n", "default")
    assert answer.stdout.strip() == ("yes" if allowed else "no"), answer.stderr


def test_the_root_key_is_the_one_secret_it_may_read() -> None:
    allowed = kubectl(
        "auth", "can-i", "get", "secrets/daskflow-root-key", "--as", ACCOUNT, "-n", "daskflow-system"
    )
    assert allowed.stdout.strip() == "yes"
    other = kubectl("auth", "can-i", "get", "secrets/other", "--as", ACCOUNT, "-n", "daskflow-system")
    assert other.stdout.strip() == "no"


@pytest.mark.parametrize(
    ("verb", "name", "allowed"),
    [
        ("get", "daskflow", True),
        ("patch", "daskflow", True),
        ("patch", "other", False),
        ("delete", "daskflow", False),
    ],
)
def test_its_own_lease_is_the_one_it_may_change(verb: str, name: str, allowed: bool) -> None:
    lease = f"leases.coordination.k8s.io/{name}"
    answer = kubectl("auth", "can-i", verb, lease, "--as", ACCOUNT, "-n", "daskflow-system")
    assert answer.stdout.strip() == ("yes" if allowed else "no"), answer.stderr


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("view", {"get": True, "watch": True, "create": False, "delete": False}),
        ("edit", {"get": True, "create": True, "patch": True, "delete": True}),
        ("admin", {"list": True, "create": True, "deletecollection": True}),
    ],
)
def test_who_has_a_role_of_kubernetes_has_it_for_our_kinds(
    kube: Kube, role: str, may: dict[str, bool]
) -> None:
    bound = kubectl(
        "create", "rolebinding", "ann", f"--clusterrole={role}", "--user=ann", "-n", kube.namespace
    )
    assert bound.returncode == 0, bound.stderr
    kinds = ("flowruns", "daskclusters", "flowschedules", "clusterpools")

    def answers() -> dict[tuple[str, str], bool]:
        return {(kind, verb): _may(kube, "ann", verb, kind) for kind in kinds for verb in may}

    wanted = {(kind, verb): may[verb] for kind in kinds for verb in may}
    kube.wait("the rights to be as they should", lambda: answers() == wanted, 10)


def _may(kube: Kube, user: str, verb: str, resource: str) -> bool:
    about = {"namespace": kube.namespace, "group": "daskflow.dev", "verb": verb, "resource": resource}
    path = f"/apis/authorization.k8s.io/v1/namespaces/{kube.namespace}/localsubjectaccessreviews"
    review = {"metadata": {"namespace": kube.namespace}, "spec": {"user": user, "resourceAttributes": about}}
    return bool(kube.call("POST", path, review)["status"]["allowed"])
