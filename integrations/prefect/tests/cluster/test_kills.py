"""Whatever is killed: in the end Prefect and Kubernetes say the same of each flow run."""

import os
import time
from pathlib import Path

import pytest

from integrations.prefect.tests.storm import TOO_LATE, Storm
from integrations.prefect.tests.world import world


def test_states_agree_whatever_is_killed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """PREFECT_KILLS_RUNS flow runs [40], with moments by PREFECT_KILLS_SEED [1]."""
    runs, seed = (
        int(os.environ.get(f"PREFECT_KILLS_{name}", value)) for name, value in (("RUNS", "40"), ("SEED", "1"))
    )
    with world(tmp_path) as place:
        storm = Storm(place, runs, seed)
        began = time.monotonic()
        try:
            storm.rage()
        finally:
            with capsys.disabled():
                print(f"\n{storm.table()}; {time.monotonic() - began:.0f} s")
        wrong = [each for each in storm.lives if not each.agrees]
        assert not wrong, place.picture(wrong[0].id)
        late = [each for each in storm.lives if each.end == TOO_LATE]
        assert all(each.message.startswith("FlowRun ") for each in late), storm.table()
        # A flow that has ended is never begun again.
        twice = [each for each in storm.lives if each.run_count > 1]
        assert not twice, place.picture(twice[0].id)
