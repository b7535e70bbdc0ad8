"""What the process of a flow tells of its flow run's states."""

import asyncio
import json
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from daskflow.runtime.prefect.engine_states import FLOW_RUN, TOLD, tell_states


def state(name: str, final: bool) -> Any:
    return SimpleNamespace(
        type=SimpleNamespace(value=name), name=name.title(), message=None, is_final=lambda: final
    )


RUNNING, DONE = state("RUNNING", False), state("COMPLETED", True)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Prefect's engine, with what tells of states, and the file that it tells to."""
    engine = ModuleType("prefect.flow_engine")

    async def propose(client: Any, state: Any, **_: Any) -> Any:
        return state

    engine.propose_state = propose  # type: ignore[attr-defined]
    engine.propose_state_sync = lambda client, state, **_: state  # type: ignore[attr-defined]
    package = ModuleType("prefect")
    package.flow_engine = engine  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "prefect", package)
    monkeypatch.setitem(sys.modules, "prefect.flow_engine", engine)
    monkeypatch.setenv(FLOW_RUN, "mine")
    monkeypatch.setenv(TOLD, str(tmp_path / "told"))
    tell_states()
    return tmp_path / "told"


def test_an_end_is_told_and_nothing_else(told: Path) -> None:
    from prefect import flow_engine

    flow_engine.propose_state_sync(None, RUNNING, flow_run_id="mine")
    flow_engine.propose_state_sync(None, DONE, flow_run_id="a subflow's")
    assert not told.exists()
    assert asyncio.run(flow_engine.propose_state(None, DONE, flow_run_id="mine")) is DONE
    assert json.loads(told.read_text()) == {"state": ["mine", "COMPLETED", "Completed", ""]}


def test_a_supervisor_that_is_gone_is_not_told(told: Path) -> None:
    from prefect import flow_engine

    os.environ[TOLD] = str(told / "nowhere")
    assert flow_engine.propose_state_sync(None, DONE, flow_run_id="mine") is DONE
