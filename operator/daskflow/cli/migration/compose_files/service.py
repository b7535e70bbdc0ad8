"""A compose file's service as a component: all but its command."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from daskflow.api.names import RUNNER, SCHEDULER, WORKER
from daskflow.api.workers import DEFAULT_GROUP
from daskflow.cli.migration import pods
from daskflow.cli.migration.component import Component
from daskflow.cli.migration.compose_files import mounts
from daskflow.cli.migration.compose_files.interpolation import variables_of
from daskflow.cli.migration.conversions import amount, count, docker_memory, duration, read, text
from daskflow.cli.migration.draft import Put
from daskflow.cli.migration.leaves import Node
from daskflow.cli.migration.options import Options

_OURS = {
    "container_name": "since pods have names of their own",
    "hostname": "since pods find each other by the scheduler's Service",
    "depends_on": "since all pods start at once, and wait for each other",
    "healthcheck": "since the operator has probes of its own",
    "networks": "since only the cluster's own pods may connect",
    "expose": "since the operator knows its own ports",
    "links": "since pods find each other by the scheduler's Service",
    "init": "since the runtime reaps processes",
    "tty": "since nobody types there",
    "stdin_open": "since nobody types there",
    "logging": "since Kubernetes keeps the logs",
}
_LOST = {
    "extends": "which is another file's, or not there; put what that service has into this file",
    "build": "but pods take an image that is built; build and push it, and give its name",
    "network_mode": "but pods have their own network; leave it out",
    "labels": "but Kubernetes' labels are stricter; put them into template.metadata.labels or annotations",
    "profiles": "but all of the file is taken; leave out what is not wanted",
    "platform": "which nodes say in Kubernetes; put kubernetes.io/arch into template.spec.nodeSelector",
    "privileged": "but no container of ours is; leave it out",
    "secrets": "but files of Secrets are volumes; put them into template.spec.volumes",
    "gpus": "which Kubernetes counts by name; put for example nvidia.com/gpu into resources.limits",
    "runtime": "which is a runtimeClassName in Kubernetes; put one into template.spec if nodes need it",
    "cap_add": "but no container of ours has more rights than a user; leave it out",
    "ulimits": "which nodes set in Kubernetes; leave it out",
    "extra_hosts": "which are hostAliases in Kubernetes; put them into template.spec",
    "dns": "which is dnsConfig in Kubernetes; put it into template.spec",
    "configs": "but files of ConfigMaps are volumes; put them into template.spec.volumes",
}
_PULL = {"always": "Always", "missing": "IfNotPresent", "if_not_present": "IfNotPresent", "never": "Never"}


def component_of(kind: str, service: Node, options: Options, group: str = DEFAULT_GROUP) -> Component:
    """All of a service but what it runs."""
    made = Component(kind, group)
    replicas = service.get("deploy", "replicas")
    replicas = replicas if replicas.there else service.get("scale")
    if kind == WORKER:
        number = read(replicas, f"{made.field}.replicas", count)
        made.put(("replicas",), 1 if number is None else number, *([] if number is None else [replicas]))
    elif replicas.value == 1:
        replicas.ours("which is so anyway")
    else:
        replicas.lose(f"but there is one {kind}")
    for name, node in service.entries():
        if name in _OURS:
            node.ours(_OURS[name])
        elif name in _LOST:
            node.lose(_LOST[name])
        elif handler := _HANDLERS.get(name):
            handler(made, node)
        elif name == "env_file":
            _env_file(made, node, options)
    _environment(made, service.get("environment"), options)
    return made


def _image(made: Component, node: Node) -> None:
    if (value := read(node, "image", text)) is not None:
        made.share("image", value, node)


def _pull_policy(made: Component, node: Node) -> None:
    if node.value in _PULL:
        made.share("imagePullPolicy", _PULL[node.value], node)
    else:
        node.lose("which Kubernetes does not have; write imagePullPolicy by hand")


def _environment(made: Component, environment: Node, options: Options) -> None:
    pairs = [(name, node) for name, node in environment.entries()]
    for item in environment.items():
        name, equals, value = str(item.value).partition("=")
        if not name:
            item.lose("which names no variable; leave it out")
        elif equals:
            made.variable(name, {"name": name, "value": value}, item)
        else:
            pairs.append((name, item))
    for name, node in pairs:
        inherited = node.value is None or (isinstance(node.value, str) and not isinstance(node.path[-1], str))
        if inherited:
            _inherited(made, name, node, options)
        elif (given := read(node, f"the variable {name}", text)) is not None:
            made.variable(name, {"name": name, "value": given}, node)


def _inherited(made: Component, name: str, node: Node, options: Options) -> None:
    """A variable without a value is the shell's."""
    if name in options.variables:
        made.variable(name, {"name": name, "value": options.variables[name]}, node)
    elif node.there:
        node.lose("which is not set here; set it, or write its value")
    else:
        node.book.say(f"{node.field} has no value, and is not set here; set it, or write its value")


def _env_file(made: Component, node: Node, options: Options) -> None:
    paths = node.items() if isinstance(node.value, list) else [node]
    for item in paths:
        path = item.get("path") if isinstance(item.value, Mapping) else item
        found = options.read_file(path.value) if isinstance(path.value, str) else None
        if found is None:
            item.lose("which cannot be read here; put its variables into environment")
            continue
        item.take()
        for name, value in variables_of(found).items():
            made.variable(name, {"name": name, "value": value}, item)


def _deploy(made: Component, node: Node) -> None:
    for kind, ours in (("limits", "limits"), ("reservations", "requests")):
        for name, each in node.get("resources", kind).entries():
            if name == "cpus":
                _amount(made, ours, "cpu", each, amount)
            elif name == "memory":
                _amount(made, ours, "memory", each, docker_memory)
            elif name == "devices":
                for item in each.items():
                    _device(made, item)
    node.get("restart_policy").ours("since the operator makes lost pods anew; for a flow there is retries")
    for name in ("mode", "update_config", "rollback_config", "endpoint_mode"):
        node.get(name).ours("since pods of a cluster are not rolled")
    node.get("labels").lose(_LOST["labels"])
    node.get("placement").lose("which Kubernetes says by template.spec.nodeSelector or affinity; write that")


def _amount(made: Component, kind: str, name: str, node: Node, convert: Callable[[Any], Any]) -> None:
    value = read(node, f"{made.field}.resources.{kind}.{name}", convert)
    if value is not None:
        made.put(("resources", kind, name), value, node)


def _device(made: Component, item: Node) -> None:
    capabilities = item.get("capabilities").peek() or []
    number = item.get("count").value
    if "gpu" in capabilities and isinstance(number, int):
        made.put(("resources", "limits", "nvidia.com/gpu"), number, item)
    else:
        item.lose("which Kubernetes counts by name; put for example nvidia.com/gpu into resources.limits")


def _limit(made: Component, node: Node) -> None:
    _amount(made, "limits", "memory", node, docker_memory)


def _reservation(made: Component, node: Node) -> None:
    _amount(made, "requests", "memory", node, docker_memory)


def _cpus(made: Component, node: Node) -> None:
    _amount(made, "limits", "cpu", node, amount)


def _ports(made: Component, node: Node) -> None:
    for item in node.items():
        target = item.get("target").value if isinstance(item.value, Mapping) else item.value
        port = re.split(r"[:/]", str(target).removesuffix("/tcp"))[-1]
        if made.kind == SCHEDULER and port == "8786":
            item.ours("since the scheduler is reached at port 8786 of its Service")
        elif made.kind == SCHEDULER and port == "8787":
            made.dashboard(True, item)
        else:
            item.lose("but no port of a pod is published; use kubectl port-forward, or a Service of your own")


def _restart(made: Component, node: Node) -> None:
    word, _, limit = str(node.value).partition(":")
    if made.kind != RUNNER:
        node.ours("since the operator makes lost pods anew")
    elif word == "no":
        node.ours("as is the case unless retries.limit is set")
    elif word == "on-failure":
        made.run.append(Put(("retries", "limit"), int(limit) if limit.isdigit() else pods.RESTARTS, (node,)))
    else:
        node.lose("but a run ends with its flow; for a flow on a clock make a FlowSchedule")


def _grace(made: Component, node: Node) -> None:
    place = {RUNNER: "cancelGracePeriod", WORKER: "drainTimeout"}.get(made.kind)
    if place is None:
        node.ours("since a scheduler has nothing to finish")
    elif (value := read(node, place, duration)) is not None:
        (made.run if made.kind == RUNNER else made.puts).append(Put((place,), value, (node,)))


def _user(made: Component, node: Node) -> None:
    user, _, group = str(node.value).partition(":")
    if user.isdigit() and (not group or group.isdigit()):
        made.in_container(("securityContext", "runAsUser"), int(user), node)
        if group:
            made.in_container(("securityContext", "runAsGroup"), int(group), node)
    else:
        node.lose("but Kubernetes knows users by number; write security.runAsUser")


def _folder(made: Component, node: Node) -> None:
    if (value := read(node, "workingDir of the container", text)) is not None:
        made.in_container(("workingDir",), value, node)


_HANDLERS: Mapping[str, Callable[[Component, Node], None]] = {
    "image": _image,
    "pull_policy": _pull_policy,
    "deploy": _deploy,
    "mem_limit": _limit,
    "mem_reservation": _reservation,
    "cpus": _cpus,
    "ports": _ports,
    "restart": _restart,
    "stop_grace_period": _grace,
    "user": _user,
    "working_dir": _folder,
    "volumes": mounts.carry_volumes,
    "tmpfs": mounts.carry_tmpfs,
    "shm_size": mounts.carry_shared_memory,
}
