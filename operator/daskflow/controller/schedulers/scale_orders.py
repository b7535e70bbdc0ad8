"""What schedulers are to know of their workers, and have been told: what becomes of a Plan's `scale`."""

from collections.abc import Callable

from daskflow.plan.model import Key, Orders, ScaleOrder


class ScaleOrders:
    """By DaskCluster; of each only the newest wish counts. Who begins to lead tells all again.

    `allowed`: whether anything may be told at present.
    """

    def __init__(self, allowed: Callable[[], bool] = lambda: True) -> None:
        self._allowed = allowed
        self._wanted: dict[Key, ScaleOrder] = {}
        self._taken: dict[Key, tuple[str, Orders]] = {}
        """What schedulers (uid) were last told by this process, since it leads."""

    def set(self, key: Key, order: ScaleOrder | None) -> bool:
        """Note the newest wish, None for nothing; answers whether it is one that is yet to be told."""
        before = self._wanted.pop(key, None)
        if order is None:
            return False
        self._wanted[key] = order
        same = before is not None and _essence(before) == _essence(order)
        return not same and self.undelivered(key) is not None

    def undelivered(self, key: Key) -> ScaleOrder | None:
        """The wish that this cluster's scheduler does not know."""
        order = self._wanted.get(key)
        news = order and self._taken.get(key) != _essence(order)
        return order if news and self._allowed() else None

    def delivered(self, key: Key, order: ScaleOrder) -> None:
        """Its scheduler has taken it."""
        self._taken[key] = _essence(order)

    def taken(self, key: Key, scheduler: str) -> Orders | None:
        """What this scheduler (uid) was last told."""
        uid, groups = self._taken.get(key, ("", None))
        return groups if uid == scheduler else None

    def active(self, key: Key) -> bool:
        """Whether this cluster's scheduler has anything to hear or to tell of its workers."""
        order = self._wanted.get(key)
        return order is not None and (order.watch or self.undelivered(key) is not None)

    def forget_all(self) -> None:
        """From now on another may tell schedulers anything."""
        self._wanted.clear()
        self._taken.clear()

    def forget(self, key: Key) -> None:
        """The cluster is gone."""
        self._wanted.pop(key, None)
        self._taken.pop(key, None)


def _essence(order: ScaleOrder) -> tuple[str, Orders]:
    """What of an order has to be told again when it changes."""
    return order.scheduler, order.groups
