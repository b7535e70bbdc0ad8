"""Users' own commands with what is injected into their pods, as real processes."""

import asyncio
import json
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from daskflow.controller.schedulers.questions import dial
from daskflow.manifests.dask_kubernetes.injection import files, injected
from daskflow.manifests.settings import Injection, Role
from daskflow.plan.question import Keys

from tests.ports import reserved_port
from tests.runtime.conftest import PYTHON, environment, eventually

ROOT_KEY = b"k" * 32
INNER = "127.0.0.2"
"""Plays the pod's address, beside its loopback 127.0.0.1."""
PROGRAM = """
import os, sys, time
from distributed import Client
with Client({address!r}, timeout="10s") as client:
    {workers} and client.wait_for_workers({workers}, timeout=30)
    {code}
"""


class Pods:
    """Processes in place of pods, with a folder in place of the mounted Secret."""

    def __init__(self, folder: Path, pyz: bytes, python: str, injection: Injection) -> None:
        self.folder = folder
        self._python = python
        self._injection = injection
        self.secret = folder / "secret"
        self.secret.mkdir()
        self.keys = Keys("uid", datetime.now(UTC))
        for name, text in files(injection, ROOT_KEY, "uid", self.keys.created).items():
            (self.secret / name).write_text(self._here(text))
        (self.secret / "runtime.pyz").write_bytes(pyz)
        self.port = reserved_port()
        self.config: dict[str, Any] = {}
        self.started: list[subprocess.Popen[bytes]] = []

    def _here(self, text: str) -> str:
        return text.replace("/daskflow/", f"{self.secret}/")

    def run(self, role: Role, *args: str, **told: str) -> "subprocess.Popen[bytes]":
        """Start a program of Dask's with these arguments, as the pod says."""
        said = [{"name": name, "value": value} for name, value in told.items()]
        command = ["python", "-m", f"distributed.cli.dask_{role}"]
        container = {"name": role, "args": [*command, *args], "env": said}
        pod = injected({"spec": {"containers": [container]}}, role, self._injection, "secret")
        (container,) = pod["spec"]["containers"]
        variables = {each["name"]: each.get("value", INNER) for each in container["env"]}
        config = self.folder / "config" / "image.yaml"
        config.parent.mkdir(exist_ok=True)
        config.write_text(json.dumps(self.config))
        home = {"HOME": str(self.folder), "DASK_CONFIG": str(config), "DASKFLOW_DIR": str(self.secret)}
        home["DASKFLOW_TERMINATION_LOG"] = str(self.folder / f"message-{len(self.started)}")
        env = {name: self._here(text) for name, text in variables.items()}
        given = [self._here(arg) for arg in container["args"]]
        with open(self.folder / f"{role}-{len(self.started)}.log", "wb") as log:
            process = subprocess.Popen(
                [self._python, *given[1:]],
                env={**env, **home},
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def cluster(self, workers: int) -> list["subprocess.Popen[bytes]"]:
        """A scheduler as KubeCluster asks for it, and workers."""
        self.run("scheduler", "--host", "0.0.0.0", "--port", str(self.port), "--no-dashboard")
        host = "127.0.0.1" if self._injection.tls == "None" else INNER
        address = f"{self._injection.scheme}://{host}:{self.port}"
        options = ["--nthreads", "1", "--death-timeout", "60", "--no-dashboard"]
        return [
            self.run("worker", "--name", f"worker-{n}", *options, DASK_SCHEDULER_ADDRESS=address)
            for n in range(workers)
        ]

    def does(self, code: str, workers: int, address: str = "") -> str:
        """What a program prints that connects without certificates. Raises CalledProcessError."""
        program = PROGRAM.format(
            address=address or f"tcp://127.0.0.1:{self.port}", workers=workers, code=code
        )
        command = [self._python, "-c", program]
        return subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=90, cwd=self.folder
        ).stdout

    def logs(self) -> str:
        return "\n".join(file.read_text() for file in sorted(self.folder.glob("*.log")))

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()


@pytest.fixture
def make(tmp_path: Path, pyz: bytes) -> Iterator[Any]:
    made: list[Pods] = []

    def make(image: str, **injection: Any) -> Pods:
        python = environment(image) if image else PYTHON
        made.append(Pods(tmp_path, pyz, python, Injection(**injection)))
        return made[-1]

    yield make
    for pods in made:
        pods.end()
        print(pods.logs()[-6000:])


@pytest.mark.parametrize("image", ["", "oldest"])
def test_pods_speak_tls_and_a_plain_client_comes_by_loopback(make: Any, image: str) -> None:
    pods = make(image, tls="Pods")
    pods.cluster(2)
    code = (
        "print(sum(client.gather(client.map(abs, range(-9, 0)))));"
        "print(sorted(name[:6] for name in client.scheduler_info()['workers']))"
    )
    assert pods.does(code, 2).split("\n")[:2] == ["45", "['tls://', 'tls://']"]
    with pytest.raises(subprocess.CalledProcessError) as failed:
        pods.does("print(1)", 2, f"tcp://{INNER}:{pods.port}")
    assert "CommClosedError" in failed.value.stderr or "Timed out" in failed.value.stderr


async def operators_look(pods: Pods) -> int:
    """How many workers the operator sees."""
    connection = await dial(f"tls://{INNER}:{pods.port}", pods.keys, ROOT_KEY)
    told = await connection.call("identity")
    connection.close()
    return len(told["workers"])


def test_everything_is_encrypted_by_environment_alone(make: Any) -> None:
    pods = make("", tls="All")
    pods.cluster(1)
    secret = pods.secret
    security = f"Security(tls_ca_file='{secret}/ca.crt', tls_client_cert='{secret}/tls.crt', "
    security += f"tls_client_key='{secret}/tls.key', require_encryption=True)"
    code = f"from distributed import Client, Security\nc = Client('tls://{INNER}:{pods.port}', "
    code += f"security={security}, timeout='30s')\nprint(c.submit(abs, -3).result(timeout=30))"
    done = subprocess.run([PYTHON, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout == "3\n"
    assert asyncio.run(operators_look(pods)) == 1
    with pytest.raises(subprocess.CalledProcessError):
        pods.does("print(1)", 1)


@pytest.mark.parametrize("image", ["", "oldest"])
def test_a_worker_that_is_told_to_go_hands_over(make: Any, image: str) -> None:
    pods = make(image, preload=True)
    first, _ = pods.cluster(2)
    pods.does("client.publish_dataset(kept=client.map(abs, range(-40, 0)))", 2)
    first.send_signal(signal.SIGTERM)
    assert first.wait(30) == 0, pods.logs()
    assert pods.does("print(sum(client.gather(client.get_dataset('kept'))))", 1) == f"{sum(range(41))}\n"
    assert "Terminated: handing over" in pods.logs()


def test_preloads_of_the_image_run_as_well(make: Any) -> None:
    pods = make("", preload=True)
    theirs = pods.folder / "theirs.py"
    theirs.write_text("def dask_setup(server):\n    print('THEIRS', type(server).__name__, flush=True)\n")
    pods.config = {
        "distributed": {role: {"preload": [str(theirs)]} for role in ("scheduler", "worker")},
    }
    pods.cluster(1)
    eventually(lambda: {"THEIRS Scheduler", "THEIRS Worker"} <= set(pods.logs().split("\n")), 30)


def test_a_preload_of_the_command_line_leaves_ours(make: Any) -> None:
    pods = make("", preload=True)
    (pods.folder / "theirs.py").write_text("def dask_setup(server):\n    print('THEIRS', flush=True)\n")
    theirs = str(pods.folder / "theirs.py")
    pods.run("scheduler", "--port", str(pods.port), "--no-dashboard", "--preload", theirs)
    code = "told = client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.handlers));"
    code += "print('daskflow_leave' in told)"
    assert pods.does(code, 0) == "True\n"
    assert "THEIRS" in pods.logs()
