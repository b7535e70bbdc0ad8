"""The project's own Kubernetes: a control plane in a sandbox, with one real node or with simulated ones."""

import hashlib
import json
import os
import shutil
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.cluster import controlplane
from tests.cluster.access import Access
from tests.cluster.binary import Programs, programs
from tests.cluster.controlplane import Layout
from tests.cluster.pki import write_pki
from tests.cluster.sandbox import Sandbox
from tests.cluster.settings import cache, state
from tests.cluster.shell import Trouble, output, say, succeeds, wait_for


@dataclass(frozen=True)
class Component:
    """A program of the cluster with its arguments; those of a later stage wait for the API server."""

    name: str
    arguments: list[str]
    late: bool = True


class LocalCluster(ABC):
    """Everything that does not depend on whether nodes are real."""

    provider: str

    def __init__(self) -> None:
        directory = state() / self.provider
        self.layout = Layout(directory)
        self.sandbox = Sandbox(directory, f"daskflow-{self._name()}")

    def _name(self) -> str:
        # Control groups are the machine's: clusters with different folders need different ones.
        usual = state() == cache() / "clusters" and os.environ.get("HOME") == "/root"
        return self.provider if usual else f"{self.provider}-{hashlib.sha256(bytes(state())).hexdigest()[:6]}"

    @abstractmethod
    def prepare(self) -> None:
        """Install and build what has to be there before the cluster starts."""

    @abstractmethod
    def files(self) -> dict[Path, str]:
        """Settings of the nodes' components."""

    @abstractmethod
    def node_components(self) -> list[Component]: ...

    @abstractmethod
    def early(self) -> None:
        """What can be done while the API server starts."""

    @abstractmethod
    def furnish(self) -> None:
        """Objects that the API server needs as soon as it answers."""

    @abstractmethod
    def ready(self) -> list[tuple[str, Callable[[], bool]]]:
        """What has to be true for the cluster to be called ready, in words and as a check."""

    def up(self) -> Access:
        """Bring the cluster up from whatever state it is in."""
        self.prepare()
        binary = programs()
        fingerprint = self._fingerprint(binary)
        if self._is_healthy(binary, fingerprint):
            say(f"the {self.provider} cluster is up")
            return self.access(binary)
        try:
            self._start(binary, fingerprint)
        except Trouble:
            if not self._kept_anything_old:
                raise
            say("the old cluster cannot be repaired: making a new one")
            self.down()
            self._start(binary, fingerprint)
        return self.access(binary)

    def revive(self) -> None:
        """Start what has ended of a cluster that is up, as often as need be; nothing it keeps is lost."""
        binary = programs()
        readyz = self._kubectl(binary, "get", "--raw", "/readyz")

        def ready() -> bool:
            self._spawn_missing(binary, late=False)
            if not succeeds(readyz, timeout=3):
                return False
            self._spawn_missing(binary, late=True)
            return all(check() for _, check in self.ready())

        wait_for("the control plane to be back", ready, seconds=90, pause=1.0)

    def down(self) -> bool:
        """End it, whatever state it is in; whether there was anything to end."""
        existed = self.layout.directory.exists()
        self.sandbox.stop()
        shutil.rmtree(self.layout.directory, ignore_errors=True)
        if self.layout.directory.exists():
            shutil.rmtree(self.layout.directory)
        return existed

    def is_up(self) -> bool:
        return self.sandbox.init() is not None

    def status(self) -> list[str]:
        running = self.sandbox.running()
        return [
            f"{component.name}: {running.get(component.name, 'not running')}"
            for component in self._components()
        ]

    def access(self, binary: Programs) -> Access:
        init = self.sandbox.init()
        if init is None:
            raise Trouble("the local cluster has ended: run `make cluster`")
        return Access(
            provider=self.provider,
            kubeconfig=self.layout.kubeconfig,
            tools=binary.tools,
            pid=init.pid,
            network=os.readlink(f"/proc/{init.pid}/ns/net"),
            resolv=self.sandbox.resolv,
        )

    def _components(self) -> list[Component]:
        return [
            Component("etcd", controlplane.etcd(self.layout), late=False),
            Component("kube-apiserver", controlplane.apiserver(self.layout), late=False),
            Component("kube-controller-manager", controlplane.controller_manager(self.layout)),
            Component("kube-scheduler", controlplane.scheduler(self.layout)),
            *self.node_components(),
        ]

    def _files(self) -> dict[Path, str]:
        return {**controlplane.files(self.layout), **self.files()}

    def _fingerprint(self, binary: Programs) -> str:
        # A cluster made from other settings is another cluster, even when it works.
        everything = [
            str(binary.directory),
            *(f"{component.name} {component.arguments}" for component in self._components()),
            *(f"{path} {content}" for path, content in self._files().items()),
        ]
        return hashlib.sha256(json.dumps(everything).encode()).hexdigest()

    def _is_healthy(self, binary: Programs, fingerprint: str) -> bool:
        record = self.layout.directory / "fingerprint"
        running = self.sandbox.running()
        return (
            all(component.name in running for component in self._components())
            and record.exists()
            and record.read_text() == fingerprint
            and succeeds(self._kubectl(binary, "get", "--raw", "/readyz"))
            and all(check() for _, check in self.ready())
        )

    def _start(self, binary: Programs, fingerprint: str) -> None:
        started = time.monotonic()
        record = self.layout.directory / "fingerprint"
        old = self.is_up() and record.exists() and record.read_text() == fingerprint
        self._kept_anything_old = old
        if old:
            say(f"repairing the {self.provider} cluster")
        else:
            if self.down():
                say("cleared away an earlier cluster")
            say(f"starting the {self.provider} cluster")
            self._make(binary, fingerprint)
        self._spawn_missing(binary, late=False)
        with ThreadPoolExecutor() as pool:
            early = pool.submit(self.early)
            answers = self._kubectl(binary, "get", "--raw", "/readyz")
            self._wait("an answer from the API server", lambda: succeeds(answers, timeout=3), late=False)
            early.result()
        self._spawn_missing(binary, late=True)
        self.furnish()
        for what, check in self.ready():
            self._wait(what, check)
        say(f"ready after {time.monotonic() - started:.1f} s")

    def _make(self, binary: Programs, fingerprint: str) -> None:
        self.sandbox.start(binary.pause)
        write_pki(self.layout.pki)
        shutil.copy(self.layout.kubeconfig_of("admin"), self.layout.kubeconfig)
        for path, content in self._files().items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        (self.layout.directory / "fingerprint").write_text(fingerprint)

    def _spawn_missing(self, binary: Programs, late: bool) -> None:
        running = self.sandbox.running()
        for component in self._components():
            if component.late == late and component.name not in running:
                path = Path(binary.path(component.name))
                program = str(path) if path.exists() else shutil.which(component.name)
                if program is None:
                    raise Trouble(f"{component.name} is not on this machine: please install it")
                self.sandbox.spawn(component.name, [program, *component.arguments])

    def _wait(self, what: str, check: Callable[[], bool], late: bool = True) -> None:
        """Wait, but not in vain: not when a component has ended."""
        started = time.monotonic()

        def holds() -> bool:
            if check():
                return True
            if time.monotonic() - started > 3:
                running = self.sandbox.running()
                for component in self._components():
                    if component.name not in running and component.late <= late:
                        raise Trouble(f"{component.name} has ended: {self._last_words(component.name)}")
            return False

        try:
            wait_for(what, holds, seconds=60)
        except Trouble as trouble:
            raise Trouble(f"{trouble}\nThe logs are in {self.layout.directory / 'logs'}.") from None

    def _last_words(self, component: str) -> str:
        log = self.sandbox.log(component)
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return lines[-1] if lines else "without a word"

    def _kubectl(self, binary: Programs, *arguments: str) -> list[str]:
        return self.access(binary).command([binary.path("kubectl"), *arguments])

    def apply(self, manifests: str) -> None:
        output(
            self._kubectl(programs(), "apply", "--server-side", "--force-conflicts", "-f", "-"),
            input=manifests,
        )

    def asks(self, *arguments: str) -> str:
        """What kubectl answers; nothing while it cannot."""
        done = subprocess.run(
            self._kubectl(programs(), *arguments), capture_output=True, text=True, timeout=20, check=False
        )
        return done.stdout.strip() if not done.returncode else ""
