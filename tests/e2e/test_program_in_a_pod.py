"""`daskflow.Cluster` in a pod, with the rights that docs/clients.md names."""

import base64
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import ANY

import daskflow
import pytest

from tests.e2e.flows import DATA_IMAGE, flow_run
from tests.e2e.pods import python_pod
from tests.kube import Kube, Object, apply, namespace

PAGE = (Path(__file__).parents[2] / "docs" / "clients.md").read_text()
ACCOUNT = "programs"
LABELS = {"app": "program"}
SDK = "/sdk"
PROGRAM = f"""
from daskflow import Cluster
from distributed import Client

security = {{"networkPolicy": {{"clients": [{{"podSelector": {{"matchLabels": {LABELS}}}}}]}}}}
spec = {{"security": security}}
with Cluster("{DATA_IMAGE}", name="made", workers=1, spec=spec) as cluster, Client(cluster) as client:
    print(client.submit(sum, range(10)).result())
    cluster.scale(2)
    cluster.wait_for_workers(2, timeout=60)
    print(len(client.run(int)), cluster.scheduler_address)
print("left")
"""


def rights() -> list[dict[str, list[str]]]:
    """The rules that the page names, in its words: verbs on resources."""
    (sentence,) = re.findall(r"^The rights it takes: (.*?)\.\n\n", PAGE, re.M | re.S)
    clause = r"((?:`\w+`(?:, | and ))*`\w+`) on (`[\w./]+`(?: and `[\w./]+`)*)"
    rules = []
    for verbs, resources in re.findall(clause, sentence.replace("\n", " ")):
        for resource in re.findall("`(.*?)`", resources):
            name, _, group = resource.partition(".")
            rules.append({"apiGroups": [group], "resources": [name], "verbs": re.findall("`(.*?)`", verbs)})
    return rules


def sdk() -> str:
    """What there is of the SDK, as a zip in base64; its packages are in the image."""
    packed, root = io.BytesIO(), Path(daskflow.__file__).parent
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for path in (root / "__init__.py", *root.glob("api/**/*.py"), *root.glob("client/**/*.py")):
            file.write(path, path.relative_to(root.parent))
    return base64.b64encode(packed.getvalue()).decode()


@pytest.fixture(scope="module")
def kube(installed: None) -> Iterator[Kube]:
    """A restricted namespace with an account of these rights, and the SDK."""
    group = "rbac.authorization.k8s.io"
    with namespace() as kube:
        named = {"metadata": {"name": ACCOUNT}}
        subject = {"kind": "ServiceAccount", "name": ACCOUNT, "namespace": kube.namespace}
        role = {"apiGroup": group, "kind": "Role", "name": ACCOUNT}
        # It is too large for the annotation that kubectl applies with.
        kube.create({"apiVersion": "v1", "kind": "ConfigMap", "binaryData": {"sdk.zip": sdk()}, **named})
        applied = apply(
            kube,
            {"apiVersion": "v1", "kind": "ServiceAccount", **named},
            {"apiVersion": f"{group}/v1", "kind": "Role", "rules": rights(), **named},
            {
                "apiVersion": f"{group}/v1",
                "kind": "RoleBinding",
                "subjects": [subject],
                "roleRef": role,
                **named,
            },
        )
        assert applied.returncode == 0, applied.stderr
        yield kube


VOLUMES = {
    "volumes": [{"name": "sdk", "configMap": {"name": ACCOUNT}}],
    "serviceAccountName": ACCOUNT,
    "automountServiceAccountToken": True,
}
MOUNTS = [{"name": "sdk", "mountPath": SDK}]
PATH = {"PYTHONPATH": f"{SDK}/sdk.zip"}


def a_pod(code: str) -> Object:
    """Of the user's own."""
    pod = python_pod("program", code, {}, PATH, LABELS)
    pod["spec"] |= VOLUMES
    pod["spec"]["containers"][0] |= {"image": DATA_IMAGE, "volumeMounts": MOUNTS}
    return pod


def a_runner(code: str) -> Object:
    """Of a run."""
    container = {"name": "runner", "volumeMounts": MOUNTS}
    template = {"metadata": {"labels": LABELS}, "spec": {**VOLUMES, "containers": [container]}}
    env = [{"name": name, "value": value} for name, value in PATH.items()]
    spec = {"image": DATA_IMAGE, "env": env, "runner": {"template": template}, "serviceAccountName": ACCOUNT}
    return flow_run("program", code, cluster={"workers": {"replicas": 0}}, **spec)


@pytest.mark.parametrize("who", [a_pod, a_runner])
def test_a_program_makes_its_cluster_and_connects_directly(kube: Kube, who: Callable[[str], Object]) -> None:
    kube.create(who(PROGRAM))
    if who is a_pod:
        said = kube.printed("program")
    else:
        assert kube.ended("program")["phase"] == "Succeeded"
        said = kube.runner_log("program")
    assert re.findall(r"^(45|2 tls://(?!127\.).*:8786|left)$", said, re.M) == ["45", ANY, "left"], said
    kube.wait("nothing to be left", lambda: not kube.items("DaskCluster", "!daskflow.dev/run"), 20)
    kube.wait("its pods to go", lambda: not kube.items("Pod", "daskflow.dev/cluster=made"), 60)
