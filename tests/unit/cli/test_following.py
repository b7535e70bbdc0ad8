"""What a command that waits for a run says when it cannot see the run's end."""

from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
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
