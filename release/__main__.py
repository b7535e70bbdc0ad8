"""`python -m release dist` makes all files of a release; `--zipapp` and `--wheels` some of them."""

import argparse
import gzip
import hashlib
import platform
import tarfile
from pathlib import Path

import yaml

from release import EPOCH, VERSION
from release.chart import chart
from release.completions import completions
from release.krew import archive, manifest
from release.manual import man_pages
from release.packages import doors_packages, packages
from release.targets import TARGETS, Target
from release.zipapp import zipapp

PLACE = f"https://example.com/daskflow/v{VERSION}"
"""Stands for where the files of a release are put; --place says where."""
_ARCHES = {"x86_64": "amd64", "aarch64": "arm64"}


def this_machine() -> Target:
    """The target of the machine that this runs on. Raises SystemExit where there is none."""
    arch = _ARCHES.get(platform.machine(), platform.machine())
    for target in TARGETS:
        if (target.os, target.arch) == (platform.system().lower(), arch):
            return target
    raise SystemExit(f"there is no zipapp for {platform.system()} on {platform.machine()}; use pip")


def release(dist: Path, place: str) -> None:
    """All files, and their checksums."""
    made = packages(dist)
    wheel = next(each for each in made if each.suffix == ".whl")
    made += doors_packages(dist)
    archives = {}
    for target in TARGETS:
        file = dist / f"daskflow-{VERSION}-{target.name}.pyz"
        zipapp(wheel, target, file)
        archives[target] = dist / f"kubectl-daskflow-{VERSION}-{target.name}.tar.gz"
        archive(file, archives[target])
        made += [file, archives[target]]
    krew = dist / "daskflow.yaml"
    krew.write_text(yaml.safe_dump(manifest(archives, place), sort_keys=False))
    made += [krew, chart(dist)]
    for name, make in (("man", man_pages), ("completions", completions)):
        folder = dist / name
        folder.mkdir(exist_ok=True)
        made.append(packed(make(folder), dist / f"daskflow-{VERSION}-{name}.tar.gz"))
    lines = [f"{hashlib.sha256(each.read_bytes()).hexdigest()}  {each.name}\n" for each in sorted(made)]
    (dist / "SHA256SUMS").write_text("".join(lines))


def packed(files: list[Path], file: Path) -> Path:
    """An archive of them, of the same bytes whenever it is made."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mtime, entry.mode = EPOCH, 0o644
        return entry

    with (
        file.open("wb") as to,
        gzip.GzipFile("", "wb", 9, to, 0) as stream,  # which notes neither a name nor a time
        tarfile.open(fileobj=stream, mode="w|") as tar,
    ):
        for each in sorted(files):
            tar.add(each, each.name, filter=plain)
    return file


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m release", description=__doc__)
    parser.add_argument("dist", type=Path, help="the folder for the files")
    parser.add_argument("--zipapp", action="store_true", help="only the wheel and this machine's zipapp")
    parser.add_argument("--wheels", action="store_true", help="only sdists and wheels, of doors too")
    parser.add_argument("--place", default=PLACE, help="URL below which the files will be, for krew")
    given = parser.parse_args()
    given.dist.mkdir(parents=True, exist_ok=True)
    if given.zipapp:
        wheel = next(each for each in packages(given.dist) if each.suffix == ".whl")
        zipapp(wheel, this_machine(), given.dist / "daskflow.pyz")
    elif given.wheels:
        packages(given.dist)
        doors_packages(given.dist)
    else:
        release(given.dist, given.place)


if __name__ == "__main__":
    main()
