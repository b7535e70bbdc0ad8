"""What of Dask's own options and settings a user may not touch; docs/dask-settings.md decides about each.

Refused is what ends a run behind the operator's back, cuts its pods off from one another, or contradicts a
field.
"""

import ast
import re
from collections.abc import Mapping
from typing import Any

from daskflow.api.names import SCHEDULER, WORKER
from daskflow.manifests.template_rules import Rule

LEAST_TCP_SECONDS = 11.0
"""Below it each connection fails an assertion of distributed (comm/tcp.py: ten probes and one second)."""
_UNITS = {
    "": 1.0,
    "ms": 0.001,
    "us": 1e-6,
    "s": 1.0,
    "sec": 1.0,
    "m": 60.0,
    "min": 60.0,
    "h": 3600.0,
    "d": 86400.0,
}

_TLS = "but connections are encrypted as spec.security.tls says; use that"
_IDLE = "which ends schedulers whose clients still hold results; use idleTimeout of the DaskCluster"
_ADDRESS = "but pods of a cluster find each other by the scheduler's Service; leave it out"


def _any(value: Any) -> bool:
    return True


def _some(value: Any) -> bool:
    return value not in (None, False, "", {})


def _too_short(value: Any) -> bool:
    """Of durations as Dask writes them, "30 s"; others are for Dask to refuse."""
    said = re.fullmatch(r"\s*([0-9.]+)\s*([a-z]*?)(?:onds?|utes?|s)?\s*", str(value).lower())
    try:
        return said is not None and float(said[1]) * _UNITS[said[2]] < LEAST_TCP_SECONDS
    except (ValueError, KeyError):
        return False


CONFIG = (
    *(
        Rule(f"distributed.comm.{name}", _any, _TLS)
        for name in (
            "require-encryption",
            "default-scheme",
            "tls.ca-file",
            "tls.scheduler",
            "tls.worker",
            "tls.client",
        )
    ),
    Rule("distributed.client.security-loader", _some, _TLS),
    Rule("distributed.scheduler.idle-timeout", _some, _IDLE),
    Rule("distributed.scheduler.contact-address", _some, _ADDRESS),
    Rule("distributed.worker.resources", _some, "but the operator must know them, too; use daskResources"),
    Rule(
        "distributed.comm.timeouts.tcp",
        _too_short,
        f"but no connection of Dask comes up with less than {LEAST_TCP_SECONDS:.0f}s; give more",
    ),
    Rule(
        "distributed.admin.pdb-on-err",
        _some,
        "which stops workers in a debugger that nobody can reach; leave it out",
    ),
)
_COMMON = {
    "--protocol": _TLS,
    "--tls-ca-file": _TLS,
    "--tls-cert": _TLS,
    "--tls-key": _TLS,
    "--dashboard-address": "but Dask's HTTP server, which asks nobody for a certificate, stays on 127.0.0.1; "
    "use kubectl port-forward",
    "--host": _ADDRESS,
    "--scheduler-file": _ADDRESS,
    "--version": "with which the pod would say its version and end; leave it out",
}
OPTIONS = {
    SCHEDULER: {
        **_COMMON,
        "--port": "but the Service in front of the scheduler leads to port 8786; leave it out",
        "--interface": "but the Service leads to the address that Kubernetes gave the pod; leave it out",
        "--idle-timeout": _IDLE,
    },
    WORKER: {
        **_COMMON,
        "--name": "but workers are named after their pods; leave it out",
        "--nworkers": "but a pod is one worker; use replicas and threads",
        "--listen-address": _ADDRESS,
        "--contact-address": _ADDRESS,
        "--death-timeout": "but workers wait for their scheduler as long as a run may take to start; "
        "use spec.deadlines.start",
    },
}
"""Of `dask scheduler` and `dask worker`."""
ELSEWHERE = re.compile(r"(tcp|tls|ws|wss|ucx|ucxx|inproc)://")
"""An argument by itself that looks so is a scheduler's address to `dask worker`."""
VARIABLES = {
    "DASK_CONFIG": "but it leads to the cluster's configuration; use spec.config",
    "DASK_INTERNAL_INHERIT": "which replaces all of Dask's configuration; use spec.config",
    "DASK_SCHEDULER_ADDRESS": "but it leads to the run's scheduler; leave it out",
}
"""Beginnings of names that Dask reads before any file and that are no settings of CONFIG."""


def setting(name: str, value: Any) -> Mapping[str, Any]:
    """The configuration that a variable of Dask's stands for, as `dask.config` reads it; {} if it is none.

    DASK_COMM__RETRY__COUNT=3 is {"comm": {"retry": {"count": 3}}}. Dask takes the names in any case.
    """
    if not name.upper().startswith("DASK_"):
        return {}
    *parents, last = name[len("DASK_") :].lower().replace("__", ".").split(".")
    found: dict[str, Any] = {last: _literal(value)}
    for parent in reversed(parents):
        found = {parent: found}
    return found


def _literal(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value.lower() in ("none", "null", "false", "true"):
        return {"true": True, "false": False}.get(value.lower())
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return value
