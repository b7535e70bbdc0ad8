"""Prefect 3 asks for an API server that flow and workers reach: one in the runner's pod, for this run alone.

Started before the flow's code may be imported, while the cluster comes up, if the entrypoint's text speaks of
Prefect; else when it is imported. A server of the user's is used instead where Prefect's settings name one.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import socket
import sys

from ..settings import ARCHIVE, mounted, number, say, text

PORT = 4200
"""Prefect's own; on the pod's address, if DASKFLOW_POD_IP says which."""
DATABASE = "/opt/daskflow/prefect.db"
"""Where an image may keep a migrated database: migrations take seconds."""


def configured() -> bool:
    """Whether Prefect's own settings (a profile, a file in the working directory) name a server: asked of
    Prefect, which takes a second, where there are any."""
    if os.environ.get("PREFECT_API_URL"):
        return True
    home = os.environ.get("PREFECT_HOME") or os.path.expanduser("~/.prefect")
    profiles = os.environ.get("PREFECT_PROFILES_PATH") or os.path.join(home, "profiles.toml")
    if os.path.isfile(profiles):
        os.environ["PREFECT_PROFILES_PATH"] = profiles  # it counts, wherever PREFECT_HOME will be
    elif not any(_speaks(*each) for each in _FILES.items()):
        return False
    import subprocess

    code = "from prefect.settings import PREFECT_API_URL as url; print('url=' + (url.value() or ''))"
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if asked.returncode != 0:
        say(f"Prefect's settings cannot be read: {asked.stderr.strip().splitlines()[-1:]}")
    url = asked.stdout.strip().rpartition("url=")[2]
    if url:
        say(f"Prefect's server is {url}, as its settings say")
    return bool(url)


_FILES = {".env": "PREFECT_", "prefect.toml": "", "pyproject.toml": "tool.prefect"}
"""Of Prefect's settings in the working directory, each with what it says then."""


def _speaks(name: str, word: str) -> bool:
    try:
        with open(name, encoding="utf-8", errors="replace") as file:
            return word in file.read()
    except OSError:
        return False


def prepare() -> tuple[socket.socket, dict[str, str]] | None:
    """What a server of this run's own needs, in the environment, too; None if there is another."""
    if configured():
        return None
    listening, told = listen()
    os.environ.update(told)
    return listening, told


def _bound(address: str) -> socket.socket:
    """At Prefect's port, which a network policy lets through; at another on this machine, which may have
    several runs, and on a host's network if that one is taken."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    port = int(number("PREFECT_PORT", PORT if text("POD_IP") and not text("LOCAL") else 0))
    try:
        return socket.create_server((address, port), family=family, backlog=512)
    except OSError as error:
        say(f"port {port}, for this run's Prefect server, is not to be had ({error}): another is taken")
        return socket.create_server((address, 0), family=family, backlog=512)


def listen() -> tuple[socket.socket, dict[str, str]]:
    """The server's socket, and the settings with which flow and workers find it.

    Clients connect at once and wait in the socket's backlog until the server has started.
    """
    address = text("POD_IP", "127.0.0.1")
    server = _bound(address)
    os.register_at_fork(after_in_child=server.close)  # only the server's process shall listen
    host = f"[{address}]" if ":" in address else address
    home = os.environ.get("PREFECT_HOME", "")
    told = {
        "PREFECT_API_URL": f"http://{host}:{server.getsockname()[1]}/api",
        "PREFECT_API_AUTH_STRING": "daskflow:" + os.urandom(16).hex(),
        "PREFECT_HOME": home if os.access(home, os.W_OK) else _own_home(),
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


def _own_home() -> str:
    scratch = text("SCRATCH", "/scratch")
    if not os.access(scratch, os.W_OK):
        scratch = os.environ.get("TMPDIR") or "/tmp"
    return os.path.join(scratch, "prefect")


class Server:
    """The server's process. It ends when this object, or the process that holds it, does."""

    def __init__(self, listening: socket.socket, told: dict[str, str]) -> None:
        import subprocess

        home = _own_home()  # with the database, unless the settings name another
        os.makedirs(home, exist_ok=True)
        environment = {
            **os.environ,
            **told,
            "PREFECT_HOME": home,
            "PREFECT_SERVER_API_AUTH_STRING": told["PREFECT_API_AUTH_STRING"],
        }
        del environment["PREFECT_API_URL"], environment["PREFECT_API_AUTH_STRING"]
        database = os.path.join(home, "prefect.db")
        environment |= {
            "PREFECT_API_DATABASE_MIGRATE_ON_START": "true"
            if _named() or not _migrated(database)
            else "false",
            "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
            "PREFECT_SERVER_UI_ENABLED": "false",
            "PREFECT_UI_ENABLED": "false",
            # As Prefect starts the servers that it makes for itself: only the services that a run needs.
            "PREFECT__SERVER_EPHEMERAL": "1",
            "PREFECT__SERVER_FINAL": "1",
        }
        popen = subprocess.Popen(
            [sys.executable, ARCHIVE, "prefect", str(listening.fileno())],
            env=environment,
            stdin=subprocess.PIPE,
            pass_fds=[listening.fileno()],
            start_new_session=True,
        )
        popen.returncode = 0  # whoever is process 1 reaps it
        listening.close()
        self._held = popen.stdin
        say("a Prefect server for this run starts at " + told["PREFECT_API_URL"])


def _named() -> bool:
    """Whether the settings may name a database."""
    names = ("PREFECT_API_DATABASE_CONNECTION_URL", "PREFECT_SERVER_DATABASE_CONNECTION_URL")
    return any(map(os.environ.get, names)) or os.path.isfile(os.environ.get("PREFECT_PROFILES_PATH", ""))


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
