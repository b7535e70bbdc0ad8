"""How policies decide: asked in order, the first that has something to say."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from daskflow.plan.model import Plan

Sight = TypeVar("Sight")


def first_word(policies: Sequence[Callable[[Sight], Plan | None]], sight: Sight) -> Plan:
    """The plan of the first policy that has one. The last policy of a kind always does."""
    for policy in policies:
        plan = policy(sight)
        if plan is not None:
            return plan
    raise AssertionError("the last policy always decides")
