"""One group of workers as the policies of a DaskCluster look at it: what is there, and what should be."""

from dataclasses import dataclass
from functools import cached_property

from daskflow.api.daskcluster import GroupStatus
from daskflow.api.workers import Workers
from daskflow.plan.pod.pod import Pod
from daskflow.plan.workers.crew import Crew


@dataclass(frozen=True)
class Group(Crew):
    """`said` is what status says of it, None where it says nothing yet; the rest is seen."""

    name: str
    spec: Workers
    pods: tuple[Pod, ...]
    said: GroupStatus | None = None
    retiring: frozenset[str] = frozenset()
    floor: int = 0
    """At least so many, whatever the demand: a flow that has not begun waits for one."""
    all_registered: bool = False
    """By their scheduler's word: a kubelet looks once a second and says so later."""
    unknown: int = 0
    """Workers of any group that kubelets call started and the scheduler does not know, or no more."""

    @cached_property
    def ready(self) -> int:
        """How many that stay have registered with the scheduler."""
        return len(self.staying) if self.all_registered else max(0, super().ready - self.unknown)

    @cached_property
    def desired(self) -> int:
        """How many workers there should be.

        Of a group that follows the demand status remembers the newest (`autoscaling`), for an operator that
        starts anew; bounds that have changed since hold at once.
        """
        if self.spec.autoscale is None:
            return self.spec.count
        return self.within_bounds(self.said.desired if self.said else self.floor)

    def within_bounds(self, demand: int) -> int:
        """A demand as far as `autoscale` lets it be followed."""
        bounds = self.spec.autoscale
        assert bounds is not None
        return min(max(demand, bounds.minimum), bounds.maximum)

    @property
    def used(self) -> int | None:
        """The highest ordinal that status tells of, where it tells of one."""
        return self.said.ordinal if self.said else None
