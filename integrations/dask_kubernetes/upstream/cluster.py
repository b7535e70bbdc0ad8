"""What dask-kubernetes' tests do to a cluster: they call what pytest-kind's cluster has."""

import contextlib
import itertools
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

THEIR_IMAGE = "dask-kubernetes:dev"
_OPERATOR = ("--namespace", "daskflow-system", "deployment/daskflow")


class Cluster:
    """The current one. Their manifests are applied with `image` in place of theirs."""

    def __init__(self, image: str) -> None:
        self._image = image

    def kubectl(self, *arguments: str) -> str:
        """Its standard output. Raises CalledProcessError."""
        with tempfile.TemporaryDirectory() as folder:
            given = [
                self._with_image(Path(each), Path(folder)) if before == "-f" else each
                for before, each in itertools.pairwise(("kubectl", *arguments))
            ]
            return kubectl(*given)

    @contextlib.contextmanager
    def port_forward(self, target: str, port: int, *arguments: str) -> Iterator[int]:
        """A local port that leads there, once something answers at it."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            local = free.getsockname()[1]
        command = ["kubectl", "port-forward", target, f"{local}:{port}", *arguments]
        while True:
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                if _answers(process, local):
                    yield local
                    return
            finally:
                process.terminate()
                process.wait()
            time.sleep(0.5)  # it ends by itself as long as no pod of the Service runs

    def _with_image(self, given: Path, folder: Path) -> str:
        for source in given.glob("*.yaml") if given.is_dir() else [given]:
            (folder / source.name).write_text(source.read_text().replace(THEIR_IMAGE, self._image))
        return str(folder)


def kubectl(*arguments: str, text: str | None = None) -> str:
    """Its standard output; `text` is its input. Raises CalledProcessError."""
    done = subprocess.run(["kubectl", *arguments], input=text, check=True, capture_output=True, text=True)
    return done.stdout


@contextlib.contextmanager
def without_operator() -> Iterator[None]:
    """Ours does not run meanwhile."""
    kubectl("scale", *_OPERATOR, "--replicas=0")
    kubectl(
        "wait",
        "--namespace",
        "daskflow-system",
        "--for=delete",
        "pod",
        "-l",
        "app.kubernetes.io/name=daskflow",
    )
    try:
        yield
    finally:
        kubectl("scale", *_OPERATOR, "--replicas=1")
        kubectl("rollout", "status", *_OPERATOR, "--timeout=60s")


def events(namespace: str) -> str:
    """What all Events of a namespace say, a line each: dask-kubernetes' operator tells there what it logs."""
    return kubectl(
        "get", "events", "--namespace", namespace, "-o", "jsonpath={range .items[*]}{.message}{'\\n'}{end}"
    )


def _answers(process: "subprocess.Popen[bytes]", port: int) -> bool:
    """Whether a scheduler greets there; False when the port-forward has ended: none listened yet."""
    while process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as connection:
            if connection.recv(1):
                return True
        time.sleep(0.1)
    return False
