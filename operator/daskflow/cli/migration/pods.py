"""A PodSpec as somebody wrote it for a pod of Dask, as the fields and the template of a component."""

from collections.abc import Mapping, Sequence
from typing import Any

from daskflow.api.names import LABEL_CLUSTER, LABEL_COMPONENT, LABEL_GROUP, RUNNER, WORKER
from daskflow.cli.migration import commands, dask_options
from daskflow.cli.migration.component import Component
from daskflow.cli.migration.conversions import amount, duration, read, text
from daskflow.cli.migration.draft import END, Put
from daskflow.cli.migration.leaves import Node
from daskflow.manifests.common_pod import OWN_VOLUMES

RESTARTS = 6
"""As often as Kubernetes tries a Job again by default (backoffLimit)."""
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_OF_OTHERS = "app.kubernetes.io/managed-by"


def carry_metadata(component: Component, metadata: Node) -> None:
    """Labels and annotations of the pods."""
    for kind in ("labels", "annotations"):
        for name, node in metadata.get(kind).entries():
            if foreign(name):
                node.ours("which another operator's pods have")
            elif (value := read(node, f"a {kind[:-1]} of the template", text)) is not None:
                component.in_pod(("metadata", kind, name), value, node)


def carry_pod(component: Component, spec: Node) -> None:
    """All of a PodSpec but the command of its container, which `main_container` has."""
    carry_fields(component, list(spec.entries()))
    if spec.get("serviceAccountName").there and not spec.get("automountServiceAccountToken").there:
        # Theirs has its token by itself, ours where a template asks for it.
        component.in_pod(("spec", "automountServiceAccountToken"), True)
    main = main_container(component.kind, spec)
    for item in spec.get("containers").items():
        if item.path != main.path:
            component.in_pod(("spec", "containers", END), _with_mounts(item.take()), item)
    carry_container(component, main)


def carry_fields(component: Component, fields: Sequence[tuple[str, Node]]) -> None:
    """Fields of a PodSpec beside its containers."""
    for name, node in fields:
        if handler := _FIELDS.get(name):
            handler(component, node)
        elif name in ("volumes", "initContainers"):
            for item in node.items():
                value = item.take()
                component.in_pod(
                    ("spec", name, END), renamed(value) if name == "volumes" else _with_mounts(value), item
                )
        elif name == "securityContext":
            for key, each in node.entries():
                component.in_pod(("spec", name, key), each.take(), each)
        elif name not in ("containers", "activeDeadlineSeconds", "volumeMounts"):
            component.in_pod(("spec", name), node.take(), node)
            if "dask.org/" in str(node.value) and name in ("affinity", "topologySpreadConstraints"):
                node.book.say(
                    f"{node.field} looks for labels of dask-kubernetes, which our pods have not; theirs are "
                    f"{LABEL_CLUSTER}, {LABEL_COMPONENT} and {LABEL_GROUP}"
                )


def main_container(kind: str, spec: Node) -> Node:
    """The container that is ours: the one called so, else the first."""
    items = spec.get("containers").items()
    named = [item for item in items if item.get("name").value == kind]
    return (named or items or [spec.get("containers", "0")])[0]


def carry_container(component: Component, container: Node) -> None:
    """What its container asks for, without what it runs."""
    for name, node in container.entries():
        if name == "name":
            node.hush() if node.value == component.kind else node.ours(
                f"since ours is called {component.kind}"
            )
        elif name == "image":
            if (image := read(node, "image", text)) is not None:
                component.share("image", image, node)
        elif name == "imagePullPolicy" or name == "envFrom":
            component.share(name, node.peek(), node)
        elif name == "env":
            for item in node.items():
                carry_variable(component, item)
        elif name == "resources":
            carry_resources(component, node)
        elif name == "ports":
            node.ours("since the operator knows its own ports")
        elif name in _PROBES:
            node.ours("since the operator has probes of its own")
        elif name == "volumeMounts":
            for item in node.items():
                component.mounts.append(str(item.get("mountPath").value))
                value = renamed(item.take())
                component.in_container(("volumeMounts", END), value, item)
        elif name == "securityContext":
            for key, each in node.entries():
                component.in_container((name, key), each.take(), each)
        elif name not in ("command", "args"):
            component.in_container((name,), node.take(), node)


def carry_variable(component: Component, item: Node) -> None:
    """One item of `env`: a name and a value, or where the value is."""
    name = item.get("name")
    variable: dict[str, Any] = {"name": name.value}
    if not isinstance(name.value, str):
        return
    for key, node in item.entries():
        if key == "value" and node.value is not None:
            variable["value"] = read(node, f"the variable {name.value}", text)
            if variable["value"] is None:
                name.hush()
                return
        elif key == "valueFrom":
            variable["valueFrom"] = node.peek()
        elif key not in ("name", "value"):
            node.lose()
    component.variable(name.value, variable, *_known(item, ("name", "value", "valueFrom")))


def _known(item: Node, names: tuple[str, ...]) -> list[Node]:
    return [item.get(name) for name in names if item.get(name).there]


def carry_resources(component: Component, resources: Node) -> None:
    """Requests and limits; sizes and counts as quantities."""
    for kind in ("requests", "limits"):
        for name, node in resources.get(kind).entries():
            value = read(node, f"{component.field}.resources.{kind}", amount)
            if value is not None:
                component.put(("resources", kind, name), value, node)
    for name, node in resources.entries():
        if name not in ("requests", "limits"):
            component.in_container(("resources", name), node.take(), node)


def carry_command(component: Component, container: Node) -> None:
    """What a scheduler's or worker's container runs."""
    carry_words(component, commands.words(container.get("command").items(), container.get("args").items()))


def carry_words(component: Component, found: Sequence[commands.Word]) -> None:
    """The same of the words of its command."""
    kind, _ = commands.program(found)
    if not found:
        return
    if kind != component.kind:
        why = f"but the pod's process is `dask {component.kind}`; do in the image what else it did"
        for word in found:
            if word.node.path not in word.node.book.named:
                word.node.lose(why)
        return
    dask_options.carry_command(component, found)


def _pull_secrets(component: Component, node: Node) -> None:
    component.share("imagePullSecrets", node.peek(), node)


def _restarts(component: Component, node: Node) -> None:
    if component.kind != RUNNER:
        node.ours("since the operator makes lost pods anew")
    elif node.value == "OnFailure":
        component.run.append(Put(("retries", "limit"), RESTARTS, ()))
        node.ours(f"which has no end; a failed flow is tried again {RESTARTS} times, see retries.limit")
    elif node.value == "Never":
        node.ours("as is the case unless retries.limit is set")
    else:
        node.lose("but a run ends with its flow; use retries")


def _grace(component: Component, node: Node) -> None:
    place = {RUNNER: "cancelGracePeriod", WORKER: "drainTimeout"}.get(component.kind)
    if place is None:
        node.lose("but a scheduler has nothing to finish")
    elif (value := read(node, place, duration)) is not None:
        if component.kind == RUNNER:
            component.run.append(Put((place,), value, (node,)))
        else:
            component.put((place,), value, node)


def _service_account(component: Component, node: Node) -> None:
    if (value := read(node, "serviceAccountName", text)) is not None:
        component.share("serviceAccountName", value, node)


def _priority(component: Component, node: Node) -> None:
    if (value := read(node, "priorityClassName", text)) is not None:
        component.share("priorityClassName", value, node)


_FIELDS: Mapping[str, Any] = {
    "imagePullSecrets": _pull_secrets,
    "serviceAccountName": _service_account,
    "serviceAccount": _service_account,
    "priorityClassName": _priority,
    "restartPolicy": _restarts,
    "terminationGracePeriodSeconds": _grace,
}


def renamed(item: Any) -> Any:
    """A volume or mount under another name where its name is the operator's."""
    if isinstance(item, dict) and item.get("name") in OWN_VOLUMES:
        return {**item, "name": f"own-{item['name']}"}
    return item


def _with_mounts(container: Any) -> Any:
    if isinstance(container, dict) and isinstance(mounts := container.get("volumeMounts"), list):
        return {**container, "volumeMounts": [renamed(mount) for mount in mounts]}
    return container


def foreign(name: str) -> bool:
    """Whether a label or annotation is not its user's."""
    return name.startswith(("dask.org/", "kopf.zalando.org/", "kubectl.kubernetes.io/")) or name == _OF_OTHERS
