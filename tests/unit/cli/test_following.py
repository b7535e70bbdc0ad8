"""What a command that waits for a run says when it cannot see the run's end."""

import asyncio
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
import typer
from daskflow.cli import following
from daskflow.cli.following import to_the_end
from daskflow.client.errors import ConnectionFailed, DaskflowError, Deleted, ServerFailed


@pytest.mark.parametrize(
    ("error", "goes_on"),
    [(ConnectionFailed("away"), True), (ServerFailed("away"), True), (Deleted("deleted"), False)],
)
async def test_a_run_that_is_lost_sight_of_is_not_cancelled(
    error: DaskflowError, goes_on: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    async def ended() -> NoReturn:
        raise error

    cancelled: list[bool] = []
    status = SimpleNamespace(phase="Running")
    run: Any = SimpleNamespace(
        name="etl", namespace="team", status=status, cancel=lambda: cancelled.append(True)
    )
    with pytest.raises(type(error)):
        await to_the_end(run, ended(), cancel_on_interrupt=True)
    said = "etl goes on; come back with: daskflow watch etl --namespace team"
    assert (said in capsys.readouterr().err) is goes_on
    assert not cancelled


@pytest.mark.parametrize("shown", [False, True])
async def test_why_a_run_does_not_begin_is_said_once(
    shown: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.01)
    missing = 'ClusterPool "smol" (spec.pool) does not exist in this namespace; create it.'
    status = SimpleNamespace(phase="Pending", reason="PoolMissing", message=missing, duration="1s")
    run: Any = SimpleNamespace(name="etl", namespace="team", status=status)

    async def ended() -> None:
        await asyncio.sleep(0.1)
        status.phase, status.reason, status.message = "Succeeded", "", ""

    with pytest.raises(typer.Exit):
        await to_the_end(run, ended(), cancel_on_interrupt=False, shown=shown)
    said = capsys.readouterr().err
    assert said.count(f"etl is Pending (PoolMissing): {missing}") == (0 if shown else 1)
    assert "etl succeeded after 1s" in said
