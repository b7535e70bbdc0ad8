"""Makes the runs of a backfill, so many at a time, and stays until the last has ended."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import typer

from daskflow.cli.exits import FAILED, INTERRUPTED, verdict
from daskflow.cli.printing import out, say
from daskflow.cli.scheduling.backfill import Slot

if TYPE_CHECKING:
    from daskflow.client.connection import Connection
    from daskflow.client.run import AsyncRun

GONE = "Gone"


@dataclass
class Filling:
    """One backfill under way."""

    connection: "Connection"
    manifest: Callable[[Slot], dict[str, Any]]
    max_parallel: int
    keep_going: bool
    ended: dict[str, str] = field(default_factory=dict)
    """Phases of the runs that were seen to end, by name; GONE of those that were deleted before."""
    going: set[str] = field(default_factory=set)
    """Names of those that were made or joined and have not ended."""

    async def fill(self, slots: Sequence[Slot]) -> None:
        """Create or join them, oldest first. Raises typer.Exit with 1 where one has not succeeded, and with
        130 after Ctrl-C, which leaves alone what runs; and what the API server refuses."""
        waiting = list(slots)
        running: set[asyncio.Task[None]] = set()
        try:
            while waiting or running:
                while waiting and len(running) < self.max_parallel and not self._stopped:
                    # A task of its own, since a library below may keep a cancellation to itself.
                    making = asyncio.ensure_future(self._made(waiting[0]))
                    await asyncio.wait((making,))
                    waiting.pop(0)
                    if run := making.result():
                        running.add(asyncio.ensure_future(self._to_its_end(run)))
                if not running:
                    break
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        except asyncio.CancelledError:
            left = len(slots) - len(self.going) - len(self.ended)
            say(
                f"{len(self.going)} runs go on, {left} are not started; the same command again goes on from "
                "here."
            )
            raise typer.Exit(INTERRUPTED) from None
        finally:
            for task in running:
                task.cancel()
        self._sum_up(len(waiting))

    @property
    def _stopped(self) -> bool:
        return not self.keep_going and any(phase != "Succeeded" for phase in self.ended.values())

    async def _to_its_end(self, run: "AsyncRun") -> None:
        from daskflow.client.errors import NotFound

        try:
            await run.wait()
        except NotFound:
            self._gone(run.name)
            return
        self.going.discard(run.name)
        self.ended[run.name] = run.phase
        say(verdict(run.name, run.status))

    def _gone(self, name: str) -> None:
        """Deleted, by its retention or by somebody: whether it succeeded is not known."""
        self.going.discard(name)
        self.ended[name] = GONE
        say(f"{name} was deleted before its end was seen; the same command again makes it anew.")

    async def _made(self, slot: Slot) -> "AsyncRun | None":
        from daskflow.client.errors import AlreadyExists, NotFound
        from daskflow.client.run import AsyncRun

        if slot.what == "join":
            self.going.add(slot.run)
            try:
                return await AsyncRun.get(slot.run, connection=self.connection)
            except NotFound:
                self._gone(slot.run)
                return None
        try:
            run = await AsyncRun.submit(
                self.manifest(slot), namespace=self.connection.chosen_namespace, connection=self.connection
            )
        except AlreadyExists:
            say(f"{slot.run} has been made by somebody else meanwhile.")
            return None
        self.going.add(run.name)
        out(f"flowrun.daskflow.dev/{run.name} created")
        return run

    def _sum_up(self, left: int) -> None:
        well = sum(phase == "Succeeded" for phase in self.ended.values())
        said = f"{well} of {len(self.ended)} runs succeeded"
        if left:
            said += f", {left} were not started; --keep-going starts them whatever becomes of others"
        say(f"{said}.")
        if well < len(self.ended):
            raise typer.Exit(FAILED)
