"""How many workers a group wants: by table, and what holds for any load."""

import math

import pytest
from daskflow.runtime.scheduler.demand import Backlog, Load, SlidingMaximum, wanted_workers
from daskflow.runtime.scheduler.worker_groups import Autoscale, Group, GroupOrder
from hypothesis import given
from hypothesis import strategies as st

GIB = 1 << 30
DEFAULT = Group("default", 1, 0, {})
GPU = Group("gpu", 1, 0, {"GPU": 1})
BIG = Group("big", 1, 0, {"GPU": 4})
ANY = frozenset[tuple[str, float]]()
ONE_GPU = frozenset({("GPU", 1.0)})
TWO_GPUS = frozenset({("GPU", 2.0)})


def auto(minimum: int = 0, maximum: int = 20, target: float = 5) -> GroupOrder:
    return GroupOrder(0, 60, Autoscale(minimum, maximum, 60, target))


def fixed(replicas: int) -> GroupOrder:
    return GroupOrder(replicas, 60, None)


def load(workers: int = 0, busy: int = 0, keys: int = 0, nbytes: int = 0) -> Load:
    return Load(workers, busy, keys, nbytes)


def groups(*given: Group) -> dict[str, Group]:
    return {group.name: group for group in given}


ALONE = groups(DEFAULT)
BOTH = groups(DEFAULT, GPU)
WIDE = groups(Group("default", 4, 0, {}))
SIZED = groups(Group("default", 1, GIB, {}))


@pytest.mark.parametrize(
    ("given", "orders", "asks", "loads", "expected"),
    [
        pytest.param(ALONE, {"default": auto()}, [], {}, {"default": 0}, id="nothing to do"),
        pytest.param(ALONE, {"default": auto(2)}, [], {}, {"default": 2}, id="the minimum"),
        pytest.param(
            ALONE, {"default": fixed(2)}, [Backlog(ANY, 9, 90)], {},
            {}, id="a fixed group wants nothing",
        ),
        pytest.param(
            ALONE, {"default": auto()}, [Backlog(ANY, 1, 0)], {},
            {"default": 1}, id="one task of no time",
        ),
        pytest.param(
            ALONE, {"default": auto()}, [Backlog(ANY, 100, 50)], {},
            {"default": 10}, id="time over target",
        ),
        pytest.param(
            ALONE, {"default": auto()}, [Backlog(ANY, 3, 600)], {},
            {"default": 3}, id="never more than tasks",
        ),
        pytest.param(
            ALONE, {"default": auto()}, [Backlog(ANY, 900, 900)], {},
            {"default": 20}, id="the maximum",
        ),
        pytest.param(
            WIDE, {"default": auto()}, [Backlog(ANY, 9, 900)], {},
            {"default": 3}, id="tasks per thread",
        ),
        pytest.param(
            WIDE, {"default": auto()}, [Backlog(ANY, 900, 100)], {},
            {"default": 5}, id="time per thread",
        ),
        pytest.param(
            BOTH, {"default": auto(), "gpu": auto()}, [Backlog(ONE_GPU, 1, 0.5)], {},
            {"default": 0, "gpu": 1}, id="a waiting GPU task asks its group only",
        ),
        pytest.param(
            BOTH, {"default": auto(), "gpu": auto()}, [Backlog(ANY, 10, 50)], {},
            {"default": 10, "gpu": 0}, id="a task without needs asks the default group only",
        ),
        pytest.param(
            BOTH, {"default": fixed(0), "gpu": auto()}, [Backlog(ANY, 2, 50)], {},
            {"gpu": 2}, id="another group where the default one can have no workers",
        ),
        pytest.param(
            groups(Group("gpu", 4, 0, {"GPU": 2})), {"gpu": auto()}, [Backlog(ONE_GPU, 6, 600)], {},
            {"gpu": 3}, id="resources bound what one worker runs, not threads",
        ),
        pytest.param(
            groups(GPU, BIG), {"gpu": auto(maximum=2), "big": auto()}, [Backlog(ONE_GPU, 6, 600)], {},
            {"gpu": 2, "big": 4}, id="what the first group cannot have goes to the next",
        ),
        pytest.param(
            groups(GPU, BIG), {"gpu": auto(), "big": auto()}, [Backlog(TWO_GPUS, 2, 600)], {},
            {"gpu": 0, "big": 2}, id="only a group that is large enough",
        ),
        pytest.param(
            groups(GPU, BIG), {"gpu": auto(), "big": fixed(3)}, [Backlog(ONE_GPU, 5, 600)], {},
            {"gpu": 2}, id="fixed workers come first",
        ),
        pytest.param(
            BOTH, {"default": auto(), "gpu": auto()}, [Backlog(frozenset({("TPU", 1.0)}), 5, 600)], {},
            {"default": 0, "gpu": 0}, id="needs that no group has ask nobody",
        ),
        pytest.param(
            ALONE, {"default": auto()}, [Backlog(ANY, 4, 2)], {"default": load(4, busy=4)},
            {"default": 4}, id="who runs something is not scaled away",
        ),
        pytest.param(
            ALONE, {"default": auto()}, [], {"default": load(3, keys=2, nbytes=10)},
            {"default": 1}, id="the last one keeps the data",
        ),
        pytest.param(
            BOTH, {"default": fixed(1), "gpu": auto()}, [], {"gpu": load(3, keys=2, nbytes=10)},
            {"gpu": 0}, id="little data moves to another group",
        ),
        pytest.param(
            BOTH, {"default": auto(), "gpu": auto()}, [],
            {"default": load(1, 0, 1, 5), "gpu": load(1, 0, 1, 9)},
            {"default": 0, "gpu": 1}, id="one of two stays",
        ),
        pytest.param(
            SIZED, {"default": auto()}, [], {"default": load(5, keys=9, nbytes=2 * GIB)},
            {"default": 4}, id="memory that the others could not hold",
        ),
        pytest.param(
            SIZED, {"default": auto()}, [], {"default": load(2, keys=9, nbytes=2 * GIB)},
            {"default": 2}, id="full memory alone brings nobody",
        ),
        pytest.param(
            SIZED, {"default": auto()}, [Backlog(ANY, 9, 1)], {"default": load(2, keys=9, nbytes=2 * GIB)},
            {"default": 4}, id="full memory and work do",
        ),
    ],
)  # fmt: skip
def test_demand(
    given: dict[str, Group],
    orders: dict[str, GroupOrder],
    asks: list[Backlog],
    loads: dict[str, Load],
    expected: dict[str, int],
) -> None:
    assert wanted_workers(given, orders, asks, loads) == expected


amounts = st.sampled_from([0.5, 1.0, 2.0, 4.0])
some_needs = st.dictionaries(st.sampled_from(["GPU", "TPU"]), amounts, max_size=2)
names = st.sampled_from(["default", "gpu", "big"])
asks_ = st.lists(
    st.builds(
        lambda needs, tasks, each: Backlog(frozenset(needs.items()), tasks, tasks * each),
        some_needs, st.integers(1, 10_000), st.floats(0, 100),
    ), max_size=6,
)  # fmt: skip
orders_ = st.one_of(
    st.builds(fixed, st.integers(0, 9)),
    st.builds(
        lambda least, more, target: auto(least, least + more, target),
        st.integers(0, 5), st.integers(0, 30), st.floats(0.1, 60),
    ),
)  # fmt: skip
clusters = st.dictionaries(
    names,
    st.tuples(
        st.integers(1, 8), st.sampled_from([0, GIB]), some_needs, orders_,
        st.builds(load, st.integers(5, 9), st.integers(0, 5), st.integers(0, 9), st.integers(0, 9 * GIB)),
    ), min_size=1,
)  # fmt: skip


@given(clusters, asks_)
def test_demand_is_within_its_bounds_and_leaves_nobody_waiting(
    cluster: dict[str, tuple[int, int, dict[str, float], GroupOrder, Load]], asks: list[Backlog]
) -> None:
    given = {
        name: Group(name, threads, memory, needs) for name, (threads, memory, needs, *_) in cluster.items()
    }
    orders = {name: order for name, (*_, order, _) in cluster.items()}
    loads = {name: load for name, (*_, load) in cluster.items()}
    result = wanted_workers(given, orders, asks, loads)
    assert result.keys() == {name for name, order in orders.items() if order.autoscale}
    for name, count in result.items():
        bounds = orders[name].autoscale
        assert bounds
        assert bounds.minimum <= count <= bounds.maximum
        assert count >= min(loads[name].busy, bounds.maximum)
        tasks = sum(math.ceil(ask.tasks / max(given[name].slots(ask.needs), 1)) for ask in asks)
        floor = max(bounds.minimum, loads[name].busy, loads[name].workers, tasks, 1)
        memory = given[name].memory
        assert count <= max(floor, math.ceil(loads[name].nbytes / (0.6 * memory)) if memory else 0)
    for ask in asks:  # somebody is wanted for it, or nobody may be
        able = [name for name, order in orders.items() if order.most and given[name].slots(ask.needs)]
        assert not able or any(result.get(name, orders[name].replicas) for name in able)
    more = wanted_workers(given, orders, [*asks, Backlog(ANY, 5, 50.0)], loads)
    assert all(
        more[name] >= count or not any(load.keys for load in loads.values()) for name, count in result.items()
    )


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(0, 50)), min_size=1), st.floats(0, 20))
def test_the_window_is_the_largest_value_of_its_time(steps: list[tuple[float, int]], delay: float) -> None:
    window = SlidingMaximum(delay)
    at = 0.0
    held: list[tuple[float, int]] = []
    for wait, value in steps:
        at += wait
        window.put(value, at)
        held.append((at, value))
        ends = [*(start for start, _ in held[1:]), math.inf]
        assert window.value(at) == max(
            value for (_, value), end in zip(held, ends, strict=True) if end + delay > at
        )
        assert len(window._past) <= 50
    fall = window.next_fall()
    while fall is not None:
        before = window.value(at)
        assert fall > at
        at = fall
        assert window.value(at) < before
        fall = window.next_fall()
    assert window.value(at) == steps[-1][1]


def test_a_sawtooth_moves_the_window_once() -> None:
    window = SlidingMaximum(60)
    told = []
    for second in range(600):
        window.put(10 if second % 20 < 10 else 0, second)
        told.append(window.value(second))
    assert told == [10] * 600
    assert window.value(660) == 0
