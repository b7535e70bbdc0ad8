"""A project's own files go along with a run: changed, run again, and gone with the last run."""

from pathlib import Path
from typing import Any

from daskflow.client.connection import Connection
from daskflow.client.sync import Run, submit

from tests.e2e.flows import IMAGE
from tests.kube import Kube

ETL = """
import os
from distributed import get_client
from project.parts import scale

def where(n):
    return [os.path.basename(os.getcwd()), open("data/n.txt").read(), scale(n)]

def flow(n):
    return [where(1), get_client().submit(where, n).result()]
"""


def _project(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "project").mkdir()
    (folder / "data" / "n.txt").write_text("here")
    (folder / "etl.py").write_text(ETL)
    (folder / "project" / "__init__.py").write_text("")


def _scale(folder: Path, factor: int) -> None:
    (folder / "project" / "parts.py").write_text(f"def scale(n):\n    return {factor} * n\n")


def _codes(kube: Kube) -> set[str]:
    return {each["metadata"]["name"] for each in kube.items("ConfigMap", "daskflow.dev/code")}


def test_changed_code_runs_without_an_image_and_goes_with_its_last_run(kube: Kube, tmp_path: Path) -> None:
    connection = Connection(namespace=kube.namespace)

    def run(n: int, **more: Any) -> Run:
        return submit(
            "etl.py:flow", image=IMAGE, workers=1, parameters={"n": n}, connection=connection, **more
        )

    _project(tmp_path)
    _scale(tmp_path, 2)
    first = run(3, code=tmp_path)
    second = run(4, code=tmp_path)
    (sent,) = _codes(kube)
    assert first.result(90) == [["daskflow-code", "here", 2], ["daskflow-code", "here", 6]]
    assert second.result(90) == [["daskflow-code", "here", 2], ["daskflow-code", "here", 8]]

    _scale(tmp_path, 10)
    changed = run(4, code=tmp_path)
    assert changed.result(90) == [["daskflow-code", "here", 10], ["daskflow-code", "here", 40]]
    (more,) = _codes(kube) - {sent}

    first.delete()
    kube.wait("the first run to be gone", lambda: kube.get("FlowRun", first.name) is None)
    again = second.retry(parameters={"n": 5})
    second.delete()
    kube.wait("the second run to be gone", lambda: kube.get("FlowRun", second.name) is None)
    assert again.result(90) == [["daskflow-code", "here", 2], ["daskflow-code", "here", 10]]
    assert _codes(kube) == {sent, more}
    again.delete()
    kube.wait("its code to go with the last run", lambda: _codes(kube) == {more})
