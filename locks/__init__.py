"""Every Python package that is installed here, locked: one list a purpose, for images and tests alike.

`NAME.in` beside this file says what is wanted, `NAME.txt` all that comes of it, with versions and hashes, for
each Python from `python_of(NAME)` on. `make lock` makes the second from the first by uv; pip installs it.
"""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parent
PROJECT = FOLDER.parent / "pyproject.toml"
DEVELOPMENT = "development"
"""Made from pyproject.toml."""
EXTRAS = ("operator", "local", "ui", "dev")
"""Of pyproject.toml, that development has."""
_PYTHONS = {
    "flows/oldest": "3.9",
    "cloudpickle-before": "3.9",
    "cloudpickle-after": "3.9",
    "client": "3.10",
    "zipapp": "3.10",
    "cel-python": "3.10",
}
_ONE_VERSION = ("zipapp",)
"""In which a package has the same version for every Python."""
WHEELS = ("--only-binary", ":all:")
"""A source package would be built by whatever version its build backend has today."""


def names() -> list[str]:
    """All of them, each after those that its input names as constraints."""
    found = sorted(str(file.relative_to(FOLDER).with_suffix("")) for file in FOLDER.rglob("*.in"))
    return [DEVELOPMENT, *found]


def lock(name: str) -> Path:
    """What is installed."""
    return FOLDER / f"{name}.txt"


def wanted(name: str) -> Path:
    """What a lock is made from."""
    return PROJECT if name == DEVELOPMENT else FOLDER / f"{name}.in"


def python_of(name: str) -> str:
    """The oldest Python that a lock holds for."""
    return _PYTHONS.get(name, "3.11")


def newest(name: str) -> list[str]:
    """What a lock is made from, in any version but where a line says "always"."""
    lines = [line.partition("#") for line in requirements(wanted(name))]
    asked = [(line.strip(), "always" in comment) for line, _, comment in lines]
    return [line if always else re.split("[<=>]", line)[0] for line, always in asked if line]


def requirements(file: Path) -> list[str]:
    """The lines of an input, with those of inputs that it takes in by `-r`; without constraints."""
    found: list[str] = []
    for line in file.read_text().splitlines():
        if line.startswith("-r "):
            found += requirements(file.parent / line.removeprefix("-r ").strip())
        elif not line.startswith("-c "):
            found.append(line)
    return found


def pins(name: str) -> dict[str, list[str]]:
    """Packages of a lock with their versions, of which some may be for other Pythons."""
    found: dict[str, list[str]] = {}
    for package, version in re.findall(r"^([\w.-]+)(?:\[.*?\])?==([^ ;]+)", lock(name).read_text(), re.M):
        found.setdefault(package, []).append(version)
    return found


def install(python: Path | str, name: str, *options: str) -> None:
    """Install a lock for an interpreter. Raises CalledProcessError."""
    # All that is needed is in it; pip itself takes no pin of `x[extra]` for a dependency on plain `x`.
    _pip(python, *options, "--require-hashes", "--no-deps", "-r", str(lock(name)))


def install_newest(python: Path | str, name: str) -> None:
    """Install the newest of all that its input wants. Raises CalledProcessError."""
    _pip(python, *newest(name))


def _pip(python: Path | str, *what: str) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, *WHEELS, *what], check=True)


def compiled(name: str, uv: str, options: Sequence[str] = ()) -> None:
    """Make a lock anew. Pins that are there stay where `options` do not say --upgrade."""
    extra = [f"--extra={each}" for each in EXTRAS] if name == DEVELOPMENT else []
    # The lock names no place that packages come from: that is for each machine to say.
    command = [uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-annotate"]
    command += ["--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "make lock"]
    # pip wants what a dependency asks for with an extra to be locked with that extra.
    command += ["--no-strip-extras"] if name.startswith("doors/") else []
    command += ["--fork-strategy", "fewest"] if name in _ONE_VERSION else []
    command += ["--python-version", python_of(name), *WHEELS, *extra, *options]
    source = str(wanted(name).relative_to(FOLDER.parent))
    target = str(lock(name).relative_to(FOLDER.parent))
    subprocess.run([*command, source, "--output-file", target], check=True, cwd=FOLDER.parent)
