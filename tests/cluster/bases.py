"""Where an image gets its Python: from Docker's image of it or, without Docker, from Debian packages."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.shell import Trouble, logged

PACKAGES = "python3,python3-pip,ca-certificates"
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/man/*")

DOCKERFILE = """\
FROM scratch
ADD base.tar /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
CMD ["python3"]
"""


@dataclass(frozen=True)
class Base:
    """A base image with one version of Python."""

    docker: str
    debian: str
    """The Debian release that has it."""
    mirrors: tuple[str, ...] = ("",)
    """Asked in turn; the empty one is the machine's usual."""

    @property
    def key(self) -> str:
        """Changes with what `bootstrap` puts into the base."""
        return hashlib.sha256(f"{self.debian} {PACKAGES} {LEFT_OUT} {DOCKERFILE}".encode()).hexdigest()[:12]

    def bootstrap(self, folder: Path, log: Path) -> None:
        """Make base.tar and its Dockerfile in a folder."""
        excluded = [f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT]
        command = ["mmdebstrap", "--variant=minbase", f"--include={PACKAGES}", *excluded, self.debian]
        troubles = []
        for mirror in self.mirrors:
            try:
                logged([*command, f"{folder}/base.tar", *([mirror] if mirror else [])], log)
                break
            except Trouble as trouble:
                troubles.append(str(trouble))
                (folder / "base.tar").unlink(missing_ok=True)
        else:
            raise Trouble(
                f"Debian {self.debian} cannot be fetched, and {self.docker} not be had without Docker: "
                "let this machine reach a Debian mirror, or start Docker.\n" + "\n".join(troubles)
            )
        (folder / "Dockerfile").write_text(DOCKERFILE)


PYTHON = Base("python:3.13-slim", "trixie")
OLDEST_PYTHON = Base("python:3.9-slim", "bullseye", ("", "http://archive.debian.org/debian"))
"""Python 3.9. Debian moves a release that it supports no more to its archive."""
