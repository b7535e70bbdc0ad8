"""`coiled.Cluster(…)`: what is said of containers; machines are not ours to choose."""

from collections.abc import Mapping
from typing import Any

from daskflow.api.names import SCHEDULER, WORKER
from daskflow.cli.migration import scaling
from daskflow.cli.migration.component import Component, combine
from daskflow.cli.migration.conversions import amount, count, duration, memory, read, text
from daskflow.cli.migration.draft import END, Draft
from daskflow.cli.migration.leaves import Node

NAMES = ("name",)
_CLIENTS = (
    "asynchronous",
    "cloud",
    "account",
    "workspace",
    "shutdown_on_close",
    "show_widget",
    "custom_widget",
    "configure_logging",
    "private_to_creator",
    "send_dask_config",
    "pause_on_exit",
    "batch_job_ids",
    "batch_job_container",
)
_MACHINES = (
    "worker_vm_types",
    "scheduler_vm_types",
    "worker_gpu_type",
    "region",
    "use_best_zone",
    "allow_cross_zone",
    "spot_policy",
    "compute_purchase_option",
    "backend_options",
    "arm",
    "worker_disk_throughput",
    "worker_disk_config",
    "scheduler_disk_size",
    "scheduler_disk_config",
    "host_setup_script",
    "tags",
    "extra_worker_on_scheduler",
    "skip_ssd_mount",
    "capacity_retry_timeout",
)
_NETWORK = (
    "use_scheduler_public_ip",
    "use_dashboard_https",
    "dashboard_custom_subdomain",
    "scheduler_port",
    "allow_ssh_from",
    "allow_ssh",
    "allow_spark",
    "open_extra_ports",
)
_WHY_CLIENTS = "which is the client's own; daskflow.Cluster has arguments of its own: docs/clients.md"
_WHY_MACHINES = (
    "which is about machines; choose nodes by nodeSelector, tolerations and affinity in spec.template"
)
_WHY_NETWORK = "but pods are reached by their Service; use daskflow connect, or kubectl port-forward"
_WHY_PACKAGES = "but pods take an image; build one that has your packages, and give its name"
_WHY_CREDENTIALS = "but pods have the rights of their service account; give serviceAccountName"
_LOST: Mapping[str, str] = {
    **dict.fromkeys(_MACHINES, _WHY_MACHINES),
    **dict.fromkeys(_NETWORK, _WHY_NETWORK),
    "software": _WHY_PACKAGES,
    "ignore_container_entrypoint": "but an image's own entrypoint is never run",
    "credentials": _WHY_CREDENTIALS,
    "credentials_duration_seconds": _WHY_CREDENTIALS,
    "allow_ingress_from": "but pods of the namespace may connect; see security.networkPolicy.clients",
    "jupyter": "which opens a shell to whoever reaches the scheduler; run a notebook in a pod of its own",
    "mount_bucket": "which is a volume in Kubernetes; put one into spec.template",
    "filestores_to_attach": "which is a volume in Kubernetes; put one into spec.template",
    "worker_sidecars": "which are containers of workers.template; write them there",
    "scheduler_sidecars": "which are containers of scheduler.template; write them there",
    "worker_class": "which is an option of workers; put --worker-class into workers.args",
    "scheduler_gpu": "which is scheduler.resources.limits of nvidia.com/gpu; write it there",
}
_OURS: Mapping[str, str] = {
    **dict.fromkeys(_CLIENTS, _WHY_CLIENTS),
    "unset_single_threading_variables": "since such variables are left as they are",
    "timeout": "since the client waits as long as it likes: start_timeout of daskflow.Cluster",
}


def carry(draft: Draft, call: Node, image: str | None, *, runner: Component | None = None) -> None:
    """All arguments of a call into a draft."""
    scheduler, workers = Component(SCHEDULER), Component(WORKER)
    for component in (scheduler, workers):
        container = call.get("container")
        if (value := read(container, "image", text)) is not None:
            component.share("image", value, container)
        for name, node in call.get("environ").entries():
            if (value := read(node, f"the variable {name}", text)) is not None:
                component.variable(name, {"name": name, "value": value}, node)
        _size(component, call)
    _number(workers, call)
    _options(workers, call.get("worker_options"))
    for name, place in (("idle_timeout", "idleTimeout"), ("no_client_timeout", "noClientTimeout")):
        node = call.get(name)
        if (span := read(node, place, duration)) is not None:
            scheduler.of_cluster((place,), span, node)
    bound = call.get("cluster_timeout")
    if runner is not None and (span := read(bound, "deadlines.active", duration)) is not None:
        draft.put(("deadlines", "active"), span, bound)
    elif runner is None:
        bound.lose("but a cluster by itself has no end; delete it, or give idleTimeout")
    disk = call.get("worker_disk_size")
    size = disk.value if not isinstance(disk.value, int) else f"{disk.value}GiB"
    if disk.there and (limit := read(disk, "workers.scratch.sizeLimit", lambda _: memory(size))) is not None:
        workers.put(("scratch", "sizeLimit"), limit, disk)
    scheduler.dashboard(True)
    _wait(workers, call.get("wait_for_workers"))
    for name, node in call.entries():
        if name in _OURS:
            node.ours(_OURS[name])
        elif name.startswith("package_sync") or name in _LOST:
            node.lose(_LOST.get(name, _WHY_PACKAGES))
    combine(draft, [*([runner] if runner else []), scheduler, workers], image)


def _size(component: Component, call: Node) -> None:
    """A machine's CPUs and memory as what the pod asks for; of a range the least."""
    cpu, size = call.get(f"{component.kind}_cpu"), call.get(f"{component.kind}_memory")
    for name, node, convert in (("cpu", cpu, amount), ("memory", size, memory)):
        least = node.items()[0] if node.items() else node
        for more in node.items()[1:]:
            more.lose("but a pod asks for one size; the least is taken")
        value: Any = read(least, f"{component.field}.resources", convert)
        if value is not None:
            component.put(("resources", "requests", name), value, least)
            if name == "memory":
                component.put(("resources", "limits", name), value, least)
    if component.kind == WORKER:
        gpu = call.get("worker_gpu")
        if gpu.value is False:
            gpu.ours("as is the case")
        elif (number := read(gpu, "workers.resources.limits of nvidia.com/gpu", int)) is not None:
            component.put(("resources", "limits", "nvidia.com/gpu"), number, gpu)


def _number(workers: Component, call: Node) -> None:
    given = call.get("n_workers")
    adapted, scaled = call.get("adapt"), call.get("scale", "n")
    bounds = given.items()
    if len(bounds) == 2:
        least, most = (read(each, "workers.autoscale", count) for each in bounds)
        if least is not None and most is not None:
            workers.put(("autoscale",), {"minimum": least, "maximum": most}, *bounds)
        return
    if scaled.there and given.there:
        given.ours("since scale(…) says another number")
    chosen = scaled if scaled.there else given
    number = read(chosen, "workers.replicas", count)
    if number is not None:
        workers.put(("replicas",), number, chosen)
    else:
        workers.put(("replicas",), _WORKERS)
    scaling.autoscale(workers, adapted)


_WORKERS = 4
"""What coiled.Cluster starts without n_workers."""


def _options(workers: Component, options: Node) -> None:
    threads, resources, nanny = options.get("nthreads"), options.get("resources"), options.get("nanny")
    if (number := read(threads, "workers.threads", count)) is not None:
        workers.put(("threads",), number, threads)
    for name, node in resources.entries():
        if isinstance(node.value, int | float):
            workers.put(("daskResources", name), node.value, node)
    if isinstance(nanny.value, bool):
        workers.put(("nanny",), nanny.value, nanny)
    for name in ("lifetime", "lifetime_stagger", "memory_limit"):
        if (option := read(options.get(name), "workers.args", text)) is not None:
            workers.put(("args", END), f"--{name.replace('_', '-')}", options.get(name))
            workers.put(("args", END), option, options.get(name))


def _wait(workers: Component, node: Node) -> None:
    if isinstance(node.value, int) and not isinstance(node.value, bool) and node.value > 0:
        workers.put(("required",), node.value, node)
    else:
        node.ours("since the client waits as long as it likes: wait_for_workers of daskflow.Cluster")
