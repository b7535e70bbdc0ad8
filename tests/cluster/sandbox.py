"""One set of namespaces (network, processes, mounts) that all of a local cluster lives in.

The kernel is the janitor: when the first process of the process namespace ends, everything in it is killed,
and with the last process go its mounts and its network. So nothing needs to be remembered about the cluster
but that one process, and no crash can leave more behind than control groups and plain files.
"""

import contextlib
import json
import os
import shlex
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.cgroups import make_cgroups, remove_cgroups
from tests.cluster.settings import DNS_SERVICE_IP, NODE_IP
from tests.cluster.shell import Trouble, wait_for

# Folders with fixed names that container software writes to: inside, each is a file system of its own.
PRIVATE_FOLDERS = ("/run/containerd", "/run/netns", "/var/lib/cni", "/var/lib/kubelet", "/var/log/containers")

# What the kubelet insists on. These belong to the whole machine, so it is shown files that say so already.
KERNEL_SETTINGS = {
    "vm/overcommit_memory": 1,
    "vm/panic_on_oom": 0,
    "kernel/panic": 10,
    "kernel/panic_on_oops": 1,
    "kernel/keys/root_maxkeys": 1000000,
    "kernel/keys/root_maxbytes": 25000000,
}

# Runs as the first process inside. It says first who it is: so it is found even when its maker is killed now.
# The address is on one end of a cable whose other end is in the same namespace, with a default route on it:
# programs find a network, and no packet can leave.
SETUP = """
read -r stat < /proc/self/stat
set -- $stat
echo '{{"pid": '"$1"', "started": '"${{22}}"'}}' > {record}.new
mv {record}.new {record}
mount --make-rshared /
mount -t proc proc /proc
for folder in {folders}; do mount -t tmpfs -o mode=755 tmpfs "$folder"; done
for file in {kernel}/*/* {kernel}/*/*/*; do
    target="/proc/sys/${{file#{kernel}/}}"
    if [ -f "$file" ] && [ -f "$target" ]; then mount --bind "$file" "$target"; fi
done
if [ -e /etc/resolv.conf ]; then mount --bind {resolv} /etc/resolv.conf; fi
ip link set lo up
ip link add eth0 type veth peer name cable
ip addr add {address}/24 dev eth0
ip link set cable up
ip link set eth0 up
ip route add default dev eth0
echo 1 > /proc/sys/net/ipv4/ip_forward
: > {made}
exec {pause}
"""


@dataclass(frozen=True)
class Process:
    """A process that can be told from a later one with the same number."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> "Process | None":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return None
        fields = stat.rpartition(")")[2].split()
        return None if fields[0] in "ZX" else cls(pid, int(fields[19]))

    def lives(self) -> bool:
        return Process.of(self.pid) == self


@dataclass(frozen=True)
class Sandbox:
    """The namespaces of the cluster whose state is in `directory`; `name` is its control group."""

    directory: Path
    name: str

    @property
    def resolv(self) -> Path:
        return self.directory / "resolv.conf"

    @property
    def _record(self) -> Path:
        return self.directory / "init.json"

    def init(self) -> Process | None:
        """The first process, if it lives."""
        try:
            process = Process(**json.loads(self._record.read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return process if process.lives() else None

    def start(self, pause: Path) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self.resolv.write_text(f"nameserver {DNS_SERVICE_IP}\noptions timeout:2 attempts:2\n")
        kernel = self.directory / "kernel"
        for name, value in KERNEL_SETTINGS.items():
            (kernel / name).parent.mkdir(parents=True, exist_ok=True)
            (kernel / name).write_text(f"{value}\n")
        for folder in PRIVATE_FOLDERS:
            Path(folder).mkdir(parents=True, exist_ok=True)
        make_cgroups(self.name)
        made = self.directory / "namespaces-made"
        made.unlink(missing_ok=True)
        setup = SETUP.format(
            folders=" ".join(PRIVATE_FOLDERS),
            kernel=shlex.quote(str(kernel)),
            resolv=shlex.quote(str(self.resolv)),
            address=NODE_IP,
            record=shlex.quote(str(self._record)),
            made=shlex.quote(str(made)),
            pause=shlex.quote(str(pause)),
        )
        log = self.directory / "logs" / "init.log"
        namespaces = ["unshare", "--net", "--pid", "--mount", "--propagation", "private"]
        self._detach([*namespaces, "sh"], ["sh", "-ec", setup], log)
        try:
            wait_for("the namespaces", made.exists, seconds=10, pause=0.02)
        except Trouble as trouble:
            raise Trouble(f"{trouble}: {log.read_text().strip()}") from None

    def spawn(self, name: str, command: list[str]) -> None:
        """Start a program inside; it stays when we end."""
        self._detach([*self._enter("--pid", "--mount", "--net"), "--no-fork", "sh"], command, self.log(name))

    def log(self, name: str) -> Path:
        return self.directory / "logs" / f"{name}.log"

    def running(self) -> dict[str, int]:
        """Programs directly inside, with their ids; containers have process namespaces of their own."""
        init = self.init()
        if init is None:
            return {}
        wanted = os.readlink(f"/proc/{init.pid}/ns/pid")
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if os.readlink(entry / "ns" / "pid") == wanted and Process.of(int(entry.name)):
                        program = (entry / "cmdline").read_bytes().split(b"\0")[0].decode()
                        found[Path(program).name] = int(entry.name)
        return found

    def stop(self) -> None:
        """End everything inside, and remove what the kernel does not."""
        init = self.init()
        if init is not None:
            os.kill(init.pid, signal.SIGKILL)
            # It is gone only when the kernel has killed and reaped all others in its namespace.
            wait_for("the end of the cluster's processes", lambda: not init.lives(), seconds=30)
        remove_cgroups(self.name)
        elsewhere = mounted_anywhere()
        for folder in PRIVATE_FOLDERS:
            # Removing a folder takes away what is mounted on it in other clusters' namespaces.
            if folder not in elsewhere:
                with contextlib.suppress(OSError):
                    Path(folder).rmdir()  # only where it is empty: then nobody else uses it

    def _enter(self, *namespaces: str) -> list[str]:
        init = self.init()
        if init is None:
            raise Trouble("the local cluster's namespaces are gone: run `make cluster`")
        return ["nsenter", "--target", str(init.pid), *namespaces]

    @staticmethod
    def _detach(prefix: list[str], command: list[str], log: Path) -> None:
        # Only children of a process that entered a process namespace are inside it; the shell in between
        # starts the child and ends, so that the child's parent is the first process inside.
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as stream:
            subprocess.run(
                [*prefix, "-c", '"$@" &', "sh", *command],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                cwd="/",
                start_new_session=True,
                check=True,
            )


def mounted_anywhere() -> set[str]:
    """The mount points of all processes of this machine, whatever their namespace."""
    found = set()
    for file in Path("/proc").glob("[0-9]*/mountinfo"):
        with contextlib.suppress(OSError):
            found.update(line.split()[4] for line in file.read_text().splitlines())
    return found
