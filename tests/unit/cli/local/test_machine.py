"""How much of a manifest's cluster fits on a machine, and what is said of the rest."""

from pathlib import Path
from typing import Any

import pytest
from daskflow.api.daskcluster import ClusterSpec
from daskflow.cli.local.machine import Group, Machine, cut, differences, this_machine, wanted
from daskflow.cli.local.unused_fields import notes

GIB = 2**30


def groups(**spec: Any) -> list[Group]:
    return wanted(ClusterSpec.model_validate(spec))


@pytest.mark.parametrize(
    ("workers", "count"),
    [
        ({}, 2),
        ({"replicas": 5}, 5),
        ({"replicas": 5, "autoscale": {"maximum": 7}}, 7),
        ({"total": {"cores": 9}, "threads": 4}, 3),
        ({"total": {"memory": "10Gi"}, "resources": {"limits": {"memory": "4Gi"}}}, 3),
    ],
)
def test_as_many_workers_as_the_manifest_asks_for(workers: dict[str, Any], count: int) -> None:
    assert [group.count for group in groups(workers=workers)] == [count]


@pytest.mark.parametrize(
    ("cores", "asked", "expected"),
    [
        (8, {"replicas": 2, "threads": 2}, (2, 2)),
        (2, {"replicas": 2, "threads": 2}, (2, 1)),
        (2, {"replicas": 8, "threads": 4}, (2, 1)),
        (4, {"replicas": 1, "threads": 16}, (1, 4)),
        (1, {"replicas": 4, "threads": 1}, (1, 1)),
    ],
)
def test_threads_go_first_then_workers(cores: int, asked: dict[str, int], expected: tuple[int, int]) -> None:
    (group,) = cut(groups(workers=asked), Machine(cores, 64 * GIB))
    assert (group.count, group.threads) == expected


def test_each_group_keeps_a_worker() -> None:
    asked = groups(workers={"replicas": 10}, workerGroups=[{"name": "gpu", "replicas": 1}])
    assert [(each.name, each.count) for each in cut(asked, Machine(2, GIB))] == [("default", 1), ("gpu", 1)]


def test_memory_is_shared_and_what_has_no_limit_gets_none() -> None:
    limit = {"resources": {"limits": {"memory": "3Gi"}}}
    asked = groups(workers={"replicas": 2, **limit}, workerGroups=[{"name": "free", "replicas": 1}])
    fitting = cut(asked, Machine(8, 4 * GIB))
    assert [group.memory for group in fitting] == [2 * GIB, 0]
    (said,) = differences(asked, fitting, Machine(8, 4 * GIB))
    assert said == (
        "spec.cluster.workers: 2 with 1 thread and 2 GiB instead of 2 with 1 thread and 3 GiB, "
        "as this machine has 8 cores and 4.0 GiB"
    )


def test_no_workers_no_cluster() -> None:
    assert groups(workers={"replicas": 0}) == []
    assert cut([], Machine(2, GIB)) == []


def test_a_containers_own_limits_count(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    (tmp_path / "memory.max").write_text(f"{GIB}\n")
    assert this_machine(tmp_path) == Machine(1, GIB)
    (tmp_path / "cpu.max").write_text("max 100000\n")
    (tmp_path / "memory.max").write_text("max\n")
    assert this_machine(tmp_path) == this_machine(tmp_path / "nowhere")


def test_a_line_for_each_field_without_meaning() -> None:
    written = {
        "image": "flows:1",
        "flow": {"entrypoint": "a:b", "files": {"configMapRef": {"name": "x"}}},
        "env": [{"name": "A", "value": "1"}, {"name": "B", "valueFrom": {"secretKeyRef": {}}}],
        "retries": {"limit": 2},
        "deadlines": {"active": "1h"},
        "template": {"spec": {}},
        "quietHours": {"start": "08:00", "end": "18:00"},
        "runner": {"resources": {}, "forwardLogs": True},
        "cluster": {
            "idleTimeout": "1m",
            "workers": {
                "replicas": 2,
                "scratch": {},
                "resources": {"limits": {"memory": "1Gi", "nvidia.com/gpu": 1}},
            },
            "workerGroups": [{"name": "gpu", "replicas": 1, "template": {}}],
        },
    }
    lines = notes(written, python="python3", directory="/flows")
    assert lines == [
        "spec.image has no meaning here: the flow runs with python3 in /flows",
        "spec.retries has no meaning here: a flow that fails here is not tried again",
        "spec.template has no meaning here",
        "spec.quietHours has no meaning here",
        "spec.runner.resources has no meaning here",
        "spec.runner.forwardLogs has no meaning here: --logs shows what workers print",
        "spec.cluster.idleTimeout has no meaning here",
        "spec.cluster.workers.scratch has no meaning here",
        "spec.cluster.workers.resources.limits.nvidia.com/gpu has no meaning here",
        "spec.cluster.workerGroups.template has no meaning here",
        "spec.env B.valueFrom has no meaning here: set B in this shell",
    ]
