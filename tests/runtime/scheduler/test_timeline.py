"""The timeline of a report, as whoever draws it reads it."""

import random

import pytest
from daskflow.api.report_timeline import BINS, LONGEST, decoded
from daskflow.runtime.scheduler.timeline import Timeline, sums, within


def test_threads_are_told_as_they_were_while_bins_grow() -> None:
    timeline = Timeline(1000.0)
    paid, busy = timeline.row(), timeline.row()
    for second in range(100):
        timeline.add(paid, 1000.0 + second, 1001.0 + second, 4)
    timeline.add(busy, 1010.0, 1050.0, 2)
    told = decoded(timeline.text(1100.0, [paid, busy, sums([])]))
    assert (told.width, len(told.paid)) == (2.0, 50)
    assert told.paid == pytest.approx([4.0] * 50, abs=0.05)
    assert told.busy[0] == pytest.approx([0.0] * 5 + [2.0] * 20 + [0.0] * 25, abs=0.05)
    assert told.rest == (0.0,) * 50


def test_no_second_is_lost_or_found_whatever_comes_in_which_order() -> None:
    chance = random.Random(7)
    timeline = Timeline(0.0)
    row, total = timeline.row(), 0.0
    for _ in range(3000):
        start = chance.uniform(0, 5000) ** chance.choice((0.5, 1))
        length = chance.choice((0.01, 1.0, 500.0)) * chance.random()
        timeline.add(row, start, start + length)
        total += length
    assert sum(row) == pytest.approx(total)
    assert len(row) == BINS


def test_clocks_that_are_wrong_move_nothing_out_of_the_timeline() -> None:
    timeline = Timeline(1e9)
    row = timeline.row()
    timeline.add(row, 1e9 - 50, 1e9 + 1)  # begun before the first bin
    assert sum(row) == pytest.approx(1)
    timeline.add(row, 5.0, 6.0)
    timeline.add(row, 1e300, 1e300)
    assert sum(row) == pytest.approx(1)
    assert timeline.doublings == 0


def test_a_last_bin_that_is_not_over_tells_the_mean_of_its_part() -> None:
    timeline = Timeline(0.0)
    row = timeline.row()
    timeline.add(row, 0.0, 1.03, 3)
    told = decoded(timeline.text(1.03, [row, sums([])]))
    assert told.paid == pytest.approx([3.0] * 9, abs=0.05)


def test_all_rows_of_noise_are_short_enough_for_a_status() -> None:
    chance = random.Random(3)
    timeline = Timeline(0.0)
    rows = [timeline.row() for _ in range(8)]
    for row in rows:
        for second in range(3600):
            timeline.add(row, second, second + 1, chance.random() * 20)
    text = timeline.text(3600, rows)
    assert len(decoded(text).busy) == 6
    assert len(text) <= LONGEST


def test_no_moment_has_more_threads_in_tasks_than_there_were_and_none_is_lost() -> None:
    """A worker's guess at the scheduler's clock is off by some tenths of a second, now and then."""
    timeline = Timeline(0.0)
    paid, busy, others = timeline.row(), timeline.row(), timeline.row()
    timeline.reach(50.0)
    timeline.add(paid, 0.0, 50.0, 2)
    for second in range(10, 40):
        late = 0.4 if second % 3 == 0 else 0.0
        timeline.add(others if late else busy, second + late, second + late + 1, 2)
    before = sum(busy) + sum(others)
    found = within([busy, others], paid)
    assert max(own - most for own, most in zip(sums([busy, others]), paid, strict=True)) > 0.1
    assert max(own - most for own, most in zip(sums(found), paid, strict=True)) < 1e-9
    assert sum(map(sum, found)) == pytest.approx(before)
    assert min(map(min, found)) >= 0


def test_what_has_no_room_is_left_out_of_the_picture() -> None:
    most = [1.0] + [0.0] * (BINS - 1)
    assert within([[3.0] + [0.0] * (BINS - 1)], most) == [most]


def test_a_row_that_is_forgotten_does_not_grow_any_more() -> None:
    timeline = Timeline(0.0)
    kept, gone = timeline.row(), timeline.row()
    timeline.add(gone, 0.0, 7.0)
    before = list(gone)
    timeline.forget([gone])
    timeline.reach(100.0)
    assert gone == before
    assert kept == [0.0] * BINS
