"""Bad input is refused at `kubectl apply`, with a sentence that names field, value and remedy."""

from typing import Any

import pytest

from tests.e2e.flows import flow_run
from tests.kube import Kube, apply, kubectl

RUN = flow_run("run", "result = 1", suspend=True)


def changed(*path: str, to: Any) -> dict[str, Any]:
    """A good FlowRun with one field replaced, or removed (None)."""

    def change(node: dict[str, Any], rest: tuple[str, ...]) -> dict[str, Any]:
        name, *more = rest
        if more:
            return {**node, name: change(node.get(name, {}), tuple(more))}
        kept = {key: value for key, value in node.items() if key != name}
        return kept if to is None else {**kept, name: to}

    return change(RUN, path)


CASES = [
    (changed("spec", "flow", to={"script": "x", "command": ["sh"]}), ["spec.flow", "exactly one of"]),
    (changed("spec", "flow", to={"parameters": {}}), ["spec.flow", "exactly one of"]),
    (changed("spec", "flow", "files", to={}), ["spec.flow.files", "give configMapRef, sources or both"]),
    (
        changed("spec", "flow", "files", to={"sources": []}),
        ["spec.flow.files.sources", "should have at least 1 items"],
    ),
    (
        changed("spec", "flow", "files", to={"sources": [{"archive": True}]}),
        ["spec.flow.files.sources[0]", "give either configMapRef or secretRef"],
    ),
    (
        changed(
            "spec",
            "flow",
            "files",
            to={"sources": [{"configMapRef": {"name": "a"}, "secretRef": {"name": "b"}}]},
        ),
        ["spec.flow.files.sources[0]", "give either configMapRef or secretRef"],
    ),
    (
        changed("spec", "flow", "files", to={"sources": [{"secretRef": {"name": "s"}}] * 33}),
        ["spec.flow.files.sources", "must have at most 32 items"],
    ),
    (changed("spec", "image", to=None), ["spec.image", "is missing"]),
    (changed("spec", "flow", to=None), ["spec.flow", "Required value"]),
    (
        changed("spec", "runner", "resources", "limits", to={"memory": "4GB"}),
        ["spec.runner.resources.limits", '"4GB" is not a Kubernetes quantity', "4Gi"],
    ),
    (
        changed("spec", "cluster", "workers", "resources", "requests", to={"cpu": "two"}),
        ["spec.cluster.workers.resources.requests", '"two" is not a Kubernetes quantity'],
    ),
    (
        changed("spec", "cluster", "scheduler", "resources", "limits", to={"memory": "512m"}),
        ["spec.cluster.scheduler.resources.limits", 'memory "512m" is less than 1Mi', "512Mi"],
    ),
    (
        changed("spec", "cluster", "workers", "resources", "requests", to={"memory": 512}),
        ["spec.cluster.workers.resources.requests", 'memory "512" is less than 1Mi'],
    ),
    (
        changed("spec", "cluster", "workers", "scratch", "sizeLimit", to="100m"),
        ["spec.cluster.workers.scratch.sizeLimit", '"100m" is less than 1Mi'],
    ),
    (
        changed("spec", "runner", "resources", "limits", to={"cpu": "-1"}),
        ["spec.runner.resources.limits", '"-1" is below zero'],
    ),
    (
        changed("spec", "runner", "resources", "limits", to={"cpu": "1e999"}),
        ["spec.runner.resources.limits", '"1e999" is not a Kubernetes quantity'],
    ),
    (
        changed("spec", "deadlines", "active", to="9999999999d"),
        ["spec.deadlines.active", '"9999999999d" is not a duration'],
    ),
    (
        changed("spec", "deadlines", "active", to="90 minutes"),
        ["spec.deadlines.active", '"90 minutes" is not a duration', "10m"],
    ),
    (
        changed("spec", "quietHours", to={"start": "8:00", "end": "18:00"}),
        ["spec.quietHours.start", '"8:00" is no time of the day', "08:00"],
    ),
    (
        changed("spec", "quietHours", to={"start": "24:00", "end": "08:00"}),
        ["spec.quietHours.start", '"24:00" is no time of the day'],
    ),
    (
        changed("spec", "quietHours", to={"start": "22:00:00", "end": " 06:00"}),
        ["spec.quietHours.start", '"22:00:00" is no time of the day', '" 06:00" is no time of the day'],
    ),
    (
        changed("spec", "quietHours", to={"start": "08:00", "end": "18:00", "days": []}),
        ["spec.quietHours.days", "names no day; name at least one, or leave days out"],
    ),
    (changed("spec", "quietHours", to={"start": "08:00"}), ["spec.quietHours.end", "Required value"]),
    (
        changed("spec", "quietHours", to={"start": "08:00", "end": "08:00"}),
        ["spec.quietHours", "start and end are the same time of the day"],
    ),
    (
        changed("spec", "quietHours", to={"start": "00:00", "end": "24:00"}),
        ["spec.quietHours", "no attempt would ever begin", "spec.suspend"],
    ),
    (
        changed("spec", "quietHours", to={"start": "08:00", "end": "18:00", "days": ["Monday"]}),
        ["spec.quietHours.days[0]", '"Monday"', '"Mon"'],
    ),
    (
        changed("spec", "quietHours", to={"start": "08:00", "end": "18:00", "days": ["Mon", "Mon"]}),
        ["spec.quietHours.days", "Duplicate value"],
    ),
    (changed("metadata", "name", to="n" * 51), ["n" * 51, "metadata.name is too long", "at most 50"]),
    (changed("metadata", "name", to="a.b"), ["a.b", "metadata.name has a dot"]),
    (changed("spec", "flow", "entrypoint", to="flows.etl"), ["spec.flow.entrypoint", "module:attr"]),
    (
        changed("spec", "security", "networkPolicy", "clients", to=[{}]),
        ["spec.security.networkPolicy.clients[0]", "give podSelector, namespaceSelector or both"],
    ),
    (
        changed("spec", "security", "tls", to={"mode": "Secret"}),
        ["spec.security.tls", "give secretName with mode: Secret"],
    ),
    (
        changed("spec", "security", "runAsUser", to="root"),
        ["spec.security.runAsUser", "give the number of a user (1 or more), or Image"],
    ),
    (changed("spec", "cluster", "config", to=["a"]), ["spec.cluster.config"]),
    (changed("spec", "template", to={"spec": {"volumes": {}}}), ["spec.template.spec.volumes"]),
    (changed("spec", "worker", to={}), ["unknown field", "spec.worker"]),
    (
        changed(
            "spec",
            to={
                "image": "a",
                "flow": {"script": "1"},
                "schedulerAddress": "tcp://a:1",
                "report": {"to": "/a"},
            },
        ),
        ["spec", "report.to is kept by daskflow's own scheduler", "remove one"],
    ),
    (changed("spec", "cluster", "image", to="other"), ["unknown field", "spec.cluster.image"]),
    (changed("spec", "cluster", "workers", "replicas", to=-1), ["spec.cluster.workers.replicas", "0"]),
    (changed("spec", "env", to=[{"name": "A"}, {"name": "A"}]), ["spec.env", "Duplicate value"]),
]


@pytest.mark.parametrize(("manifest", "says"), CASES, ids=[" ".join(case[1])[:60] for case in CASES])
@pytest.mark.parametrize("server_side", [False, True], ids=["kubectl", "server-side"])
def test_refused(kube: Kube, manifest: dict[str, Any], says: list[str], server_side: bool) -> None:
    if server_side:
        import yaml

        text = yaml.safe_dump(manifest)
        answer = kubectl("apply", "--server-side", "-n", kube.namespace, "-f", "-", text=text)
        # Server-side apply calls an unknown field "field not declared in schema".
        says = [word for word in says if word != "unknown field"]
        says = [".worker" if word == "spec.worker" else word for word in says]
        says = [".image" if word == "spec.cluster.image" else word for word in says]
        says = ["duplicate" if word == "Duplicate value" else word for word in says]
    else:
        answer = apply(kube, manifest)
    assert answer.returncode != 0
    for word in says:
        assert word in answer.stderr


def test_a_good_one_is_taken_and_explained(kube: Kube) -> None:
    answer = apply(kube, RUN)
    assert answer.returncode == 0, answer.stderr
    explained = kubectl("explain", "flowrun.spec.retries.limit").stdout
    assert "Further attempts after a failure of the flow" in explained


def test_an_object_without_status_is_not_taken_for_current(kube: Kube) -> None:
    made = kube.create(RUN)
    assert made["status"] == {"observedGeneration": -1}
