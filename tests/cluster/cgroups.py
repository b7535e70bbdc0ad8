"""The control group above all pods of a local cluster, in both versions of the kernel's interface."""

import contextlib
import time
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


def is_v2() -> bool:
    return (ROOT / "cgroup.controllers").exists()


def hierarchies() -> list[Path]:
    if is_v2():
        return [ROOT]
    # Links are second names of a hierarchy (cpu -> cpu,cpuacct); folders without tasks are no hierarchies.
    return [entry for entry in ROOT.iterdir() if not entry.is_symlink() and (entry / "cgroup.procs").exists()]


def make_cgroups(name: str) -> None:
    if is_v2():
        controllers = (ROOT / "cgroup.controllers").read_text().split()
        for controller in controllers:
            with contextlib.suppress(OSError):
                (ROOT / "cgroup.subtree_control").write_text(f"+{controller}")
    for hierarchy in hierarchies():
        group = hierarchy / name
        group.mkdir(exist_ok=True)
        for setting in ("cpuset.cpus", "cpuset.mems"):
            # In version 1 a new group has no processors at all, and so cannot hold a process.
            if not is_v2() and (group / setting).exists():
                (group / setting).write_text((hierarchy / setting).read_text())


def remove_cgroups(name: str) -> None:
    for hierarchy in hierarchies():
        group = hierarchy / name
        if not group.exists():
            continue
        folders = [entry for entry in group.rglob("*") if entry.is_dir()]
        for folder in [*sorted(folders, key=lambda entry: len(entry.parts), reverse=True), group]:
            _remove(folder)


def _remove(folder: Path) -> None:
    # A group stays busy for a moment after its last process has ended.
    for _ in range(50):
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    folder.rmdir()
