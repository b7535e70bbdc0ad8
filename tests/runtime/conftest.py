"""Real pods without Kubernetes: the packed runtime as processes on loopback, with real certificates.

DASKFLOW_TEST_PYTHON names the interpreter (and so the `distributed`) that plays the image's; default: ours.
"""

import datetime
import ipaddress
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from daskflow.runtime.pack import pack

from tests.ports import reserved_port
from tests.runtime import environments

PYTHON = os.environ.get("DASKFLOW_TEST_PYTHON") or str(
    environments.python("dev") if environments.NEWEST else sys.executable
)
TOKEN = "c0ffee"


def eventually(condition: Callable[[], Any], seconds: float = 20) -> Any:
    """The condition's first true value; fails after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 0.5).close()
    except OSError:
        return False
    return True


def authority(folder: Path) -> None:
    """ca.crt, and tls.crt with tls.key signed by it: what the operator puts into a cluster's Secret."""
    folder.mkdir()
    now = datetime.datetime.now(datetime.UTC)
    key, ca_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    name, ca_name = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in ("pod", "ca"))

    def certificate(subject: x509.Name, public: ec.EllipticCurvePublicKey, ca: bool) -> x509.Certificate:
        builder = x509.CertificateBuilder(ca_name, subject, public, x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(hours=1))
        builder = builder.not_valid_after(now + datetime.timedelta(hours=1))
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        if not ca:
            names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(ca_key, hashes.SHA256())

    def pem(certificate: x509.Certificate) -> bytes:
        return certificate.public_bytes(serialization.Encoding.PEM)

    (folder / "ca.crt").write_bytes(pem(certificate(ca_name, ca_key.public_key(), True)))
    (folder / "tls.crt").write_bytes(pem(certificate(name, key.public_key(), False)))
    (folder / "tls.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


class Pod:
    """One process that plays a pod."""

    def __init__(self, name: str, popen: subprocess.Popen[bytes], folder: Path, ready_port: int) -> None:
        self.name = name
        self.popen = popen
        self.ready_port = ready_port
        self._folder = folder

    def log(self) -> str:
        return (self._folder / f"{self.name}.log").read_text(errors="replace")

    def message(self) -> dict[str, Any]:
        """The termination message; {} as long as there is none."""
        data = (self._folder / f"{self.name}.message").read_bytes()
        assert len(data) <= 4096
        return dict(json.loads(data or b"{}"))

    def wait(self, seconds: float = 30) -> int:
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} still runs:\n{self.log()}") from None

    def outcome(self) -> dict[str, Any]:
        """Wait for the runner's end: its outcome."""
        self.wait()
        outcome = self.message()
        outcome["exit"] = self.popen.returncode
        return outcome

    def ready(self) -> bool:
        return answers(self.ready_port)

    def signal(self, signum: int) -> None:
        self.popen.send_signal(signum)


class Pods:
    """The pods of one attempt, in a folder of their own that is also their working directory."""

    python = PYTHON
    """The image's."""

    def __init__(self, folder: Path, pyz: bytes, certificates: Path | None) -> None:
        self.folder = folder
        self.secret = folder / "secret"
        self.secret.mkdir()
        (folder / "work").mkdir()
        (self.secret / "runtime.pyz").write_bytes(pyz)
        (self.secret / "token").write_text(TOKEN)
        self.tls = certificates is not None
        config: dict[str, Any] = {"comm": {"timeouts": {"connect": "2s"}}}
        if certificates is not None:
            for file in certificates.iterdir():
                (self.secret / file.name).write_bytes(file.read_bytes())
            pair = {"cert": str(self.secret / "tls.crt"), "key": str(self.secret / "tls.key")}
            roles = dict.fromkeys(("scheduler", "worker", "client"), pair)
            config["comm"]["tls"] = {"ca-file": str(self.secret / "ca.crt"), **roles}
            config["comm"]["default-scheme"] = "tls"
        (self.secret / "dask.yaml").write_text(json.dumps({"distributed": config}))
        self.port, self.control_port, self.http_port = (reserved_port() for _ in range(3))
        self.pods: list[Pod] = []

    def image(self, name: str) -> "Pods":
        """These pods with the Python of an environment, see `environment`."""
        self.python = environment(name)
        return self

    @property
    def control_url(self) -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.control_port}"

    def file(self, name: str, text: str) -> None:
        """A file in the image's working directory."""
        path = self.folder / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def start(
        self, name: str, args: list[str], environment: dict[str, Any], prefix: Sequence[str] = ()
    ) -> Pod:
        """Start the runtime with `args`, below the command `prefix`."""
        scratch = self.folder / f"{name}.scratch"
        scratch.mkdir()
        ready_port = reserved_port()
        common = {
            "DASKFLOW_POD": name,
            "DASKFLOW_POD_UID": f"uid-{name}",
            "DASK_CONFIG": self.secret / "dask.yaml",
            "DASKFLOW_DIR": self.secret,
            "DASKFLOW_SCRATCH": scratch,
            "DASKFLOW_TERMINATION_LOG": self.folder / f"{name}.message",
            "DASKFLOW_READY_PORT": ready_port,
            "DASKFLOW_CONTROL_PORT": self.control_port,
            "DASKFLOW_LEASE_SECONDS": 5,
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
        }
        (self.folder / f"{name}.message").write_bytes(b"")
        with open(self.folder / f"{name}.log", "wb") as log:
            popen = subprocess.Popen(
                [*prefix, self.python, str(self.secret / "runtime.pyz"), *args],
                env={key: str(value) for key, value in {**common, **environment}.items()},
                cwd=self.folder / "work",
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        pod = Pod(name, popen, self.folder, ready_port)
        self.pods.append(pod)
        return pod

    def scheduler(self, **environment: Any) -> Pod:
        args = ["scheduler", "--port", str(self.port), "--dashboard-address", f"127.0.0.1:{self.http_port}"]
        return self.start("scheduler", args, {"DASKFLOW_OWNED": "1", **self._addresses(), **environment})

    def _addresses(self) -> dict[str, Any]:
        return {"DASK_SCHEDULER_ADDRESS": f"{'tls' if self.tls else 'tcp'}://127.0.0.1:{self.port}"}

    def worker(self, number: int = 0, **environment: Any) -> Pod:
        more = {"DASKFLOW_THREADS": 1, "DASKFLOW_GROUP": "default", "DASKFLOW_DEATH_TIMEOUT": 30}
        return self.start(f"worker-{number}", ["worker"], {**self._addresses(), **more, **environment})

    def runner(self, flow: dict[str, Any], workers: Any = 0, name: str = "runner", **environment: Any) -> Pod:
        """`workers`: how many the flow wants, or all of DASKFLOW_WORKERS; None: no cluster."""
        more: dict[str, Any] = {"DASKFLOW_FLOW": json.dumps(flow), "DASKFLOW_RUN": "run"}
        if workers is not None:
            wanted = workers if isinstance(workers, dict) else {"wanted": workers, "required": workers}
            more |= {**self._addresses(), "DASKFLOW_CONTROL": self.control_url}
            more["DASKFLOW_WORKERS"] = json.dumps(wanted)
        return self.start(name, ["runner"], {**more, **environment})

    def cluster(self, workers: int = 1, **environment: Any) -> tuple[Pod, list[Pod]]:
        """A scheduler and workers, all started at once."""
        return self.scheduler(**environment), [self.worker(n, **environment) for n in range(workers)]

    def alone(self, flow: dict[str, Any], **environment: Any) -> dict[str, Any]:
        """The outcome of a flow that runs without a cluster."""
        return self.runner(flow, None, **environment).outcome()

    def end(self) -> None:
        for pod in self.pods:
            if pod.popen.poll() is None:
                pod.signal(signal.SIGKILL)
            pod.popen.wait()


def environment(name: str) -> str:
    """The interpreter with locks/flows/NAME.txt; skips the test without its Python."""
    if environments.interpreter(name) is None:
        pytest.skip(f"the machine has no Python {environments.OLDEST}; tests/e2e tries it in an image")
    found = environments.python(name)
    if found is None:
        pytest.fail(f"the environment {name} is not built: make environments")
    return str(found)


def overlay(name: str) -> str:
    """The folder with locks/NAME.txt, for PYTHONPATH."""
    found = environments.overlay(name)
    if found is None:
        pytest.fail(f"the environment {name} is not built: make environments")
    return str(found)


@pytest.fixture(scope="session")
def pyz() -> bytes:
    return pack()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls") / "own"
    authority(folder)
    return folder


@pytest.fixture(scope="session")
def foreign_certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls") / "foreign"
    authority(folder)
    return folder


@pytest.fixture
def pods(tmp_path: Path, pyz: bytes, certificates: Path) -> Iterator[Pods]:
    """Pods that speak TLS, as in production."""
    pods = Pods(tmp_path, pyz, certificates)
    yield pods
    pods.end()


@pytest.fixture
def plain_pods(tmp_path: Path, pyz: bytes) -> Iterator[Pods]:
    pods = Pods(tmp_path, pyz, None)
    yield pods
    pods.end()
