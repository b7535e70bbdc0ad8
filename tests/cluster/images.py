"""Images of this project: each is built once per content of what it is built from, and kept as an archive."""

import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.builders import Recipe, builder
from tests.cluster.hashing import digest
from tests.cluster.settings import REPOSITORY, cache
from tests.cluster.shell import Trouble, locked, say

DOCKER = REPOSITORY / "docker"
PAUSE_DOCKERFILE = 'FROM scratch\nCOPY pause /pause\nENTRYPOINT ["/pause"]\n'


@dataclass(frozen=True)
class Image:
    """An image, and the files that decide what is in it."""

    name: str
    dockerfile: Path
    inputs: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Archive:
    """A built image in a file; `key` tells its content."""

    name: str
    key: str
    file: Path


FLOWS = (DOCKER / "Dockerfile.flows", ("docker/Dockerfile.flows.dockerignore", "examples/*/*.py"))
IMAGES = (
    Image(
        "docker.io/local/daskflow-operator:dev",
        DOCKER / "Dockerfile.operator",
        ("docker/Dockerfile.operator.dockerignore", "docker/requirements-operator.txt", "operator/daskflow"),
    ),
    Image("docker.io/local/daskflow-flows:dev", *FLOWS),
    Image("docker.io/local/daskflow-flows:other", *FLOWS, ("DISTRIBUTED=2024.8.0",)),
)


def named(name: str) -> Image:
    """The image with this full name, or the only one whose name ends so."""
    found = [image for image in IMAGES if image.name == name or image.name.endswith((f"/{name}", f"-{name}"))]
    if len(found) != 1:
        raise Trouble(f"there is no image {name!r}, only {', '.join(image.name for image in IMAGES)}")
    return found[0]


def build(image: Image) -> Archive:
    """The archive of an image, built anew when its sources have changed."""
    sources = [image.dockerfile, *(path for pattern in image.inputs for path in REPOSITORY.glob(pattern))]
    key = digest(sources, [builder().key, *image.arguments])
    return _archive(Recipe(image.name, image.dockerfile, REPOSITORY, image.arguments), key)


def build_all(images: Iterable[Image] = IMAGES) -> list[Archive]:
    return [build(image) for image in images]


def pause(program: Path) -> Archive:
    """The image of the containers that hold the pods' namespaces."""
    folder = cache() / "pause" / program.parent.name
    if not folder.exists():
        folder.mkdir(parents=True)
        shutil.copy(program, folder / "pause")
        (folder / "Dockerfile").write_text(PAUSE_DOCKERFILE)
    recipe = Recipe("docker.io/local/pause:1", folder / "Dockerfile", folder, python=False)
    return _archive(recipe, program.parent.name)


def _archive(recipe: Recipe, key: str) -> Archive:
    short = recipe.name.rpartition("/")[2].replace(":", "-")
    folder = cache() / "images"
    archive = Archive(recipe.name, key, folder / f"{short}-{key}.tar")
    if archive.file.exists():
        return archive
    with locked(folder / "lock", "images"):
        if not archive.file.exists():
            started = time.monotonic()
            say(f"building {recipe.name}")
            half_done = folder / f"{short}.new"
            half_done.unlink(missing_ok=True)
            builder().build(recipe, half_done, cache() / "logs" / f"{short}.log")
            for old in folder.glob(f"{short}-*.tar"):
                old.unlink()
            half_done.rename(archive.file)
            size = archive.file.stat().st_size / 1e6
            say(f"built {recipe.name} in {time.monotonic() - started:.0f} s, {size:.0f} MB")
    return archive
