"""A real Prefect server for tests, with a database that is migrated once an environment."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

DATABASE = Path(sys.prefix) / "prefect.db"
"""Migrations take half a minute."""


def prefect(*arguments: str, **environment: str) -> str:
    """What Prefect's command prints. Raises AssertionError with what it complains of."""
    command = [sys.executable, "-m", "prefect", *arguments]
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"prefect {' '.join(arguments)}: {done.stdout}\n{done.stderr}"
    return done.stdout


def _migrated() -> Path:
    if not DATABASE.exists():
        new = DATABASE.with_name(f"prefect-{os.getpid()}.db")
        url = f"sqlite+aiosqlite:///{new}"
        home = str(new.with_suffix(".home"))
        prefect(
            "server", "database", "upgrade", "-y", PREFECT_API_DATABASE_CONNECTION_URL=url, PREFECT_HOME=home
        )
        new.rename(DATABASE)
    return DATABASE


class Server:
    """One server, which may be killed and started again with all that it knows."""

    def __init__(self, folder: Path, host: str = "127.0.0.1", port: int = 4281) -> None:
        self._folder, self._host, self._port = folder, host, port
        self.url = f"http://{host}:{port}/api"
        shutil.copyfile(_migrated(), folder / "prefect.db")
        self.environment = {"PREFECT_API_URL": self.url, "PREFECT_HOME": str(folder)}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it answers."""
        settings = {
            "PREFECT_HOME": str(self._folder),
            "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{self._folder}/prefect.db",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_API_SERVICES_SCHEDULER_ENABLED": "false",
        }
        command = [sys.executable, "-m", "prefect", "server", "start", "--no-ui"]
        command += ["--host", self._host, "--port", str(self._port)]
        with open(self._folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                command, env={**os.environ, **settings}, stdout=log, stderr=log, start_new_session=True
            )
        end = time.monotonic() + 120
        while not self._answers():
            assert self.process.poll() is None, (self._folder / "server.log").read_text()[-3000:]
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            return bool(self.ask("/health"))
        except OSError:
            return False

    def kill(self) -> None:
        """At once, and all that it started."""
        if self.process is not None:
            os.killpg(self.process.pid, 9)
            self.process.wait()
            self.process = None

    def ask(self, path: str, body: Any = None, method: str = "") -> Any:
        """The answer of its API; raises HTTPError. A database that is locked is asked again: 503."""
        data = None if body is None else json.dumps(body).encode()
        method = method or ("GET" if body is None else "POST")
        request = urllib.request.Request(
            self.url + path, data, {"Content-Type": "application/json"}, method=method
        )
        end = time.monotonic() + 20
        while True:
            try:
                text = urllib.request.urlopen(request, timeout=20).read()
            except urllib.error.HTTPError as error:
                if error.code != 503 or time.monotonic() > end:
                    raise
                time.sleep(0.2)
            else:
                return json.loads(text) if text else None

    def state(self, flow_run: str) -> dict[str, Any]:
        """A flow run's state."""
        return dict(self.ask(f"/flow_runs/{flow_run}").get("state") or {})

    def set_state(
        self, flow_run: str, type_: str, name: str = "", force: bool = False, **details: Any
    ) -> Any:
        """As the UI does."""
        state = {"type": type_, "name": name or type_.title(), "state_details": details}
        return self.ask(f"/flow_runs/{flow_run}/set_state", {"state": state, "force": force})

    def logs(self, flow_run: str) -> str:
        """All lines of its log."""
        wanted = {"logs": {"flow_run_id": {"any_": [flow_run]}}, "sort": "TIMESTAMP_ASC"}
        return "\n".join(each["message"] for each in self.ask("/logs/filter", wanted))
