"""Workers that are alike: what is there, beside what should be."""

from functools import cached_property

from daskflow.plan.pod.pod import Pod

RETIRED = "Retired"
"""The last word of a worker that its scheduler let go, and whose tasks and data others have."""
REMOVED = "Removed"
"""The same of one that its scheduler closed and expects back, as `client.restart()` does without a nanny."""

MOST_ORDINAL = 99_999_999
"""Two thousand workers, all replaced each second, come to it after 14 hours; none by itself in years."""


class Crew:
    """What a life knows of one group is in its own class, made of this one."""

    name: str
    pods: tuple[Pod, ...]
    """All that still exist, stopped ones too, by ordinal."""
    retiring: frozenset[str]
    """Names of workers on their way out, by their scheduler's word."""

    @property
    def desired(self) -> int:
        """How many workers there should be."""
        raise NotImplementedError

    @property
    def used(self) -> int | None:
        """The highest ordinal that status tells of, where it tells of one."""
        raise NotImplementedError

    @cached_property
    def present(self) -> tuple[Pod, ...]:
        """Those that live and are not being deleted, by whomever; retiring ones are among them.

        One that is being deleted is neither here nor, before it has ended, among the `dead`: it is missing at
        once, and replaced without a wait.
        """
        return tuple(pod for pod in self.pods if not pod.over and not pod.deleting)

    @cached_property
    def staying(self) -> tuple[Pod, ...]:
        """Those that live and will go on living."""
        return tuple(pod for pod in self.present if pod.name not in self.retiring)

    @cached_property
    def ready(self) -> int:
        """How many that stay have registered with the scheduler."""
        return sum(pod.started for pod in self.staying)

    @property
    def missing(self) -> int:
        """How many are to be made."""
        return max(0, self.desired - len(self.staying))

    @cached_property
    def unneeded(self) -> tuple[Pod, ...]:
        """Workers that are too many and never registered: nothing is lost with them. The newest first."""
        fresh = [pod for pod in reversed(self.staying) if not pod.started]
        return tuple(fresh[: max(0, len(self.staying) - self.desired)])

    @cached_property
    def surplus(self) -> int:
        """How many registered workers are too many and not on their way out."""
        return max(0, len(self.staying) - len(self.unneeded) - self.desired)

    @cached_property
    def shrinks(self) -> bool:
        """Whether registered workers are to go, or on their way."""
        return sum(pod.started for pod in self.present) > self.desired

    @property
    def crowded(self) -> bool:
        """Whether there are too many, registered or not: a flow that waits for all has to hear of it."""
        return len(self.present) > self.desired

    @cached_property
    def retired(self) -> tuple[Pod, ...]:
        """Those that ended because their scheduler let them go."""
        return tuple(pod for pod in self.pods if pod.over and _said(pod) == RETIRED)

    @cached_property
    def dead(self) -> tuple[Pod, ...]:
        """Those that ended otherwise: their successors wait (`workers`). Not those that are about to end."""
        return tuple(pod for pod in self.pods if pod.over and _said(pod) != RETIRED)

    @cached_property
    def last_ordinal(self) -> int:
        """The highest that was ever used, as far as status and pods tell; -1 for none.

        No operator writes one above MOST_ORDINAL: somebody has edited it, and it is not gone on from.
        """
        used = -1 if self.used is None or self.used > MOST_ORDINAL else self.used
        return max(*(pod.ordinal for pod in self.pods), used, -1)


def _said(pod: Pod) -> str:
    return str((pod.report or {}).get("reason", ""))
