"""How pods are connected is written down when their cluster is made, and stays."""

from dataclasses import replace
from typing import Any

import pytest
from daskflow.manifests.settings import DaskKubernetes, Injection, Settings
from daskflow.plan.dask_kubernetes.cluster import life as cluster
from daskflow.plan.dask_kubernetes.connections import injection_of
from daskflow.plan.model import Observed
from daskflow.plan.question import Keys

from tests.unit.plan.dask_kubernetes import specs
from tests.unit.plan.dask_kubernetes.stage import Stage, a_cluster
from tests.unit.plan.dask_kubernetes.strange import body
from tests.unit.plan.stage import NOW

ENCRYPTED = {"annotations": {"daskflow.dev/tls": "Pods", "daskflow.dev/preload": "true"}}


def annotated(stage: Stage, annotations: Any) -> Stage:
    meta = {**stage.resource["metadata"], "creationTimestamp": "2026-03-01T12:00:00Z"}
    return replace(stage, resource={**stage.resource, "metadata": {**meta, **annotations}})


def test_a_secret_is_made_before_the_scheduler_that_mounts_it() -> None:
    stage = annotated(a_cluster(), ENCRYPTED)
    kinds = [made["kind"] for made in stage.plan().creates]
    assert kinds == ["Service", "NetworkPolicy", "Secret", "Pod", "DaskWorkerGroup"]
    settled = stage.settled()
    pod: Any = settled.children["Pod", "lab-scheduler"]
    (secret,) = [name for kind, name in settled.children if kind == "Secret"]
    assert pod["spec"]["volumes"] == [
        {"name": "daskflow", "secret": {"secretName": secret, "defaultMode": 0o444}}
    ]
    assert settled.status["injected"] == {"preload": True, "tls": "Pods"}


def test_another_word_later_changes_nothing_for_one_that_is_made() -> None:
    settled = annotated(a_cluster(), ENCRYPTED).settled()
    later = annotated(settled, {"annotations": {}}).settled()
    assert later.status["injected"] == {"preload": True, "tls": "Pods"}
    assert injection_of(later.resource, Settings(b"", b"")) == Injection(True, "Pods")


def test_an_encrypted_scheduler_is_asked_with_its_clusters_certificate() -> None:
    stage = annotated(a_cluster(idleTimeout=60), ENCRYPTED).settled().run()
    question = stage.plan().question
    assert question is not None
    assert question.address == "tls://10.0.0.7:8786"
    assert question.keys == Keys("uid-lab", NOW.replace(hour=12, minute=0, second=0, microsecond=0))


def test_without_a_word_all_is_plain() -> None:
    stage = a_cluster(idleTimeout=60).settled().run()
    question = stage.plan().question
    assert question is not None
    assert (question.address, question.keys) == ("tcp://10.0.0.7:8786", None)
    assert "volumes" not in stage.children["Pod", "lab-scheduler"]["spec"]


def test_what_a_platform_refuses_is_told() -> None:
    spec = {**specs.CLUSTER, "scheduler": {**specs.SCHEDULER, "service": {"type": "NodePort"}}}
    settings = Settings(b"", b"", dask_kubernetes=DaskKubernetes(service_types=("ClusterIP",)))
    plan = cluster.plan(body("DaskCluster", spec), Observed(), NOW, settings)
    assert plan.status is not None
    assert (plan.status["phase"], plan.creates) == ("Error", ())
    assert plan.status["message"].startswith("spec.scheduler.service.type is 'NodePort', which this platform")


@pytest.mark.parametrize("policy", ["Namespace", "Cluster", "None"])
def test_a_network_policy_is_made_unless_none_is_wanted(policy: Any) -> None:
    settings = Settings(b"", b"", dask_kubernetes=DaskKubernetes(network_policy=policy))
    plan = cluster.plan(body("DaskCluster", specs.CLUSTER), Observed(), NOW, settings)
    assert ("NetworkPolicy" in [made["kind"] for made in plan.creates]) is (policy != "None")
