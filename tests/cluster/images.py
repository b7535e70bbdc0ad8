"""Images of this project: each is built once per content of what it is built from, and kept as an archive."""

import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.bases import OLDEST_PYTHON, PYTHON, Base
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
    inputs: tuple[str, ...]
    base: Base = PYTHON
    stage: str = ""
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Archive:
    """A built image in a file; `key` tells its content."""

    name: str
    key: str
    file: Path


def _flows(
    tag: str, *, packages: str = "", base: Base = PYTHON, stage: str = "flows", name: str = ""
) -> Image:
    """An image with the example flows; `packages` is a lock of locks/flows/, by default the tag's."""
    packages = packages or tag
    inputs = ("docker/Dockerfile.flows.dockerignore", f"locks/flows/{packages}.txt", "examples/*/*.py")
    return Image(
        f"{name or 'docker.io/local/daskflow-flows'}:{tag}",
        DOCKER / "Dockerfile.flows",
        inputs,
        base,
        stage,
        (f"PACKAGES={packages}",),
    )


IMAGES = (
    Image(
        "docker.io/local/daskflow-operator:dev",
        DOCKER / "Dockerfile.operator",
        ("docker/Dockerfile.operator.dockerignore", "locks/operator.txt", "operator/daskflow"),
    ),
    _flows("dev"),
)
"""What the demo needs."""
TEST_IMAGES = (
    _flows("other"),
    _flows("awkward", packages="dev", stage="awkward"),
    _flows("bare"),
    _flows("data", stage="data"),
    _flows("prefect1"),
    _flows("prefect3", stage="prefect3"),
    _flows("oldest", base=OLDEST_PYTHON),
    # As dask-kubernetes' own tests call theirs: with the commands that its client asks for, and without.
    _flows("dev", packages="commands", stage="dask", name="docker.io/library/dask-kubernetes"),
    _flows("current", packages="dev", stage="dask", name="docker.io/library/dask-kubernetes"),
    _flows("notebook", stage="dask", name="docker.io/library/dask-kubernetes"),
)
"""What tests and other examples need as well."""
ALL_IMAGES = (*IMAGES, *TEST_IMAGES)


def named(name: str) -> Image:
    """The image with this full name, or the only one whose name ends so."""
    found = [
        image for image in ALL_IMAGES if image.name == name or image.name.endswith((f"/{name}", f"-{name}"))
    ]
    if len(found) != 1:
        raise Trouble(f"there is no image {name!r}, only {', '.join(image.name for image in ALL_IMAGES)}")
    return found[0]


def build(image: Image) -> Archive:
    """The archive of an image, built anew when its sources have changed."""
    inputs = (path for pattern in image.inputs for path in REPOSITORY.glob(pattern))
    key = digest([image.dockerfile, *inputs], [builder().key(image.base), image.stage, *image.arguments])
    recipe = Recipe(image.name, image.dockerfile, REPOSITORY, image.base, image.stage, image.arguments)
    return archived(recipe, key)


def build_all(images: Iterable[Image]) -> list[Archive]:
    return [build(image) for image in images]


def pause(program: Path) -> Archive:
    """The image of the containers that hold the pods' namespaces."""
    folder = cache() / "pause" / program.parent.name
    if not folder.exists():
        folder.mkdir(parents=True)
        shutil.copy(program, folder / "pause")
        (folder / "Dockerfile").write_text(PAUSE_DOCKERFILE)
    recipe = Recipe("docker.io/local/pause:1", folder / "Dockerfile", folder)
    return archived(recipe, program.parent.name)


def archived(recipe: Recipe, key: str) -> Archive:
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
