"""This machine, and as much of a manifest's cluster as fits on it."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from daskflow.api.daskcluster import ClusterSpec
from daskflow.api.wording import counted
from daskflow.api.workers import DEFAULT_GROUP, Workers


@dataclass(frozen=True)
class Machine:
    """What processes may use here; `memory` in bytes."""

    cores: int
    memory: int


@dataclass(frozen=True)
class Group:
    """Workers that are alike; `memory` in bytes a worker, 0: no limit."""

    name: str
    count: int
    threads: int
    memory: int
    spec: Workers


def this_machine(cgroup: Path = Path("/sys/fs/cgroup")) -> Machine:
    """Cores and memory of the machine, or of the container that this is."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    quota, _, period = _read(cgroup / "cpu.max").partition(" ")
    if quota.isdigit():
        cores = min(cores, math.ceil(int(quota) / int(period or 100_000)))
    limit = _read(cgroup / "memory.max")
    if limit.isdigit():
        memory = min(memory, int(limit))
    return Machine(max(cores, 1), memory)


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def wanted(cluster: ClusterSpec) -> list[Group]:
    """The groups of workers that the manifest asks for; autoscaled ones at their most."""
    groups = [
        Group(
            name,
            spec.autoscale.maximum if spec.autoscale else spec.count,
            spec.thread_count,
            spec.memory,
            spec,
        )
        for name, spec in cluster.groups.items()
    ]
    return [group for group in groups if group.count]


def cut(groups: Sequence[Group], machine: Machine) -> list[Group]:
    """Groups that fit: fewer threads first, then fewer workers, then less memory.

    Several processes find what one hides (what cannot be pickled, what is not importable), so they go last.
    """
    total = sum(group.count for group in groups)
    if not total:
        return []
    counts = [max(1, group.count * machine.cores // max(total, machine.cores)) for group in groups]
    share = max(1, machine.cores // sum(counts))
    fitting = [
        replace(group, count=count, threads=min(group.threads, share))
        for group, count in zip(groups, counts, strict=True)
    ]
    asked = sum(group.count * group.memory for group in fitting)
    if asked > machine.memory:
        fitting = [
            replace(group, memory=group.memory * machine.memory // asked) if group.memory else group
            for group in fitting
        ]
    return fitting


def differences(before: Sequence[Group], after: Sequence[Group], machine: Machine) -> list[str]:
    """A line for each group that was cut."""
    lines = []
    for old, new in zip(before, after, strict=True):
        if (old.count, old.threads, old.memory) == (new.count, new.threads, new.memory):
            continue
        where = "spec.cluster.workers" if old.name == DEFAULT_GROUP else f"worker group {old.name}"
        lines.append(
            f"{where}: {_words(new)} instead of {_words(old)}, as this machine has "
            f"{counted(machine.cores, 'core')} and {machine.memory / 2**30:.1f} GiB"
        )
    return lines


def _words(group: Group) -> str:
    memory = f" and {group.memory / 2**30:.2g} GiB" if group.memory else ""
    return f"{group.count} with {counted(group.threads, 'thread')}{memory}"
