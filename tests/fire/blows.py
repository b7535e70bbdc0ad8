"""What befalls more than one call: the leader frozen or cut off, the API server or etcd killed, under load.

`Blows.run` deals them in turns. Of two operators one leads; a frozen or cut one is let go only when the other
leads in its place, so that it wakes as one that has been replaced.
"""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Sequence
from enum import Enum
from random import Random

import aiohttp

from tests.cluster.bare import NoNodes
from tests.cluster.shell import wait_for
from tests.fire.operators import Operators
from tests.fire.proxy import Proxy
from tests.fire.upstream import Refused, Upstream

LEASE = "/apis/coordination.k8s.io/v1/namespaces/daskflow-system/leases/daskflow"
BETWEEN_SECONDS = (4.0, 12.0)
"""From the end of one to the next."""
REPLACED_SECONDS = 45.0
"""A lease lasts for 15; for so long the other may take to lead."""


class Blow(Enum):
    """The values are the words of the table."""

    FROZEN = "the leader frozen until replaced"
    CUT = "the leader cut off until replaced"
    API_SERVER = "the API server killed"
    ETCD = "etcd killed"


class Blows:
    """`limit` of them, by turns. With one operator nobody can be replaced: then only servers are killed."""

    def __init__(self, seed: int, limit: int) -> None:
        self.limit = limit
        self.came: Counter[Blow] = Counter()
        self.replaced: list[float] = []
        """After how many seconds another led."""
        self._chance = Random(f"blows {seed}")

    @property
    def left(self) -> int:
        """How many are still to come."""
        return max(0, self.limit - self.came.total())

    async def run(self, upstream: Upstream, pair: "Sequence[tuple[Operators, Proxy]]") -> None:
        """Deals all of them, then waits until it is cancelled."""
        kinds = [*Blow] if len(pair) > 1 else [Blow.API_SERVER, Blow.ETCD]
        while self.left:
            await asyncio.sleep(self._chance.uniform(*BETWEEN_SECONDS))
            blow = kinds[self.came.total() % len(kinds)]
            if blow in (Blow.FROZEN, Blow.CUT):
                if not await self._replace(blow, upstream, pair):
                    continue
            else:
                await asyncio.to_thread(_restarted, "etcd" if blow is Blow.ETCD else "kube-apiserver")
            self.came[blow] += 1
        await asyncio.Event().wait()

    async def _replace(
        self, blow: Blow, upstream: Upstream, pair: "Sequence[tuple[Operators, Proxy]]"
    ) -> bool:
        """Whether another led before whoever led came back, or died of something else."""
        holder = await _holder(upstream)
        found = [each for each in pair if each[0].identity == holder]
        if not found:
            return False
        operators, proxy = found[0]
        operators.deaths.may.clear()
        began = time.monotonic()
        lives = None
        if blow is Blow.FROZEN:
            lives = operators.freeze()
        else:
            proxy.cut_off()
        try:
            while time.monotonic() - began < REPLACED_SECONDS:
                await asyncio.sleep(0.5)
                if await _holder(upstream) not in (holder, ""):
                    self.replaced.append(time.monotonic() - began)
                    await asyncio.sleep(self._chance.uniform(0.0, 3.0))
                    return True
                if lives is not None and not lives():
                    return False
            return False
        finally:
            operators.deaths.may.set()
            if blow is Blow.FROZEN:
                operators.thaw()
            else:
                proxy.restore()


async def _holder(upstream: Upstream) -> str:
    """Who leads by the Lease; empty while that cannot be known."""
    try:
        lease = await upstream.call("GET", LEASE)
    except (Refused, aiohttp.ClientError):
        return ""
    return str((lease.get("spec") or {}).get("holderIdentity") or "")


def _restarted(program: str) -> None:
    """SIGKILL, and what of the control plane is missing then is started again."""
    cluster = NoNodes()
    pid = cluster.sandbox.running()[program]
    os.kill(pid, signal.SIGKILL)
    wait_for(f"the end of {program}", lambda: cluster.sandbox.running().get(program) != pid, 10, 0.05)
    cluster.revive()
