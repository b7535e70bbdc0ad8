"""What /proc and ps tell of the processes that tests start."""

import os
import subprocess
from contextlib import suppress


def status(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"


def listening(pid: int) -> set[int]:
    """Ports on which a process listens on other addresses than 127.0.0.1 (and ::1)."""
    inodes = set()
    for descriptor in os.listdir(f"/proc/{pid}/fd"):
        with suppress(FileNotFoundError):  # closed since
            inodes.add(os.readlink(f"/proc/{pid}/fd/{descriptor}"))
    ports = set()
    for table in ("tcp", "tcp6"):
        with open(f"/proc/{pid}/net/{table}") as file:
            for line in list(file)[1:]:
                _, local, _, state, *_, inode = line.split()[:10]
                address, port = local.split(":")
                if state == "0A" and f"socket:[{inode}]" in inodes and address != "0100007F":
                    ports.add(int(port, 16))
    return ports


def processes(command: str) -> list[str]:
    """Command lines of what runs on this machine and has this in it."""
    lines = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in lines.splitlines() if command in line]
