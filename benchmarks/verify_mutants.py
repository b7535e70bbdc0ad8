"""Does `daskflow verify` notice? It verifies an operator whose sources are broken on purpose.

`make verify-mutants`, or with the operator installed
`tests/cluster/in .venv/bin/python -m benchmarks.verify_mutants --sample 20 --seed 1`.

The mutants are the simulation's own, those that no unit test is named for. Each operator is a process here
rather than an image, as tests/e2e starts some, from a copy of the sources, for the two namespaces of its own
verification; several at a time. The installed operator has none to look after meanwhile. Checks that are
known to find a mutant come first, the others only where they do not: `CAUGHT_BY`. A check that fails is tried
once more, alone and with more patience: a machine that is busy is no mutant.
"""

import argparse
import asyncio
import os
import random
import shutil
import signal
import socket
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from daskflow.cli.verification.catalogue import CHECKS, PROBE
from daskflow.cli.verification.check import Check, Result
from daskflow.cli.verification.observed import Facts
from daskflow.cli.verification.runner import Runner, Verification, Wishes
from daskflow.client.connection import Connection

from benchmarks.verify_hints import CAUGHT_BY
from tests.e2e.flows import IMAGE
from tests.e2e.operator import Operator
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.mutants.hunt import SOURCES, place

READY_SECONDS = 60.0
PATIENCE = 2.0
"""What all waiting of a check is multiplied by that is tried once more."""
GOAL = 0.95
"""Part of the mutants that a verification has to find."""


class Found(NamedTuple):
    """What became of a mutant."""

    mutant: Mutant
    check: str
    """The slug of the first check that failed, "" where none did."""
    sentence: str
    seconds: float


class Process:
    """The operator from sources in a folder, which can be killed, stopped and started again."""

    def __init__(self, folder: Path, log: Path) -> None:
        self._folder, self._log = folder, log
        self._process: asyncio.subprocess.Process | None = None
        self._namespaces = ""
        self._port = 0

    async def begin(self, facts: Facts) -> None:
        """Once there are namespaces to look after."""
        self._namespaces = ",".join(filter(None, (facts.namespace, facts.beside)))
        await self.start()

    async def start(self) -> None:
        """Ready when this returns. Raises RuntimeError when it is not within a minute."""
        if self._process is not None and self._process.returncode is None:
            return
        self._port = _free_port()
        environment = {
            **os.environ,
            "PYTHONPATH": str(self._folder),
            "DASKFLOW_NAMESPACES": self._namespaces,
            "DASKFLOW_METRICS_PORT": str(self._port),
            "DASKFLOW_LEASE": f"verify-{self._folder.name}".lower().replace("_", "-"),
            "DASKFLOW_IDENTITY": "mutant",
        }
        with self._log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "daskflow.controller", stdout=output, stderr=output, env=environment
            )
        until = time.monotonic() + READY_SECONDS
        while not await asyncio.to_thread(self._ready):
            if self._process.returncode is not None or time.monotonic() > until:
                raise RuntimeError(f"the operator is not ready: {self._log}")
            await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """With SIGTERM."""
        await self._end(signal.SIGTERM)

    async def delete(self) -> None:
        """Killed, and another one in its place."""
        await self._end(signal.SIGKILL)
        await self.start()

    async def upgrade(self) -> None:
        """As `delete`: it comes back as it was."""
        await self.delete()

    async def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(how)
            await self._process.wait()

    def _ready(self) -> bool:
        with (
            suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self._port}/readyz", timeout=2) as answer,
        ):
            return bool(answer.status == 200)
        return False


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def broken(mutant: Mutant | None) -> Iterator[Path]:
    """A folder with the package in it, broken so; whole with None. Raises Inapplicable."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        package = Path(folder) / "daskflow"
        shutil.copytree(SOURCES, package, ignore=shutil.ignore_patterns("__pycache__"))
        if mutant is not None:
            file = place(package, mutant)
            file.write_text(file.read_text().replace(mutant.old, mutant.new))
        yield Path(folder)


async def verified(
    folder: Path, log: Path, checks: Sequence[Check], parallel: int, patience: float = 1.0
) -> Verification:
    """What a verification comes to with an operator of these sources; it ends at the first fault."""
    process = Process(folder, log)
    wishes = Wishes(
        image=IMAGE,
        parallel=parallel,
        patience=patience,
        stop_operator=True,
        stop_at_fault=True,
        wait_until_gone=False,
    )
    runner = Runner(Connection(), wishes, process, begun=process.begin)
    try:
        return await runner.run(PROBE, checks)
    finally:
        await process.stop()


async def confirmed(folder: Path, checks: Sequence[Check], parallel: int) -> Result | None:
    """The first check that fails, and fails again; None where there is none. Others are gone on with."""
    left = list(checks)
    while left:
        found = await verified(folder, folder / "log", left, parallel)
        if not found.failed:
            return None
        slug = found.failed[0].check.slug
        again = await verified(
            folder, folder / "log", [each for each in checks if each.slug == slug], parallel, PATIENCE
        )
        if again.failed:
            return again.failed[0]
        done = {each.check.slug for each in found.results if each.verdict == "pass"} | {slug}
        left = [each for each in left if each.slug not in done]
    return None


async def hunted(mutant: Mutant, parallel: int) -> Found:
    """The first check that fails with it; those that are known to come first."""
    began = time.monotonic()
    first = [each for each in CHECKS if each.slug in CAUGHT_BY.get(mutant.name, ())]
    rest = [each for each in CHECKS if each not in first]
    with broken(mutant) as folder:
        for checks in filter(None, (first, rest)):
            try:
                failed = await confirmed(folder, checks, parallel)
            except RuntimeError as error:
                return Found(mutant, PROBE.slug, str(error), time.monotonic() - began)
            if failed is not None:
                return Found(mutant, failed.check.slug, failed.sentence, time.monotonic() - began)
    return Found(mutant, "", "", time.monotonic() - began)


def behavioural() -> list[Mutant]:
    """Those that the simulation itself notices: no unit test is named for them."""
    return [mutant for mutant in MUTANTS if not mutant.test]


async def all_of(mutants: Sequence[Mutant], jobs: int, parallel: int) -> list[Found]:
    """In turns, so many at a time, each told of as it is known."""
    room, found = asyncio.Semaphore(jobs), []

    async def one(mutant: Mutant) -> None:
        async with room:
            result = await hunted(mutant, parallel)
        found.append(result)
        words = f"{result.check}: {result.sentence}"[:140] if result.check else "SURVIVED"
        print(f"{result.mutant.name:60}  {result.seconds:4.0f} s  {words}", flush=True)

    await asyncio.gather(*map(one, mutants))
    return found


def main() -> None:
    """Prints the table; exit code 1 where fewer were found than ought to be."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = [mutant.name for mutant in behavioural()]
    parser.add_argument("--only", choices=names, action="append")
    parser.add_argument("--sample", type=int, default=0, help="so many of them, by --seed [all]")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=3, help="mutants at a time")
    parser.add_argument("--parallel", type=int, default=6, help="as of daskflow verify, for each")
    options = parser.parse_args()
    chosen = [each for each in behavioural() if not options.only or each.name in options.only]
    if options.sample:
        chosen = random.Random(options.seed).sample(chosen, min(options.sample, len(chosen)))
    installed = Operator()
    installed.stop()
    began = time.monotonic()
    try:
        found = asyncio.run(all_of(chosen, options.jobs, options.parallel))
    finally:
        installed.start()
    caught = sum(bool(each.check) for each in found)
    print(
        f"{caught} of {len(found)} mutants found ({len(names)} there are), {time.monotonic() - began:.0f} s"
    )
    raise SystemExit(0 if caught >= GOAL * len(found) else 1)


if __name__ == "__main__":
    main()
