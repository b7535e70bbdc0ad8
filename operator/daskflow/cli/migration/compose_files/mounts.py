"""What a compose file's service mounts, as volumes of a pod."""

from collections.abc import Mapping
from typing import Any

from daskflow.cli.migration.component import Component
from daskflow.cli.migration.conversions import docker_memory, name, read
from daskflow.cli.migration.draft import END
from daskflow.cli.migration.leaves import Node
from daskflow.manifests.common_pod import SCRATCH

_BIND = (
    "which is a folder of the machine; put what is in it into the image, a ConfigMap (spec.flow.files) or "
    "storage that pods can mount"
)
_SHARED_MEMORY = "/dev/shm"


def carry_volumes(component: Component, node: Node) -> None:
    """`name:/path`, `/path`, `./folder:/path`, and the long form of these."""
    for item in node.items():
        kind, source, target, read_only = _parts(item)
        if kind == "bind":
            item.lose(_BIND)
        elif not target:
            item.lose("which names no path; write a volume by hand into template.spec.volumes")
        elif kind == "tmpfs":
            size = item.get("tmpfs", "size")
            bound = read(size, "sizeLimit of the volume", docker_memory)
            memory = {"medium": "Memory", **({"sizeLimit": bound} if bound is not None else {})}
            mount(component, _volume_name(target), {"emptyDir": memory}, target, read_only, item)
            item.get("tmpfs", "mode").lose("but folders of pods have no mode; see fsGroup in template.spec")
        elif not source:
            mount(component, _volume_name(target), {"emptyDir": {}}, target, False, item)
        else:
            claim = name(source, 63) or "data"
            volume = {"persistentVolumeClaim": {"claimName": claim}}
            mount(component, claim, volume, target, read_only, item)
            item.book.say(
                f"the volume {source} is a PersistentVolumeClaim {claim}, which has to be there, for several "
                "pods ReadWriteMany; make it, or take the volume out of the result"
            )


def _parts(item: Node) -> tuple[str, str, str, bool]:
    """Kind (bind, volume, tmpfs), source, target, and whether it is read-only."""
    if isinstance(item.value, Mapping):
        given = {key: str(value) for key, value in item.peek().items() if not isinstance(value, dict)}
        read_only = given.get("read_only", "") == "True"
        return given.get("type", "volume"), given.get("source", ""), given.get("target", ""), read_only
    source, _, rest = str(item.value).rpartition(":")
    mode = ""
    if source and not rest.startswith("/"):
        mode, (source, _, rest) = rest, source.rpartition(":")
    kind = "bind" if source.startswith((".", "/", "~")) else "volume"
    return kind, source, rest if rest.startswith("/") else "", "ro" in mode.split(",")


def carry_tmpfs(component: Component, node: Node) -> None:
    """Folders in memory."""
    for item in node.items() if isinstance(node.value, list) else [node]:
        target, _, options = str(item.value).partition(":")
        if target == SCRATCH:
            item.ours(f"since {SCRATCH} is a volume of the pod's own")
        elif target.startswith("/"):
            if options:
                item.part(options, "but such options have no counterpart; see template.spec.volumes")
            mount(component, _volume_name(target), {"emptyDir": {"medium": "Memory"}}, target, False, item)


def carry_shared_memory(component: Component, node: Node) -> None:
    """`/dev/shm` of this size."""
    if (size := read(node, "a volume at /dev/shm", docker_memory)) is not None:
        volume = {"emptyDir": {"medium": "Memory", "sizeLimit": size}}
        mount(component, "shm", volume, _SHARED_MEMORY, False, node)


def mount(
    component: Component, called: str, volume: Mapping[str, Any], target: str, read_only: bool, node: Node
) -> None:
    """A volume of the pod, and where its container has it."""
    component.mounts.append(target)
    mounted = {"name": called, "mountPath": target, **({"readOnly": True} if read_only else {})}
    component.in_container(("volumeMounts", END), mounted, node)
    if not any(
        put.value.get("name") == called for put in component.pod if put.place == ("spec", "volumes", END)
    ):
        component.in_pod(("spec", "volumes", END), {"name": called, **volume}, node)


def _volume_name(target: str) -> str:
    return f"at-{name(target, 60)}".rstrip("-")
