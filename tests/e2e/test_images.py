"""Kinds of flows on images of all sorts, under Pod Security `restricted` and a read-only root file system.

While a row is waited for, the runs of the next rows are under way.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import locks
from tests.e2e.flows import flow_run
from tests.kube import Kube, namespace

HERE = Path(__file__).parent
FLOWS = "docker.io/local/daskflow-flows"
KINDS = [HERE / f"{name}.py" for name in ("kinds", "kinds_helper", "kinds_prefect1", "kinds_prefect3")]
AT_ONCE = 6
"""Runs of three pods each; more would wait for the processor."""
SECONDS = 180
"""For any row, while others run too."""


@dataclass(frozen=True)
class Row:
    """A run: what it does in which image, and what its status says in the end."""

    name: str
    image: str
    flow: dict[str, Any]
    result: Any = None
    reasons: tuple[str, ...] = ("",)
    """One of these, depending on which pod is first to say it."""
    says: tuple[str, ...] = ()
    """Words of the message, or of the failure."""


def kind(attribute: str, *, module: str = "kinds", **parameters: Any) -> dict[str, Any]:
    """A flow of kinds.py, or of another of these files."""
    return {
        "entrypoint": f"{module}.py:{attribute}",
        "files": {"configMapRef": {"name": "kinds"}},
        "parameters": parameters,
    }


def versions(python: str, image: str) -> dict[str, Any]:
    """What a flow finds in an image with this Python and what is locked for it."""
    (distributed,) = locks.pins(f"flows/{image}")["distributed"]
    return {"python": python, "distributed": distributed, "worker": True, "says": "hello"}


USUAL = versions("3.13", "dev")
WRITABLE = ["/tmp", "/tmp"]
"""HOME and TMPDIR, both on the scratch volume."""

COMMAND = """
import json, os
from distributed import Client
with Client() as client:
    assert client.submit(len, range(json.loads(os.environ["DASKFLOW_PARAMETERS"])["n"])).result() == 5
"""
SCRIPT = f"{COMMAND}\nresult = 5"

ROWS = (
    Row("oldest-function", "oldest", kind("versions", greeting="hello"), versions("3.9", "oldest")),
    Row("oldest-collection", "oldest", kind("sum_of_doubles"), 90),
    Row("oldest-coroutine", "oldest", kind("coroutine", n=5), 20),
    Row("awkward", "awkward", kind("versions", greeting="hello"), USUAL),
    Row("awkward-writes", "awkward", kind("writes"), WRITABLE),
    Row("root-user", "data", kind("versions", greeting="hello"), USUAL),
    Row(
        "bare",
        "bare",
        kind("function"),
        reasons=("ContainerCannotRun",),
        says=("distributed",),
    ),
    Row("function", "dev", kind("function"), 90),
    Row("coroutine", "dev", kind("coroutine"), 90),
    Row("delayed", "dev", kind("sum_of_doubles"), 90),
    Row("compute", "dev", kind("graph"), 90),
    Row("client-in-a-task", "dev", kind("client_in_a_task"), True),
    Row("command", "awkward", {"command": ["python3", "-c", COMMAND], "parameters": {"n": 5}}),
    Row("script", "oldest", {"script": SCRIPT, "parameters": {"n": 5}}, 5),
    Row(
        "prefect1-task",
        "prefect1",
        kind("flow", module="kinds_prefect1"),
        reasons=("FlowFailed",),
        says=("ZeroDivisionError", "failed tasks: divide[0]"),
    ),
    Row(
        "prefect3-task",
        "prefect3",
        kind("flow", module="kinds_prefect3", divisor=0),
        reasons=("FlowFailed",),
        says=("ZeroDivisionError", "division by zero"),
    ),
    Row(
        "prefect3-parameter",
        "prefect3",
        kind("flow", module="kinds_prefect3", divisor="many"),
        reasons=("ParametersInvalid",),
        says=("divisor", "valid integer"),
    ),
    Row(
        "unknown-parameter",
        "dev",
        kind("versions", greting="hello"),
        reasons=("ParametersInvalid",),
        says=("versions(greeting: str)", "unknown: greting", "missing: greeting"),
    ),
    Row(
        "worker-exception",
        "dev",
        kind("raises"),
        reasons=("FlowFailed",),
        says=("ZeroDivisionError", "division by zero", "kinds_helper.py"),
    ),
)


@pytest.fixture(scope="module")
def matrix(installed: None) -> Iterator[Kube]:
    """The namespace of all rows."""
    with namespace() as kube:
        data = {path.name: path.read_text() for path in KINDS}
        kube.create({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "kinds"}, "data": data})
        yield kube


def begin(kube: Kube, first: Row) -> None:
    """Have this row and the next ones under way."""
    index = ROWS.index(first)
    there = {run["metadata"]["name"] for run in kube.items("FlowRun")}
    for row in ROWS[index : index + AT_ONCE]:
        if row.name not in there:
            kube.create(flow_run(row.name, row.flow, image=f"{FLOWS}:{row.image}"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_row(matrix: Kube, row: Row) -> None:
    begin(matrix, row)
    status = matrix.ended(row.name, SECONDS)
    said = f"{status['message']} {status.get('failure')}"
    assert status["phase"] == ("Succeeded" if row.reasons == ("",) else "Failed"), said
    assert status["reason"] in row.reasons, said
    assert status.get("result") == row.result
    for words in row.says:
        assert words in said
