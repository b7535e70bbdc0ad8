"""All checks, those that are independent of each other at once, as far as the cluster can bear it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from daskflow.cli.verification.acting import Fault, NotProvable, Stage, sentence
from daskflow.cli.verification.check import Check, Need, Operator, Result
from daskflow.cli.verification.interrupts import held_once
from daskflow.cli.verification.observed import Facts
from daskflow.cli.verification.operators import Hands, Operators
from daskflow.cli.verification.place import Place
from daskflow.cli.verification.sight import Seeing, Sight
from daskflow.client.errors import ConnectionFailed, DaskflowError, Forbidden, NotInstalled, ServerFailed

if TYPE_CHECKING:
    from daskflow.client.connection import Connection

_MISSING: dict[Need, tuple[str, str]] = {
    "distributed": ("the image has no distributed", "give one that has it by --image"),
    "prefect": ("the image has no Prefect", "give one that has it by --image"),
    "own namespace": (
        "it needs a namespace of its own beside the first",
        "leave out --namespace, with the right to create namespaces",
    ),
    "stop operator": (
        "it needs that there is no operator for some seconds",
        "give --stop-operator, where nobody else's runs mind",
    ),
    "upgrade": ("it needs a command that upgrades the operator", "give it by --upgrade"),
}
_ACTS = ("delete", "stop", "upgrade")
"""By which checks that disturb the operator begin, in this order."""


@dataclass(frozen=True)
class Wishes:
    """What a verification is to be."""

    image: str
    spec: dict[str, Any] = field(default_factory=dict)
    existing: str | None = None
    """A namespace that is there already."""
    parallel: int = 8
    """Python processes that start at once, about."""
    patience: float = 1.0
    """By which all waiting is multiplied."""
    stop_operator: bool = False
    upgrade: bool = False
    stop_at_fault: bool = False
    """No further checks after the first that fails."""
    wait_until_gone: bool = True
    """In the end, for all that was made."""


@dataclass
class Verification:
    """What came of it."""

    facts: Facts
    results: list[Result] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def failed(self) -> list[Result]:
        """Checks that did."""
        return [each for each in self.results if each.verdict == "fail"]


class Capacity:
    """A bounded number of processes that start at the same time; who came first goes first."""

    def __init__(self, size: int) -> None:
        self._size = self._free = max(1, size)
        self._turn = asyncio.Condition()
        self._line: list[object] = []

    async def take(self, weight: int) -> int:
        """Waits for room; what was taken is to be given back."""
        weight, place = min(weight, self._size), object()
        async with self._turn:
            self._line.append(place)
            try:
                await self._turn.wait_for(lambda: self._line[0] is place and self._free >= weight)
            finally:
                self._line.remove(place)
                self._turn.notify_all()
            self._free -= weight
        return weight

    async def give(self, weight: int) -> None:
        """It is free again."""
        async with self._turn:
            self._free += weight
            self._turn.notify_all()


class Runner:
    """Runs checks in a place of their own."""

    def __init__(
        self,
        connection: "Connection",
        wishes: Wishes,
        hands: Hands,
        say: Callable[[Result], None] = lambda result: None,
        begun: Callable[[Facts], Awaitable[None]] | None = None,
        remark: Callable[[str], None] = lambda words: None,
    ) -> None:
        """`say` hears of each result at once; `begun` is called when there are namespaces."""
        self._connection, self._wishes, self._hands, self._say = connection, wishes, hands, say
        self._begun, self._remark = begun, remark
        self._place = Place(connection, wishes.existing, patient=wishes.wait_until_gone)
        self.verification = Verification(
            Facts(wishes.image, self._place.namespace, self._place.beside, wishes.spec)
        )
        self._sights: dict[str, Sight] = {}
        self._passed: set[tuple[str, str]] = set()
        self._over: set[str] = set()
        self._disturbing: list[Check] = []
        self._operators = Operators(hands, self._coming)
        self._capacity = Capacity(wishes.parallel)
        self._stopped = False

    async def run(self, probe: Check, checks: Sequence[Check]) -> Verification:
        """All of them; nothing is left behind, also where this is cancelled. Raises those of a connection."""
        began = time.monotonic()
        try:
            await self._place.begin()
            if self._begun:
                await self._begun(self.verification.facts)
            async with AsyncExitStack() as stack:
                for namespace in filter(None, (self._place.namespace, self._place.beside)):
                    sight = Sight(self._connection, namespace)
                    self._sights[namespace] = await stack.enter_async_context(sight)
                await self._all(probe, checks)
        finally:
            with held_once(self._remark):
                try:
                    await self._hands.start()
                finally:
                    self.verification.left = await self._place.clean()
        self.verification.seconds = time.monotonic() - began
        return self.verification

    async def _all(self, probe: Check, checks: Sequence[Check]) -> None:
        first = await self._one(probe)
        if first.verdict != "pass":
            why = ("the first run did not succeed", "see what it says, and verify again")
            for check in checks:
                self._tell(Result(check, "not provable", *why))
            return
        status = Seeing(
            self._sights[self._place.namespace], self._slug(probe), self.verification.facts
        ).now.status()
        found = status.get("result") or {}
        self.verification.facts = replace(
            self.verification.facts,
            python=str(found.get("python") or ""),
            distributed=str(found.get("distributed") or ""),
            prefect=str(found.get("prefect") or ""),
        )
        calm = sorted((each for each in checks if not each.disturbs), key=lambda each: -each.seconds)
        await _together(map(self._in_turn, calm))
        for act in _ACTS:
            self._disturbing = [each for each in checks if _first_act(each) == act]
            await _together(map(self._one, self._disturbing))

    async def _in_turn(self, check: Check) -> None:
        taken = await self._capacity.take(check.weight)
        try:
            await self._one(check)
        finally:
            await self._capacity.give(taken)

    async def _one(self, check: Check) -> Result:
        began = time.monotonic()
        try:
            result = await self._tried(check)
        finally:
            self._over.add(check.slug)
        await self._operators.look()
        result = result._replace(seconds=time.monotonic() - began)
        self._tell(result)
        return result

    def _tell(self, result: Result) -> None:
        self.verification.results.append(result)
        if result.verdict == "fail" and self._wishes.stop_at_fault:
            self._stopped = True
        self._say(result)

    async def _tried(self, check: Check) -> Result:
        if self._stopped:
            return Result(check, "not provable", "an earlier check has failed")
        for need in check.needs:
            if not self._has(need):
                return Result(check, "not provable", *_MISSING[need])
        namespace = self._place.beside if check.beside else self._place.namespace
        seeing = Seeing(self._sights[namespace], self._slug(check), self.verification.facts)
        stage = Stage(
            self._connection, namespace, seeing, self._operators, self._place.made, self._wishes.patience
        )
        try:
            for step in check.steps:
                await stage.take(step)
                if isinstance(step, Operator):
                    self._passed.add((check.slug, step.act))
        except Fault as error:
            return Result(check, "fail", str(error), "see docs/verify.md for what it means")
        except NotProvable as error:
            return Result(check, "not provable", str(error), error.remedy)
        except Forbidden as error:
            what, _, remedy = sentence(error).partition("; ")
            return Result(check, "not provable", what, remedy)
        except (ConnectionFailed, NotInstalled, ServerFailed):
            raise
        except DaskflowError as error:
            return Result(check, "fail", sentence(error), "see docs/verify.md for what it means")
        except (RuntimeError, KeyError, IndexError, TypeError, ValueError) as error:
            return Result(
                check, "fail", f"{type(error).__name__}: {error}", "report it with the whole output"
            )
        return Result(check, "pass")

    def _slug(self, check: Check) -> str:
        return f"{self._place.prefix}{check.slug}"

    def _has(self, need: Need) -> bool:
        facts = self.verification.facts
        return {
            "distributed": bool(facts.distributed),
            "prefect": bool(facts.prefect),
            "own namespace": bool(facts.beside),
            "stop operator": self._wishes.stop_operator,
            "upgrade": self._wishes.upgrade,
        }[need]

    def _coming(self, act: str) -> Iterable[str]:
        return [
            self._slug(each)
            for each in self._disturbing
            if each.slug not in self._over
            and (each.slug, act) not in self._passed
            and any(isinstance(step, Operator) and step.act == act for step in each.steps)
            and all(self._has(need) for need in each.needs)
        ]


async def _together(doing: Iterable[Coroutine[Any, Any, object]]) -> None:
    """All at once; what one of them raises ends the others."""
    tasks = [asyncio.ensure_future(each) for each in doing]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _first_act(check: Check) -> str:
    return next((step.act for step in check.steps if isinstance(step, Operator)), "")
