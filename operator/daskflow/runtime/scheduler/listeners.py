"""The ways into a scheduler whose clients come by port-forward: TLS on the pod's address, plain on loopback.

`dask scheduler` knows one address; a Scheduler takes several. All port-forwards end on the pod's loopback,
where nobody but the pod itself and whoever may forward ports to it can connect.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from tornado.routing import Router
from tornado.web import ErrorHandler

from ..settings import document, text


def addresses(given: list[str], ip: str) -> list[str]:
    """Where the scheduler of the pod at `ip` listens, on the port of the address it was `given`."""
    port = given[0].rpartition(":")[2]
    if ":" in ip:
        return [f"tls://[{ip}]:{port}", f"tcp://[::1]:{port}"]
    return [f"tls://{ip}:{port}", f"tcp://127.0.0.1:{port}"]


def two_listeners() -> None:
    """Called before the scheduler starts."""
    from distributed import Scheduler

    begin = Scheduler.start_unsafe

    async def start_unsafe(self: Any) -> Any:
        self._start_address = addresses(self._start_address, text("POD_IP"))
        return await begin(self)

    Scheduler.start_unsafe = start_unsafe


class _Door(Router):  # type: ignore[misc]
    """Dask's HTTP server asks nobody for a certificate: elsewhere it answers the kubelet's probes alone."""

    def __init__(self, application: Any, probes: list[str]) -> None:
        self._application = application
        self._open = {"/health", *probes} | ({"/status"} if "/" in probes else set())

    def find_handler(self, request: Any, **kwargs: Any) -> Any:
        if request.path in self._open or ipaddress.ip_address(request.remote_ip).is_loopback:
            return self._application.find_handler(request, **kwargs)
        return self._application.get_handler_delegate(request, ErrorHandler, {"status_code": 403})


def keep_door(scheduler: Any) -> None:
    """Of a scheduler that has started. DASKFLOW_PROBES are the paths that the kubelet asks for."""
    scheduler.http_server.request_callback = _Door(
        scheduler.http_application, document("PROBES").get("paths", [])
    )
