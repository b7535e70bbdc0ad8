"""What is injected into the pods of dask-kubernetes' users, and that all else stays as they wrote it."""

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from daskflow.manifests.dask_kubernetes.injection import (
    files,
    handed_down,
    injected,
    injection_of,
    refusal,
)
from daskflow.manifests.settings import Injection

ENVIRONMENT = [{"name": "SCHEDULER_ENV", "value": "hello"}]
PRELOAD = "DASK_DISTRIBUTED__SCHEDULER__PRELOAD"


def pod(**container: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "x-scheduler"},
        "spec": {
            "nodeSelector": {"a": "b"},
            "containers": [
                {
                    "name": "scheduler",
                    "image": "i",
                    "args": ["dask-scheduler"],
                    "env": ENVIRONMENT,
                    **container,
                }
            ],
        },
    }


def variables(made: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each.get("value") for each in made["spec"]["containers"][0]["env"]}


def owner(**annotations: str) -> dict[str, Any]:
    return {"metadata": {"annotations": {f"daskflow.dev/{name}": text for name, text in annotations.items()}}}


@pytest.mark.parametrize("role", ["scheduler", "worker", "job-runner"])
def test_without_a_word_nothing_is(role: Any) -> None:
    assert injected(pod(), role, Injection(), "secret") == pod()


@pytest.mark.parametrize("role", ["scheduler", "worker", "job-runner"])
@pytest.mark.parametrize("tls", ["None", "Pods", "All"])
def test_all_else_stays_and_what_was_given_is_not_changed(role: Any, tls: Any) -> None:
    given = pod()
    before = copy.deepcopy(given)
    made = injected(given, role, Injection(True, tls), "secret")
    assert given == before
    assert made["metadata"] == given["metadata"]
    spec, (container,) = dict(made["spec"]), made["spec"]["containers"]
    assert spec.pop("volumes") == [
        {"name": "daskflow", "secret": {"secretName": "secret", "defaultMode": 0o444}}
    ]
    assert container["volumeMounts"] == [{"name": "daskflow", "mountPath": "/daskflow", "readOnly": True}]
    assert container["env"][:1] == ENVIRONMENT
    ours = {"env", "volumeMounts"}
    theirs = given["spec"]["containers"][0]
    assert {name: each for name, each in container.items() if name not in ours} == {
        name: each for name, each in theirs.items() if name not in ours
    }


def test_what_a_user_has_set_stays() -> None:
    said = [{"name": "DASK_DISTRIBUTED__COMM__TLS__CA_FILE", "value": "/mine"}]
    assert variables(injected(pod(env=said), "worker", Injection(tls="All"), "s"))[said[0]["name"]] == "/mine"


@pytest.mark.parametrize(
    ("said", "names"),
    [
        (None, ["/daskflow/daskflow_scheduler.py"]),
        ("mine", ["/daskflow/daskflow_scheduler.py", "mine"]),
        ("['a', 'b']", ["/daskflow/daskflow_scheduler.py", "a", "b"]),
    ],
)
def test_a_users_preloads_run_as_well(said: str | None, names: list[str]) -> None:
    env = [] if said is None else [{"name": PRELOAD, "value": said}]
    assert json.loads(variables(injected(pod(env=env), "scheduler", Injection(True), "s"))[PRELOAD]) == names


def test_a_variable_from_elsewhere_stays() -> None:
    env = [{"name": PRELOAD, "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k"}}}]
    assert (
        injected(pod(env=env), "scheduler", Injection(True), "s")["spec"]["containers"][0]["env"][0] == env[0]
    )


@pytest.mark.parametrize(
    ("args", "made"),
    [
        (["dask-worker", "--name", "n"], ["dask-worker", "--preload-nanny", "N", "--name", "n"]),
        (
            ["dask", "worker", "--preload=x"],
            ["dask", "worker", "--preload-nanny", "N", "--preload", "W", "--preload=x"],
        ),
        (["sh", "-c", "dask worker"], ["sh", "-c", "dask worker"]),
    ],
)
def test_options_of_a_worker(args: list[str], made: list[str]) -> None:
    (container,) = injected(pod(args=args), "worker", Injection(True), "s")["spec"]["containers"]
    full = {"N": "/daskflow/daskflow_nanny.py", "W": "/daskflow/daskflow_worker.py"}
    assert container["args"] == [full.get(each, each) for each in made]


@pytest.mark.parametrize(("grace", "drain"), [(None, "20"), (300, "20"), (12, "2"), (0, "0")])
def test_a_worker_has_done_within_its_grace_period(grace: int | None, drain: str) -> None:
    given = pod()
    given["spec"]["terminationGracePeriodSeconds"] = grace
    assert variables(injected(given, "worker", Injection(True), "s"))["DASKFLOW_DRAIN"] == drain


def test_the_kubelets_probes_are_let_in() -> None:
    probe = {"httpGet": {"path": "/health?x=1", "port": 8787}}
    given = pod(readinessProbe=probe, livenessProbe={"httpGet": {"port": 8787}}, startupProbe={"exec": {}})
    told = variables(injected(given, "scheduler", Injection(tls="Pods"), "s"))
    assert json.loads(told["DASKFLOW_PROBES"]) == {"paths": ["/", "/health"]}


def test_a_runners_program_may_make_a_cluster_of_its_own() -> None:
    told = [variables(injected(pod(), role, Injection(tls="All"), "s")) for role in ("worker", "job-runner")]
    assert ["DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION" in each for each in told] == [True, False]


def test_annotations_say_otherwise_than_the_installation() -> None:
    assert injection_of(owner(), Injection(True, "Pods")) == Injection(True, "Pods")
    assert injection_of(owner(preload="false", tls="All"), Injection(True, "Pods")) == Injection(False, "All")
    assert injection_of({"metadata": {"annotations": None}}, Injection()) == Injection()
    assert handed_down(owner(tls="All", other="x")) == {"daskflow.dev/tls": "All"}


@pytest.mark.parametrize("said", [{"preload": "yes"}, {"tls": "pods"}])
def test_an_annotation_that_says_neither_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"the annotation daskflow\.dev/.* is '.*'; write "):
        injection_of(owner(**said), Injection())


def test_the_secret_has_certificates_where_there_is_tls() -> None:
    now = datetime.now(UTC)
    names = [sorted(files(Injection(True, tls), b"k" * 32, "uid", now)) for tls in ("None", "All")]
    preloads = ["daskflow_nanny.py", "daskflow_scheduler.py", "daskflow_worker.py"]
    assert names == [preloads, ["ca.crt", *preloads, "tls.crt", "tls.key"]]


def test_addresses() -> None:
    assert [Injection(tls=tls).scheme for tls in ("None", "Pods", "All")] == ["tcp", "tls", "tls"]
    assert [Injection(tls=tls).mounts for tls in ("None", "Pods", "All")] == [False, True, True]


@pytest.mark.parametrize(
    ("service", "says"),
    [
        ({}, ""),
        ({"type": None}, ""),
        (
            {"type": "NodePort"},
            "spec.scheduler.service.type is 'NodePort', which this platform refuses; use ClusterIP.",
        ),
        ({"type": 3}, "spec.scheduler.service.type is '3', which this platform refuses; use ClusterIP."),
    ],
)
def test_types_of_services_that_a_platform_refuses(service: dict[str, Any], says: str) -> None:
    assert refusal(owner(), service, Injection(), ("ClusterIP",)) == says


def test_a_wrong_annotation_is_a_refusal() -> None:
    assert refusal(owner(tls="on"), {}, Injection(), ("ClusterIP",)).endswith("write None, Pods or All.")
