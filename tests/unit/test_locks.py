"""What is installed, here and in images, is what the locks say."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import locks

ROOT = locks.PROJECT.parent
BROUGHT = {"pip"}
"""By the interpreter's own venv module."""
INSTALLERS = ("Makefile", "docker/*", "benchmarks/**/*.py", "integrations/**/*.py", "tests/**/*.py", ".ci/*")


def entries(name: str) -> list[Requirement]:
    """The lines of a lock, each of which has an exact version and hashes."""
    text = locks.lock(name).read_text()
    assert "://" not in text  # where packages come from is for each machine to say
    lines = re.sub(r"#.*", "", text).replace("\\\n", " ").splitlines()
    found = []
    for line in filter(str.strip, lines):
        package, *hashes = line.split(" --hash=")
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}\s*", each) for each in hashes), line
        found.append(Requirement(package))
    assert all(re.fullmatch(r"==[^*]+", str(each.specifier)) for each in found)
    return found


def pins(name: str, **environment: str) -> dict[str, str]:
    """Packages with their versions, as this Python would have them."""
    return {
        canonicalize_name(each.name): str(each.specifier)[2:]
        for each in entries(name)
        if each.marker is None or each.marker.evaluate(dict(environment))
    }


def wanted(name: str) -> list[Requirement]:
    if name == locks.DEVELOPMENT:
        project = tomllib.loads(locks.PROJECT.read_text())["project"]
        extras = [each for name in locks.EXTRAS for each in project["optional-dependencies"][name]]
        return [Requirement(each) for each in (*project["dependencies"], *extras)]
    lines = [re.sub(r"#.*", "", line) for line in locks.requirements(locks.wanted(name))]
    return [Requirement(line) for line in lines if line.strip()]


@pytest.mark.parametrize("name", locks.names())
def test_a_lock_has_what_its_input_wants(name: str) -> None:
    locked = pins(
        name, python_version=locks.python_of(name), python_full_version=f"{locks.python_of(name)}.9"
    )
    python = {"python_version": locks.python_of(name)}
    for each in wanted(name):
        if each.marker is not None and not each.marker.evaluate(dict(python)):
            continue
        assert each.specifier.contains(locked[canonicalize_name(each.name)], prereleases=True), each
    assert bool(locked) == bool(wanted(name))


def test_the_environment_of_development_is_what_its_lock_says() -> None:
    there = {canonicalize_name(each.metadata["Name"]): each.version for each in metadata.distributions()}
    locked = pins(locks.DEVELOPMENT)
    for name in {"daskflow", *BROUGHT} - locked.keys():
        there.pop(name, None)
    assert there == locked, "run `make venv`"


def test_the_operators_image_has_the_versions_that_it_is_tested_with() -> None:
    project = {canonicalize_name(each.name) for each in wanted(locks.DEVELOPMENT)}
    assert {canonicalize_name(each.name) for each in wanted("operator")} < project
    assert pins("operator").items() <= pins(locks.DEVELOPMENT).items()


def test_every_lock_has_an_input() -> None:
    files = {str(file.relative_to(locks.FOLDER).with_suffix("")) for file in locks.FOLDER.rglob("*.txt")}
    assert files == set(locks.names())


def test_nothing_is_installed_but_from_a_lock() -> None:
    found = []
    for pattern in INSTALLERS:
        for file in ROOT.glob(pattern):
            if file.is_file() and file != Path(__file__):
                lines = file.read_text().splitlines()
                found += [line for line in lines if re.search(r"\bpip\b.{0,4}\binstall\b", line)]
                found += [line for line in lines if re.search(r"\$\(PIP_INSTALL\)", line)]
    assert len(found) >= 5
    for line in found:
        locked = "--require-hashes" in line and "--only-binary :all:" in line
        itself = "--no-deps --no-build-isolation --editable ." in line
        told = "'daskflow[" in line  # to a user, in a sentence
        built = "--no-deps" in line and "str(wheel)" in line
        assert locked or itself or built or told or line.startswith("PIP_INSTALL :="), line
