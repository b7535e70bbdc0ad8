"""Two programs that make an image archive from a Dockerfile: Docker where it answers, else buildah.

buildah starts from a base made of Debian packages: without Docker, no registry of images is needed.
"""

import ast
import functools
import os
import re
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.bases import Base
from tests.cluster.settings import cache
from tests.cluster.shell import logged, output, say, succeeds
from tests.cluster.toolchain import IMAGE_PACKAGES, install

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

# What pip needs to reach the machine's package index from inside a build; paths of this machine stay out.
PIP_SETTINGS = (
    "index-url",
    "extra-index-url",
    "trusted-host",
    "proxy",
    "timeout",
    "default-timeout",
    "retries",
)


@dataclass(frozen=True)
class Recipe:
    """What an image is made from; without a base it starts from nothing."""

    name: str
    dockerfile: Path
    context: Path
    base: Base | None = None
    stage: str = ""
    """Of the Dockerfile; the last one when empty."""
    arguments: tuple[str, ...] = ()

    def options(self) -> list[str]:
        return [
            *("--tag", self.name, "--file", str(self.dockerfile)),
            *(("--target", self.stage) if self.stage else ()),
            *(option for argument in self.arguments for option in ("--build-arg", argument)),
            *_secrets(),
        ]


class Docker:
    def key(self, base: Base) -> str:
        return f"docker {base.docker}"

    def build(self, recipe: Recipe, archive: Path, log: Path) -> None:
        environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
        options = recipe.options()
        if recipe.base:
            options += ["--build-arg", f"BASE={recipe.base.docker}"]
        logged(["docker", "build", *options, str(recipe.context)], log, environment)
        output(["docker", "save", "--output", str(archive), recipe.name])


class Buildah:
    """All that it stores is in the cache, apart from the user's own images."""

    def key(self, base: Base) -> str:
        return base.key

    def build(self, recipe: Recipe, archive: Path, log: Path) -> None:
        install(IMAGE_PACKAGES)
        options = recipe.options()
        if recipe.base:
            options += ["--build-arg", f"BASE={self._made(recipe.base)}"]
        ignore = recipe.dockerfile.with_name(f"{recipe.dockerfile.name}.dockerignore")
        if ignore.exists():
            options += ["--ignorefile", str(ignore)]
        self._build(options, recipe.context, log)
        # The archive goes from one folder of this machine to another: compressing it would only take time.
        push = [
            "push",
            "--quiet",
            "--disable-compression",
            recipe.name,
            f"oci-archive:{archive}:{recipe.name}",
        ]
        output(self._command(*push))
        output(self._command("rmi", "--prune"))  # earlier versions; layers that are in use stay

    def _made(self, base: Base) -> str:
        """The name of a base image, made now if it is not there."""
        name = f"localhost/daskflow-base:{base.key}"
        if succeeds(self._command("inspect", "--type", "image", name)):
            return name
        say(f"making a base image from Debian {base.debian} packages: once, about a minute")
        started = time.monotonic()
        folder, logs = cache() / "base", cache() / "logs"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        base.bootstrap(folder, logs / f"base-{base.debian}.log")
        options = ["--tag", name, "--file", f"{folder}/Dockerfile"]
        self._build(options, folder, logs / f"base-{base.debian}-image.log")
        shutil.rmtree(folder)
        say(f"made the base image in {time.monotonic() - started:.0f} s")
        return name

    def _build(self, options: list[str], context: Path, log: Path) -> None:
        # chroot: the other kinds of isolation need more rights than containers and small machines give.
        logged(
            self._command("build", "--layers", "--force-rm", "--isolation", "chroot", *options, str(context)),
            log,
        )

    def _command(self, *arguments: str) -> list[str]:
        storage = cache() / "buildah"
        # buildah leaves its storage mounted: in a mount namespace of its own that ends with it.
        alone = ["unshare", "--mount", "--propagation", "private"]
        return [*alone, "buildah", "--root", f"{storage}/root", "--runroot", f"{storage}/run", *arguments]


@functools.cache
def builder() -> Docker | Buildah:
    return Docker() if shutil.which("docker") and succeeds(["docker", "info"]) else Buildah()


def _secrets() -> list[str]:
    folder = cache() / "pip"
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "pip.conf"
    settings.write_text(
        pip_settings(output([sys.executable, "-m", "pip", "config", "list"]), CERTIFICATES.exists())
    )
    options = ["--secret", f"id=pip,src={settings}"]
    if CERTIFICATES.exists():
        options += ["--secret", f"id=ca,src={CERTIFICATES}"]
    return options


def pip_settings(listed: str, certificates: bool) -> str:
    """A pip.conf for builds from what `pip config list` says; certificates come as a secret."""
    lines = ["[global]"]
    for scope, name, value in re.findall(r"^([\w:]+)\.([\w-]+)=(.*)$", listed, re.MULTILINE):
        if scope in ("global", ":env:") and name in PIP_SETTINGS:
            text = str(ast.literal_eval(value)).replace("\n", "\n    ")
            lines.append(f"{name.removeprefix('default-')} = {text}")
    if certificates:
        lines.append("cert = /run/secrets/ca")
    return "\n".join(lines) + "\n"
