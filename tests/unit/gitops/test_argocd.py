"""The health scripts for Argo CD, run by a real Lua, and the page that installs them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from daskflow.api.names import GROUP
from lupa.lua51 import LuaRuntime

from tests.unit.gitops.lives import DASK_CLUSTERS, FLOW_RUNS, Resource

DOCS = Path(__file__).parents[3] / "docs"
SCRIPTS = {
    kind: DOCS / "gitops" / f"{kind.lower()}.lua" for kind in ("FlowRun", "DaskCluster", "FlowSchedule")
}

RUNS = {
    "fresh": "Progressing",
    "Pending": "Progressing",
    "Starting": "Progressing",
    "Starting, image not found yet": "Progressing",
    "Running": "Progressing",
    "Running, spec changed": "Progressing",
    "Running, change seen": "Progressing",
    "Running, asked to end": "Progressing",
    "Retrying": "Progressing",
    "Suspended": "Suspended",
    "Suspended, in an attempt": "Suspended",
    "Succeeded": "Healthy",
    "Succeeded, spec changed": "Progressing",
    "Succeeded, change seen": "Healthy",
    "Failed": "Degraded",
    "Failed, change seen": "Degraded",
    "Failed, spec not understood": "Degraded",
    "Cancelled": "Degraded",
    "Cancelled, wish taken back": "Degraded",
}

CLUSTERS = {
    "fresh": "Progressing",
    "Pending": "Progressing",
    "Starting": "Progressing",
    "Ready": "Healthy",
    "Ready, spec changed": "Progressing",
    "Ready, change seen": "Healthy",
    "Degraded, new worker on its way": "Progressing",
    "Degraded, workers failing": "Degraded",
    "Stopping": "Progressing",
    "Suspended": "Suspended",
    "Suspended, resumed": "Progressing",
    "Stopped": "Healthy",
    "Stopped, idle for too long": "Healthy",
    "Stopped, change seen": "Healthy",
    "Failed": "Degraded",
    "Failed, change seen": "Degraded",
}


def health(resource: Resource) -> dict[str, Any]:
    """What Argo CD learns: Lua 5.1, with the object in `obj` and the libraries it opens for such scripts."""
    lua = LuaRuntime(register_eval=False, register_builtins=False)
    lua.execute('getmetatable("").__index = nil; string, math, io, debug, coroutine = nil')
    lua.globals().obj = lua.table_from(resource, recursive=True)
    return dict(lua.execute(SCRIPTS[resource["kind"]].read_text()))


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        *(pytest.param(FLOW_RUNS[name], want, id=f"FlowRun {name}") for name, want in RUNS.items()),
        *(
            pytest.param(
                DASK_CLUSTERS[name],
                want,
                id=f"DaskCluster {name}",
            )
            for name, want in CLUSTERS.items()
        ),
    ],
)
def test_health(resource: Resource, expected: str) -> None:
    assert health(resource)["status"] == expected


def test_every_object_is_tried() -> None:
    assert set(RUNS) == set(FLOW_RUNS)
    assert set(CLUSTERS) == set(DASK_CLUSTERS)


@pytest.mark.parametrize("name", ["Failed", "Suspended", "Running, asked to end"])
def test_the_message_is_the_status_own(name: str) -> None:
    assert health(FLOW_RUNS[name])["message"] == FLOW_RUNS[name]["status"]["message"]


@pytest.mark.parametrize("fresh", [FLOW_RUNS["fresh"], DASK_CLUSTERS["fresh"]])
def test_an_object_nobody_has_seen_says_so(fresh: Resource) -> None:
    for resource in (fresh, {key: value for key, value in fresh.items() if key != "status"}):
        assert health(resource) == {
            "status": "Progressing",
            "message": "The operator has not seen this spec yet.",
        }


def test_the_page_shows_the_scripts_as_they_are() -> None:
    page = (DOCS / "gitops.md").read_text()
    blocks = [yaml.safe_load(text) for text in re.findall(r"^```yml\n(.*?)^```", page, re.M | re.S)]
    (shown,) = (block["data"] for block in blocks if block.get("kind") == "ConfigMap")
    key = f"resource.customizations.health.{GROUP}_"
    assert shown == {key + kind: path.read_text() for kind, path in SCRIPTS.items()}
    for kind, path in SCRIPTS.items():
        assert f"--from-file={key}{kind}={path.relative_to(DOCS.parent)}" in page
