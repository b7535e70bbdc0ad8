"""A real Airflow on this machine: its processes, with a home of their own, and its API server."""

import json
import os
import secrets
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote

from integrations.kubectl import until

PARTS = ("api-server", "dag-processor", "scheduler", "triggerer")
_STARTING = 120
"""Seconds until Airflow is up; its parts take ten each on a busy machine."""


class Installation:
    """DAGs are files of `folder/dags`; tables are in SQLite."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self.folder = folder
        self.dags = folder / "dags"
        self.dags.mkdir()
        self._port = _free_port()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        url = f"http://127.0.0.1:{self._port}"
        settings = {
            "CORE__DAGS_FOLDER": str(self.dags),
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
            "CORE__PARALLELISM": "4",
            "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "API__BASE_URL": url,
            "API__HOST": "127.0.0.1",
            "API__PORT": str(self._port),
            "API__WORKERS": "1",
            "API_AUTH__JWT_SECRET": secrets.token_hex(32),
            "DAG_PROCESSOR__REFRESH_INTERVAL": "5",
            "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "5",
            "LOGGING__BASE_LOG_FOLDER": str(folder / "logs"),
            "SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "10",
            "TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "10",
        }
        named = {f"AIRFLOW__{key}": value for key, value in settings.items()}
        self._environment = {**os.environ, **variables, "AIRFLOW_HOME": str(folder), **named}

    def command(self, *arguments: str, seconds: float = 120) -> str:
        """What a command of Airflow prints, errors beside it. Raises AssertionError when it fails."""
        done = subprocess.run(
            ["airflow", *arguments],
            env=self._environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, f"airflow {' '.join(arguments)}: {done.stdout[-6000:]}"
        return done.stdout

    def start(self, *parts: str) -> None:
        """Start these parts of Airflow."""
        for part in parts:
            with (self.folder / f"{part}.log").open("ab") as log:
                self._processes[part] = subprocess.Popen(
                    ["airflow", part],
                    env=self._environment,
                    cwd=self.folder,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

    def kill(self, *parts: str, with_signal: int = signal.SIGKILL) -> None:
        """End these parts with all that they have started."""
        for part in parts:
            process = self._processes.pop(part)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, with_signal)
            process.wait(30)

    def stop(self) -> None:
        """End what runs."""
        self.kill(*self._processes)

    def ready(self, *dags: str) -> None:
        """Wait until all parts are well and these DAGs are known."""
        until("Airflow to be up", self._healthy, _STARTING, self.picture)
        until("the DAGs", lambda: set(dags) <= self._known(), _STARTING, self.picture)

    def trigger(self, dag: str) -> str:
        """The id of a new run of a DAG."""
        return str(self.ask("POST", f"dags/{dag}/dagRuns", {"logical_date": None})["dag_run_id"])

    def instance(self, dag: str, run: str, task: str) -> dict[str, Any]:
        """One task of a DAG run."""
        return self.ask("GET", f"{_path(dag, run)}/taskInstances/{task}")

    def reached(self, dag: str, run: str, task: str, *states: str, seconds: float = 120) -> dict[str, Any]:
        """The task once it is in one of these states."""

        def there() -> dict[str, Any] | None:
            found = self.instance(dag, run, task)
            return found if found["state"] in states else None

        what = f"task {dag}.{task} to be {' or '.join(states)}"
        return until(what, there, seconds, lambda: f"{self.log(dag, run, task)}\n{self.picture()}") or {}

    def xcom(self, dag: str, run: str, task: str, key: str = "return_value") -> Any:
        """A value that a task has pushed."""
        return self.ask("GET", f"{_path(dag, run)}/taskInstances/{task}/xcomEntries/{key}?stringify=false")[
            "value"
        ]

    def mark(self, dag: str, run: str, task: str, state: str) -> None:
        """Set a task's state, as a person does in the page."""
        body = {"new_state": state}
        self.ask("PATCH", f"{_path(dag, run)}/taskInstances/{task}?update_mask=new_state", body)

    def clear(self, dag: str, run: str, task: str) -> None:
        """Have a task run again, as a person does in the page."""
        body = {"dry_run": False, "dag_run_id": run, "task_ids": [task], "only_failed": False}
        body["only_running"] = False
        self.ask("POST", f"dags/{dag}/clearTaskInstances", body)

    def reported(self, key: str) -> bool:
        """Whether the scheduler has heard of the end of a task's process."""
        lines = (self.folder / "scheduler.log").read_text().splitlines()
        return any("Received executor event" in line and key in line for line in lines)

    def log(self, dag: str, run: str, task: str) -> str:
        """All that there is of a task's log, of all tries and of its triggers."""
        folder = self.folder / "logs" / f"dag_id={dag}" / f"run_id={run}" / f"task_id={task}"
        return "\n".join(file.read_text() for file in sorted(folder.rglob("*.log*")))

    def picture(self) -> str:
        """The end of each part's own log."""
        logs = [self.folder / f"{part}.log" for part in PARTS]
        return "\n".join(f"{log.name}: {log.read_text()[-1500:]}" for log in logs if log.exists())

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The answer of the API server. Raises AssertionError with what it says against it."""
        return self._request(method, f"/api/v2/{path}", body, self._token())

    def _token(self) -> str:
        return str(self._request("GET", "/auth/token")["access_token"])

    def _request(self, method: str, path: str, body: Any = None, token: str = "") -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        data = json.dumps(body).encode() if body is not None else None
        url = f"http://127.0.0.1:{self._port}{path}"
        asked = urllib.request.Request(url, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return dict(json.loads(answer.read() or b"{}"))
        except HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def _healthy(self) -> bool:
        try:
            found = self._request("GET", "/api/v2/monitor/health")
        except (URLError, OSError):
            return False
        parts = ("metadatabase", "scheduler", "triggerer", "dag_processor")
        return all(found[part]["status"] == "healthy" for part in parts)

    def _known(self) -> set[str]:
        errors = self.ask("GET", "importErrors")["import_errors"]
        assert not errors, errors
        return {dag["dag_id"] for dag in self.ask("GET", "dags")["dags"]}


@contextmanager
def installation(folder: Path, variables: Mapping[str, str]) -> Iterator[Installation]:
    """One with its tables made, of which nothing runs yet; ended afterwards."""
    airflow = Installation(folder, variables)
    airflow.command("db", "migrate")
    try:
        yield airflow
    finally:
        airflow.stop()


def _path(dag: str, run: str) -> str:
    return f"dags/{dag}/dagRuns/{quote(run, safe='')}"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
