"""Control listeners of schedulers that are played: real ones with the cluster's certificate, at pods' IPs.

What is behind them is the simulation's `Scaler`. The addresses are routed to this machine itself by
`route_pods`, within the network of the local cluster.
"""

import asyncio
import base64
import contextlib
import subprocess
import time
from datetime import datetime
from typing import Any

from aiohttp import web
from daskflow.api.names import PORT_CONTROL, SCHEDULER
from daskflow.controller.kubernetes.root_key import FIELD, NAME
from daskflow.controller.schedulers.answers import Answer
from daskflow.controller.schedulers.wire import Overruled
from daskflow.manifests.certificates import certificate_files
from daskflow.plan.model import GroupOrder, ScaleOrder

from tests.fire.certificates import server_context
from tests.fire.credentials import NAMESPACE
from tests.fire.upstream import Refused, Upstream
from tests.simulation.dask.control_listener import Scaler
from tests.simulation.kubernetes.nodes import Nodes
from tests.simulation.kubernetes.pods import Life

PERIOD = 0.25
PODS = "10.1.0.0/16"
"""Where the simulation's pods live."""


def route_pods() -> None:
    """All of their addresses are of this machine: needs a network of its own, and root."""
    subprocess.run(["ip", "route", "replace", "local", PODS, "dev", "lo"], check=True)


class Listeners:
    """`run` it: opens one for each scheduler that listens, and closes it with that."""

    def __init__(self, nodes: Nodes, upstream: Upstream) -> None:
        self._nodes = nodes
        self._upstream = upstream
        self._sites: dict[str, tuple[Life, web.TCPSite]] = {}
        app = web.Application()
        app.router.add_get("/v1/watch", self._watch)
        app.router.add_post("/v1/scale", self._scale)
        app.router.add_post("/v1/claim", self._claim)
        self.claimed: list[float] = []
        """When each claim was taken, by `time.monotonic`."""
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)

    async def run(self) -> None:
        """Until cancelled."""
        await self._runner.setup()
        try:
            key = await self._root_key()
            while True:
                await self._open_and_close(key)
                await asyncio.sleep(PERIOD)
        finally:
            await self._runner.cleanup()

    async def _root_key(self) -> bytes:
        """Once an operator has made it."""
        while True:
            with contextlib.suppress(Refused):
                secret = await self._upstream.call("GET", f"/api/v1/namespaces/{NAMESPACE}/secrets/{NAME}")
                return base64.b64decode(secret["data"][FIELD])
            await asyncio.sleep(PERIOD)

    async def _open_and_close(self, root_key: bytes) -> None:
        for ip, (life, site) in list(self._sites.items()):
            if not (life.alive and life.role.listening):
                del self._sites[ip]
                await site.stop()
        for life in self._nodes.living(SCHEDULER):
            if life.role.listening and life.ip not in self._sites:
                cluster = self._cluster(life)
                if cluster is None:
                    continue
                created = datetime.fromisoformat(cluster["metadata"]["creationTimestamp"])
                files = certificate_files(root_key, cluster["metadata"]["uid"], created)
                context = server_context(files["tls.crt"] + files["tls.key"], files["ca.crt"])
                site = web.TCPSite(self._runner, life.ip, PORT_CONTROL, ssl_context=context)
                await site.start()
                self._sites[life.ip] = (life, site)

    def _cluster(self, life: Life) -> Any:
        found = self._nodes.server.objects.items()
        return next((body for _, body in found if body["metadata"]["uid"] == life.owner), None)

    def _scaler(self, request: web.Request) -> Scaler:
        sockname = request.transport and request.transport.get_extra_info("sockname")
        life, _ = self._sites.get(sockname[0] if sockname else "", (None, None))
        if life is None or not life.alive or life.role.scaler is None:
            raise web.HTTPServiceUnavailable
        return life.role.scaler

    async def _watch(self, request: web.Request) -> web.Response:
        since, wait = int(request.query["since"]), float(request.query["timeout"])
        loop = asyncio.get_running_loop()
        until = loop.time() + wait
        while (state := self._scaler(request).state()).version == since and loop.time() < until:  # noqa: ASYNC110
            await asyncio.sleep(PERIOD)
        return web.json_response(_told(state))

    async def _scale(self, request: web.Request) -> web.Response:
        told, scaler = await request.json(), self._scaler(request)
        groups = {name: _group(group) for name, group in told["groups"].items()}
        try:
            scaler.take(ScaleOrder("", told["revision"], groups, watch=True))
        except Overruled:
            return web.json_response({"revision": scaler.revision}, status=409)
        return web.json_response(_told(scaler.state()))

    async def _claim(self, request: web.Request) -> web.Response:
        said, scaler = await request.json(), self._scaler(request)
        new = scaler.claim is None
        try:
            scaler.take_claim(said)
        except Overruled:
            return web.json_response({}, status=409)
        if new:
            self.claimed.append(time.monotonic())
        return web.json_response({})


def _group(told: Any) -> GroupOrder:
    bounds = told["autoscale"]
    names = ("minimum", "maximum", "delay", "target")
    return GroupOrder(told["replicas"], told["drain"], bounds and tuple(bounds[name] for name in names))


def _told(state: Answer) -> dict[str, Any]:
    standby = state.standby and {"parked": state.standby.parked, "run": state.standby.run}
    return {
        "standby": standby,
        "registered": state.standby.registered if state.standby else 0,
        "version": state.version,
        "counts": {"done": state.done, "total": state.total},
        "distributed": list(state.distributed),
        "begun": state.begun,
        "demand": dict(state.demand),
        "retiring": sorted(state.retiring),
        "held": dict(state.held),
    }
