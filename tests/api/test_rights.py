"""The chart's role is what the operator runs under: enough for its work, and nothing beyond it."""

import pytest

from tests.kube import kubectl

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
        ("get", "configmaps", False),
        ("create", "events", True),
        ("create", "rolebindings", False),
        ("create", "serviceaccounts/token", False),
    ],
)
def test_right_in_any_namespace(verb: str, resource: str, allowed: bool) -> None:
    kind, _, part = resource.partition("/")
    options = ["--subresource", part] if part else []
    answer = kubectl("auth", "can-i", verb, kind, *options, "--as", ACCOUNT, "-n", "default")
    assert answer.stdout.strip() == ("yes" if allowed else "no"), answer.stderr


def test_the_root_key_is_the_one_secret_it_may_read() -> None:
    allowed = kubectl(
        "auth", "can-i", "get", "secrets/daskflow-root-key", "--as", ACCOUNT, "-n", "daskflow-system"
    )
    assert allowed.stdout.strip() == "yes"
    other = kubectl("auth", "can-i", "get", "secrets/other", "--as", ACCOUNT, "-n", "daskflow-system")
    assert other.stdout.strip() == "no"
