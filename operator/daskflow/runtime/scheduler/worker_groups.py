"""What the operator orders of each group of workers, as it tells it."""

from __future__ import annotations

from typing import Any, NamedTuple

Needs = frozenset[tuple[str, float]]
"""What a task asks for in Dask resources; empty for most."""


class Group(NamedTuple):
    """What one worker of a group is; `memory` in bytes, 0 unknown."""

    name: str
    threads: int
    memory: int
    resources: dict[str, float]

    def slots(self, needs: Needs) -> int:
        """How many tasks with these needs one worker runs at a time; 0: none ever."""
        slots = max(self.threads, 1)
        for name, amount in needs:
            if amount > 0:
                slots = min(slots, int(self.resources.get(name, 0) / amount + 1e-9))
        return slots


class Autoscale(NamedTuple):
    """An order to scale automatically; `delay` and `target` in seconds."""

    minimum: int
    maximum: int
    delay: float
    target: float


class GroupOrder(NamedTuple):
    """How many workers a group should have, and how long one that goes may finish what it runs."""

    replicas: int
    drain: float
    autoscale: Autoscale | None

    @property
    def most(self) -> int:
        """How many the group can ever have."""
        return self.autoscale.maximum if self.autoscale else self.replicas


def group_of(given: dict[str, Any]) -> Group:
    """One entry of DASKFLOW_GROUPS."""
    resources = {str(name): float(amount) for name, amount in (given.get("resources") or {}).items()}
    return Group(str(given["name"]), int(given.get("threads") or 1), int(given.get("memory") or 0), resources)


def orders_of(given: dict[str, Any]) -> dict[str, GroupOrder]:
    """`groups` of the body of POST /v1/scale. Raises ValueError, TypeError or KeyError for nonsense."""
    orders = {}
    for name, said in given.items():
        auto = said.get("autoscale")
        bounds = None
        if auto is not None:
            least, most = _count(auto["minimum"]), _count(auto["maximum"])
            bounds = Autoscale(
                min(least, most), most, _seconds(auto["delay"]), max(_seconds(auto["target"]), 0.1)
            )
        orders[str(name)] = GroupOrder(_count(said["replicas"]), _seconds(said["drain"]), bounds)
    return orders


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100_000:
        raise ValueError(value)
    return value


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not 0 <= value <= 1e8:
        raise ValueError(value)
    return float(value)
