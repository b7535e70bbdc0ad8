"""Prefect 3 asks for an API server that flow and workers reach: one in the runner's pod, for this run alone.

Started before the flow's code may be imported, while the cluster comes up: what the entrypoint's text says
decides. A server of the user's (PREFECT_API_URL) is used instead where there is one.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import re
import socket
import sys
from collections.abc import Iterator
from typing import Any

from .importing import locate
from .settings import mounted, number, say, text

PORT = 4200
"""Prefect's own; on the pod's address, if DASKFLOW_POD_IP says which."""
DATABASE = "/opt/daskflow/prefect.db"
"""Where an image may keep a migrated database: migrations take seconds."""


def mentioned(spec: dict[str, Any]) -> int:
    """The major version of Prefect if the flow's text speaks of it, without importing anything; else 0."""
    return installed() if any(re.search(r"\bprefect\b", source) for source in _sources(spec)) else 0


def installed() -> int:
    """The major version of the image's Prefect; 0 without one."""
    found = importlib.util.find_spec("prefect")
    for folder in (found and found.submodule_search_locations) or ():
        for name in os.listdir(os.path.dirname(folder)):
            match = re.match(r"prefect-(\d+)[\d.a-z+]*\.(dist|egg)-info", name, re.IGNORECASE)
            if match:
                return int(match[1])
    return 0


def _sources(spec: dict[str, Any]) -> Iterator[str]:
    yield spec.get("script") or ""
    command = spec.get("command") or []
    yield " ".join(command)
    paths = [locate(word) for word in command if word.endswith(".py")]
    modules = [after for word, after in zip(command, command[1:]) if word == "-m"]
    target = (spec.get("entrypoint") or "").rpartition(":")[0]
    if target.endswith(".py"):
        paths.append(locate(target))
    else:
        modules.append(target)
    for module in filter(None, modules):
        for folder in [text("FILES"), os.getcwd(), *sys.path]:
            base = os.path.join(folder, *module.split("."))
            paths += [base + ".py", os.path.join(base, "__init__.py")]
    for path in paths:
        if os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                yield file.read(1 << 20)


def listen() -> tuple[socket.socket, dict[str, str]]:
    """The server's socket, and the settings with which flow and workers find it.

    Clients connect at once and wait in the socket's backlog until the server has started.
    """
    address = text("POD_IP", "127.0.0.1")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    port = int(number("PREFECT_PORT", PORT if text("POD_IP") else 0))
    server = socket.create_server((address, port), family=family, backlog=512)
    os.register_at_fork(after_in_child=server.close)  # only the server's process shall listen
    host = f"[{address}]" if ":" in address else address
    scratch = text("SCRATCH", "/scratch")
    if not os.access(scratch, os.W_OK):
        scratch = os.environ.get("TMPDIR") or "/tmp"
    told = {
        "PREFECT_API_URL": f"http://{host}:{server.getsockname()[1]}/api",
        "PREFECT_API_AUTH_STRING": "daskflow:" + os.urandom(16).hex(),
        "PREFECT_HOME": os.path.join(scratch, "prefect"),
    }
    if text("CONTROL") and os.path.exists(mounted("ca.crt")):
        # Every client that Prefect makes (several a task) would load all of the image's authorities first.
        told["PREFECT_API_SSL_CERT_FILE"] = mounted("ca.crt")
    for name, value in (
        ("PREFECT_SERVER_EPHEMERAL_ENABLED", "false"),
        ("PREFECT_SERVER_ANALYTICS_ENABLED", "false"),
        ("PREFECT_LOGGING_TO_API_ENABLED", "false"),
        ("PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY", "false"),
        ("DO_NOT_TRACK", "1"),
    ):
        told[name] = os.environ.get(name) or value
    return server, told


class Server:
    """The server's process. It ends when this object, or the process that holds it, does."""

    def __init__(self, listening: socket.socket, told: dict[str, str]) -> None:
        import subprocess

        home = told["PREFECT_HOME"]
        os.makedirs(home, exist_ok=True)
        environment = {
            **os.environ,
            **told,
            "PREFECT_SERVER_API_AUTH_STRING": told["PREFECT_API_AUTH_STRING"],
        }
        del environment["PREFECT_API_URL"], environment["PREFECT_API_AUTH_STRING"]
        database = os.path.join(home, "prefect.db")
        environment |= {
            "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{database}",
            "PREFECT_API_DATABASE_MIGRATE_ON_START": "false" if _migrated(database) else "true",
            "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
            "PREFECT_SERVER_UI_ENABLED": "false",
            "PREFECT_UI_ENABLED": "false",
            # As Prefect starts the servers that it makes for itself: only the services that a run needs.
            "PREFECT__SERVER_EPHEMERAL": "1",
            "PREFECT__SERVER_FINAL": "1",
        }
        runtime = os.path.dirname(os.path.dirname(__file__))
        popen = subprocess.Popen(
            [sys.executable, runtime, "prefect", str(listening.fileno())],
            env=environment,
            stdin=subprocess.PIPE,
            pass_fds=[listening.fileno()],
            start_new_session=True,
        )
        popen.returncode = 0  # whoever is process 1 reaps it
        listening.close()
        self._held = popen.stdin
        say("a Prefect server for this run starts at " + told["PREFECT_API_URL"])


def _migrated(database: str) -> bool:
    """Take the image's database, and say whether it is as this version of Prefect has it."""
    import shutil

    given = text("PREFECT_DATABASE", DATABASE)
    if not os.path.isfile(given):
        return False
    try:
        shutil.copyfile(given, database)
        import sqlite3

        with sqlite3.connect(database) as connection:
            ((version,),) = connection.execute("SELECT version_num FROM alembic_version")
        found = importlib.util.find_spec("prefect")
        folder = next(iter((found and found.submodule_search_locations) or ()))
        return version in max(os.listdir(os.path.join(folder, "server/database/_migrations/versions/sqlite")))
    except Exception as error:
        say(f"the Prefect database {given} is not as expected, migrating: {error!r}")
        return False


def serve(fd: int) -> None:
    """The server's process, started by Server: until its standard input ends."""
    import threading

    def leave() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=leave, daemon=True).start()
    gc.disable()  # see launcher
    import uvicorn
    from prefect.server.api.server import create_app

    listening = socket.socket(fileno=fd)
    config = uvicorn.Config(create_app(), log_level="error", lifespan="on", ws_ping_interval=None)
    gc.enable()
    gc.freeze()
    uvicorn.Server(config).run(sockets=[listening])
