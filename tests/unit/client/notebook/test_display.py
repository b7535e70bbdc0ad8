"""In a real Jupyter kernel: a run is shown in its cell, and changes there while `wait` waits."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from daskflow.client.connection import Connection
from daskflow.client.notebook.display import in_notebook
from nbclient import NotebookClient

from tests.unit.client.api_in_memory import Api

CELLS = {
    "submit": """
import daskflow
connection = daskflow.Connection(kubeconfig={kubeconfig!r})
run = daskflow.submit("a.etl:flow", image="i", name="one", connection=connection)
run""",
    "wait": "run.wait(30).phase",
    "await": """
other = await daskflow.AsyncRun.submit("a.etl:flow", image="i", name="two", connection=connection)
await other.result(30)""",
}


def _outputs(cell: Any, kind: str) -> Iterator[dict[str, str]]:
    yield from (each["data"] for each in cell["outputs"] if each["output_type"] == kind)


@pytest.fixture
def notebook(connection: Connection) -> Any:
    kubeconfig = str(connection._kubeconfig)
    cells = [nbformat.v4.new_code_cell(each.format(kubeconfig=kubeconfig)) for each in CELLS.values()]
    return nbformat.v4.new_notebook(cells=cells)


async def test_a_cell_shows_a_run_and_keeps_up_with_it_while_it_waits(
    api: Api, notebook: Any, tmp_path: Path
) -> None:
    updates: list[str] = []

    class Watching(NotebookClient):
        def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
            if msg["msg_type"] in ("display_data", "update_display_data"):
                updates.append(msg["content"]["data"]["text/html"])
                if "<strong>Running</strong>" in updates[-1] and cell_index == 1:
                    ended.set()
            return super().process_message(msg, cell, cell_index)

    ended = asyncio.Event()
    client = Watching(
        notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    running = asyncio.create_task(client.async_execute())
    await api.made("one")
    await api.put("one", "Starting")
    await api.watched.wait()
    await api.put("one", "Running", progress={"done": 1, "total": 4})
    # Not before the cell has shown it.
    await asyncio.wait_for(ended.wait(), 30)
    await api.put("one", "Succeeded", result=7)
    await api.made("two")
    await api.put("two", "Succeeded", result=8)
    await running

    submitted, waited, awaited = notebook["cells"]
    (page,) = _outputs(submitted, "execute_result")
    assert page["text/plain"] == "<Run team/one: Pending>"
    assert 'class="daskflow-run"' in page["text/html"]
    (last,) = _outputs(waited, "display_data")
    assert "<strong>Succeeded</strong>" in last["text/html"]
    assert any("1 of 4 tasks" in each for each in updates)
    assert [each["text/plain"] for each in _outputs(waited, "execute_result")] == ["'Succeeded'"]
    assert [each["text/plain"] for each in _outputs(awaited, "execute_result")] == ["8"]


def test_a_program_is_no_notebook() -> None:
    assert not in_notebook()
