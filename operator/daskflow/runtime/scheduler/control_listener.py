"""The control listener: a small HTTP server in the scheduler's process, asking for the cluster's certificate.

Dask's own HTTP server cannot ask for client certificates, so it stays on 127.0.0.1 and this one faces the
network.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from typing import Any, Callable, Protocol

from tornado.httpserver import HTTPServer
from tornado.web import Application, HTTPError, RequestHandler

from ..settings import CONTROL_PORT, number, text, tls, token
from .standby import Over, Standby, Unclaimed, claim_of
from .version import Version
from .worker_groups import GroupOrder, orders_of

BODY_LIMIT = 8 * 1024 * 1024
"""Bytes a request may carry; a claim brings the run's flow, and code that came along with it."""
TASKS_LIMIT = 64 * 1024 * 1024
"""Bytes that the record of all tasks may take, gzipped; a million take a quarter of it."""


class Service(Protocol):
    """What the scheduler preload does for the handlers."""

    standby: Standby | None
    """Of a cluster that waits for a run, or has."""

    def lease(self, runner: str, begun: str | None, tasks: bool) -> str | None:
        """Take or renew; the holder when it is another one that has begun. `tasks`: record each one."""

    def outcome(self, runner: str, outcome: dict[str, Any], kept: Any) -> str | None:
        """Take the outcome; the holder when it is another one.

        `kept` is what the report is to say of the record of each task: `record` or `note`.
        """

    def report(self, runner: str, ended: bool) -> dict[str, Any] | None:
        """The report of this runner's run, which has ended, or so far."""

    def tasks(self, runner: str) -> Callable[[], bytes] | None:
        """What makes the record of each task, where there is one: not for the event loop."""

    def scale(self, revision: int, orders: dict[str, GroupOrder]) -> int | None:
        """Take the order; the revision of the last one when that is newer."""

    def state(self, brief: bool) -> dict[str, Any]:
        """What watch answers."""

    def end(self) -> None:
        """Called when the answer to an outcome has been sent."""


class _Handler(RequestHandler):  # type: ignore[misc]
    def initialize(self, service: Service, version: Version, secret: bytes) -> None:
        self.service = service
        self.version = version
        self.secret = secret

    def prepare(self) -> None:
        given = self.request.headers.get("Authorization", "").encode("utf-8", "replace")
        if not self.secret or not hmac.compare_digest(given, b"Bearer " + self.secret):
            raise HTTPError(401)

    def body(self, name: str = "runner", kind: type = str) -> dict[str, Any]:
        """The request's JSON object with that field in it, usually a runner's uid."""
        try:
            body = json.loads(self.request.body)
        except ValueError:
            raise HTTPError(400) from None
        if not isinstance(body, dict) or type(body.get(name)) is not kind:
            raise HTTPError(400)
        return body

    def seconds(self) -> float:
        """How long a request may wait for its answer."""
        try:
            return min(max(float(self.get_argument("timeout", "30")), 0), 60)
        except ValueError:
            raise HTTPError(400) from None

    def workers(self) -> dict[str, Any]:
        """What a runner that waits for workers looks at."""
        state = self.service.state(brief=True)
        return {"version": state["version"], "ordered": state["ordered"], "workers": state["registered"]}

    def conflict(self, **said: Any) -> None:
        self.set_status(409)
        self.finish(said)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.finish({"error": self._reason})


class _Lease(_Handler):
    async def post(self) -> None:
        body = self.body()
        begun = body.get("begun")
        if not (begun is None or (isinstance(begun, str) and len(begun) < 64)):
            raise HTTPError(400)
        try:
            holder = self.service.lease(body["runner"], begun, body.get("record") is True)
        except Unclaimed:
            raise HTTPError(503) from None
        if holder is not None:
            self.conflict(holder=holder)
            return
        if self.service.standby is not None:
            note = body.get("note")
            parked = body.get("parked") is True
            self.service.standby.leased(body["runner"], parked, note if isinstance(note, str) else "")
        self.finish(self.workers())


class _Claim(_Handler):
    async def post(self) -> None:
        standby = self._standby()
        try:
            other = await standby.take(claim_of(self.body("run")))
        except (ValueError, OSError) as error:
            self.set_status(400)
            self.finish({"error": str(error)})
            return
        except Over:
            raise HTTPError(503) from None
        if other is not None:
            self.conflict(run=other.run, attempt=other.attempt)
        else:
            state = self.service.state(brief=True)
            self.finish({name: state[name] for name in ("version", "standby", "runner", "begun")})

    async def get(self) -> None:
        claim = await self._standby().told(self.seconds())
        self.finish({"claim": claim and claim._asdict(), **self.workers()})

    def _standby(self) -> Standby:
        if self.service.standby is None:
            raise HTTPError(404)
        return self.service.standby


class _Outcome(_Handler):
    async def post(self) -> None:
        body = self.body()
        if not isinstance(body.get("outcome"), dict):
            raise HTTPError(400)
        holder = self.service.outcome(body["runner"], body["outcome"], body.get("kept"))
        if holder is not None:
            self.conflict(holder=holder)
        else:
            ended = not body.get("early")
            self.finish({"report": self.service.report(body["runner"], ended)})
            if ended:
                # The cluster may only go once the answer has left.
                asyncio.get_running_loop().call_later(0.05, self.service.end)


class _Report(_Handler):
    async def get(self) -> None:
        tasks = self.service.tasks(self.get_argument("runner", ""))
        if tasks is None:
            raise HTTPError(404)
        packed = await asyncio.get_running_loop().run_in_executor(None, tasks)
        if len(packed) > TASKS_LIMIT:
            raise HTTPError(413)
        self.set_header("Content-Type", "application/gzip")
        self.finish(packed)


class _Scale(_Handler):
    async def post(self) -> None:
        body = self.body("revision", int)
        try:
            orders = orders_of(body["groups"])
        except (ValueError, TypeError, KeyError, AttributeError):
            raise HTTPError(400) from None
        newer = self.service.scale(body["revision"], orders)
        if newer is not None:
            self.conflict(revision=newer)
        else:
            self.finish(self.service.state(brief=True))


class _Watch(_Handler):
    waiter: asyncio.Future[None] | None = None

    async def get(self) -> None:
        try:
            since = int(self.get_argument("since", "0"))
        except ValueError:
            raise HTTPError(400) from None
        timeout = self.seconds()
        # Not "greater": a watcher of an earlier scheduler may know a higher one.
        if self.version.value == since and timeout > 0:
            self.waiter = self.version.waiter()
            await asyncio.wait([self.waiter], timeout=timeout)
            closed = self.waiter.cancelled()
            self.waiter.cancel()
            if closed:
                return
        self.finish(self.service.state(brief=self.get_argument("brief", "") == "1"))

    def on_connection_close(self) -> None:
        if self.waiter is not None:
            self.waiter.cancel()


async def listen(service: Service, version: Version) -> HTTPServer:
    """Open the control port, on all addresses unless told otherwise. Raises OSError when it is taken."""
    kwargs = {"service": service, "version": version, "secret": token().encode()}
    routes = [
        (r"/v1/claim", _Claim, kwargs),
        (r"/v1/lease", _Lease, kwargs),
        (r"/v1/outcome", _Outcome, kwargs),
        (r"/v1/report", _Report, kwargs),
        (r"/v1/scale", _Scale, kwargs),
        (r"/v1/watch", _Watch, kwargs),
    ]
    server = HTTPServer(
        Application(routes, log_function=lambda handler: None),
        ssl_options=tls(server=True),
        max_body_size=BODY_LIMIT,
        max_header_size=8192,
        body_timeout=10,
        idle_connection_timeout=120,
    )
    server.listen(int(number("CONTROL_PORT", CONTROL_PORT)), text("HOST"))
    return server
