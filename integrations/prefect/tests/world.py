"""A Prefect server beside the cluster, workers of a pool as processes, and flows that pull steps bring.

Pods reach the server and the code at the node's address, where these processes are.
"""

import http.server
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from prefect_daskflow import names

from integrations.kubectl import Namespace, Object, kubectl, namespace, until
from integrations.prefect.tests.server import Server, prefect

POOL = "dask"
IMAGE = "docker.io/local/daskflow-flows:prefect3"
FLOWS = Path(__file__).parent / "flows"
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
SMALL = {"requests": {"cpu": "20m", "memory": "600Mi"}}
"""Dask takes the request for its limit."""
AGREED = {
    ("COMPLETED", "Succeeded"),
    ("FAILED", "Failed"),
    ("CANCELLED", "Cancelled"),
    ("CRASHED", "Failed"),
    ("CRASHED", "gone"),
    ("CRASHED", "never made"),
    ("CANCELLED", "never made"),
}
"""What a flow run's state and its FlowRun's phase may say together in the end."""


def node_address() -> str:
    nodes = json.loads(kubectl("get", "nodes", "--output", "json"))["items"]
    addresses = nodes[0]["status"]["addresses"]
    return next(each["address"] for each in addresses if each["type"] == "InternalIP")


class Worker:
    """`prefect worker start`, as a process that may be killed."""

    def __init__(self, folder: Path, name: str, environment: dict[str, str]) -> None:
        self.name = name
        self._log = folder / f"{name}.log"
        self._environment = environment
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Worker":
        command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "daskflow"]
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen(
                [*command, "--name", self.name],
                env={**os.environ, **self._environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self, signum: int = signal.SIGKILL) -> None:
        if self.process is not None:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signum)
            self.process.wait()
            self.process = None


class World:
    """All of it; `flow_runs` are those that were made here."""

    def __init__(self, namespace: Namespace, folder: Path) -> None:
        self.namespace, self.folder = namespace, folder
        self.address = node_address()
        self._files = http.server.ThreadingHTTPServer(
            (self.address, 0), partial(_Quiet, directory=str(folder / "served"))
        )
        self.server = Server(folder, host=self.address, port=4283)
        self.workers: list[Worker] = []

    def start(self) -> None:
        served = self.folder / "served"
        served.mkdir()
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            tar.add(FLOWS, "code", filter=lambda each: None if "__pycache__" in each.name else each)
        (served / "code.tar").write_bytes(buffer.getvalue())
        threading.Thread(target=self._files.serve_forever, daemon=True).start()
        self.server.start()
        self._pool()
        self._deploy()

    def _pool(self) -> None:
        """As an administrator does by the command: the template of the type, with defaults of this place."""
        text = prefect("work-pool", "get-default-base-job-template", "--type", "daskflow", **self.environment)
        template = json.loads(text)
        fields = template["variables"]["properties"]
        defaults = {"image": IMAGE, "namespace": self.namespace.name, "workers": 1, "threads": 2}
        defaults |= {f"{each}_resources": SMALL for each in ("worker", "scheduler", "runner")}
        for name, value in defaults.items():
            fields[name]["default"] = value
        file = self.folder / "template.json"
        file.write_text(json.dumps(template))
        given = ["--type", "daskflow", "--base-job-template", str(file)]
        prefect("work-pool", "create", POOL, *given, **self.environment)

    def _deploy(self) -> None:
        """As users do by `prefect deploy`, with pull steps that bring the code into the runner's pod."""
        project = self.folder / "project"
        shutil.copytree(FLOWS, project, ignore=shutil.ignore_patterns("__pycache__"))
        url = f"http://{self.address}:{self._files.server_address[1]}/code.tar"
        read = f"io.BytesIO(urllib.request.urlopen('{url}').read())"
        code = f"import io, tarfile, urllib.request; tarfile.open(fileobj={read}).extractall('.')"
        script = f'python3 -c "{code}"'
        pull = [
            {"prefect.deployments.steps.run_shell_script": {"script": script}},
            {"prefect.deployments.steps.set_working_directory": {"directory": "code"}},
        ]
        deployments = [
            {"name": "d", "entrypoint": f"etl.py:{name}", "work_pool": {"name": POOL}}
            for name in ("etl", "suspended", "patient", "native")
        ]
        (project / "prefect.yaml").write_text(json.dumps({"pull": pull, "deployments": deployments}))
        command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
        done = subprocess.run(
            command,
            cwd=project,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    @property
    def environment(self) -> dict[str, str]:
        told = {"PREFECT_DASKFLOW_NAMESPACE": self.namespace.name, "PREFECT_DASKFLOW_PERIOD": "2"}
        told |= {"PREFECT_DASKFLOW_RESCUE": "15", "PREFECT_WORKER_QUERY_SECONDS": "2"}
        return {**self.server.environment, **told}

    def worker(self, name: str = "w1") -> Worker:
        """One more, started."""
        made = Worker(self.folder, name, self.environment).start()
        self.workers.append(made)
        return made

    def run(self, flow: str = "etl", variables: Object | None = None, **parameters: Any) -> str:
        """A flow run of its deployment, to be taken by a worker now."""
        deployment = self.server.ask(f"/deployments/name/{flow}/d")["id"]
        body = {"parameters": parameters, "state": {"type": "SCHEDULED"}, "job_variables": variables or {}}
        return str(self.server.ask(f"/deployments/{deployment}/create_flow_run", body)["id"])

    def flow_runs(self, flow_run: str) -> list[Object]:
        """The FlowRuns of a flow run, the oldest first."""
        found = self.namespace.items("flowruns", f"{names.FLOW_RUN}={flow_run}")
        return sorted(found, key=lambda each: str(each["metadata"]["creationTimestamp"]))

    def state(self, flow_run: str) -> str:
        """The type of its state; empty while the server is away."""
        try:
            return str(self.server.state(flow_run).get("type", ""))
        except OSError:
            return ""

    def phase(self, flow_run: str) -> str:
        """Of its newest FlowRun, empty while it has none."""
        found = self.flow_runs(flow_run)
        return str((found[-1].get("status") or {}).get("phase") or "") if found else ""

    def reaches(self, flow_run: str, *states: str, seconds: float = 120) -> str:
        """The message of its state, once that is of one of these types."""
        until(
            f"flow run {flow_run} to be {' or '.join(states)}",
            lambda: self.state(flow_run) in states,
            seconds,
            lambda: self.picture(flow_run),
        )
        return str(self.server.state(flow_run).get("message"))

    def picture(self, flow_run: str = "") -> str:
        lines = [self.namespace.picture()]
        if flow_run:
            lines += [str(self.server.state(flow_run)), self.server.logs(flow_run)]
        return "\n".join([*lines, *(each.log()[-3000:] for each in self.workers)])

    def end(self) -> None:
        for each in self.workers:
            each.kill()
        self.server.kill()
        self._files.shutdown()
        self._files.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        return


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """A world, and nothing of it afterwards."""
    with namespace() as made:
        found = World(made, folder)
        try:
            found.start()
            yield found
        finally:
            found.end()
