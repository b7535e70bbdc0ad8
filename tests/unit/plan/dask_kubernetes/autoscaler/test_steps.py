"""From one number of workers towards another."""

from datetime import UTC, datetime

import pytest
from daskflow.plan.dask_kubernetes.autoscaler.steps import PAUSE, Step, step, within
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 3, 1, tzinfo=UTC)
AT = NOW.timestamp()
NEXT = AT + PAUSE.total_seconds()
COUNTS = st.integers(0, 1000)


@given(COUNTS, COUNTS, st.floats(AT - 100, AT + 100))
def test_no_step_goes_past_what_is_wanted_nor_down_by_more_than_a_quarter(
    replicas: int, wanted: int, cooldown: float
) -> None:
    after = step(NOW, replicas, wanted, cooldown).replicas
    assert min(replicas, wanted) <= after <= max(replicas, wanted)
    assert replicas - after <= max(1, replicas // 4)


@pytest.mark.parametrize(
    ("cooldown", "expected"),
    [
        (0.0, Step(8, NEXT)),
        (AT - 11, Step(8, NEXT)),
        (AT - 1, Step(6, NEXT)),
        (AT, Step(6, NEXT)),
        (AT + 1, Step(8)),
        (NEXT, Step(8)),
        (NEXT + 1, Step(8, NEXT)),
    ],
)
def test_a_step_down_is_made_at_the_end_of_a_pause_that_was_seen(cooldown: float, expected: Step) -> None:
    assert step(NOW, 8, 1, cooldown) == expected


@given(COUNTS, st.floats(AT - 100, AT + 100))
def test_what_is_wanted_is_left_alone(replicas: int, cooldown: float) -> None:
    assert step(NOW, replicas, replicas, cooldown) == Step(replicas)


@given(COUNTS, COUNTS, st.none() | COUNTS)
def test_the_bounds_hold(wanted: int, minimum: int, more: int | None) -> None:
    maximum = None if more is None else minimum + more
    assert minimum <= within(wanted, minimum, maximum) <= (wanted + minimum if maximum is None else maximum)
