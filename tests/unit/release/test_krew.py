"""krew's manifest is one that krew takes: by the rules of its own validation, and of its index."""

import hashlib
import re
import tarfile
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from release import VERSION
from release.krew import archive, manifest
from release.targets import TARGETS

Line = Annotated[str, Field(pattern=r"^[^\r\n]+$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Labels(_Model):
    os: Literal["linux", "darwin", "windows"]
    arch: Literal["amd64", "arm64"]


class _Selector(_Model):
    matchLabels: _Labels


class _Operation(_Model):
    from_: str = Field(alias="from", min_length=1)
    to: str = Field(min_length=1)


class _Platform(_Model):
    selector: _Selector
    uri: str = Field(pattern=r"^https://.*\.(tar\.gz|zip)$")
    sha256: str = Field(pattern=r"^[a-f0-9]{64}$")
    bin: str = Field(min_length=1)
    files: list[_Operation] = Field(min_length=1)


class _Spec(_Model):
    version: str = Field(pattern=r"^v\d+\.\d+\.\d+(-[\w.]+)?$")
    shortDescription: Annotated[Line, Field(max_length=50)]
    description: str
    caveats: str
    platforms: list[_Platform] = Field(min_length=1)


class _Metadata(_Model):
    name: str = Field(pattern=r"^[\w-]+$")


class _Plugin(_Model):
    """What internal/index/validation of krew checks, and the naming guide of its index asks for."""

    apiVersion: Literal["krew.googlecontainertools.github.com/v1alpha2"]
    kind: Literal["Plugin"]
    metadata: _Metadata
    spec: _Spec


def test_krew_takes_the_manifest_and_finds_the_program_in_its_archives(tmp_path: Path) -> None:
    (tmp_path / "daskflow.pyz").write_bytes(b"zip")
    archives = {target: tmp_path / f"kubectl-daskflow-{target.name}.tar.gz" for target in TARGETS}
    for file in archives.values():
        archive(tmp_path / "daskflow.pyz", file)
    plugin = _Plugin.model_validate(manifest(archives, "https://example.com/v1/"))
    assert plugin.spec.version == f"v{VERSION}"
    for platform, file in zip(plugin.spec.platforms, archives.values(), strict=True):
        assert platform.uri == f"https://example.com/v1/{file.name}"
        assert platform.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
        with tarfile.open(file) as tar:
            members = {each.name: each for each in tar}
        assert {operation.from_ for operation in platform.files} == members.keys()
        assert members[platform.bin].mode & 0o111
    assert re.fullmatch("kubectl-daskflow", plugin.spec.platforms[0].bin)  # the help says `kubectl daskflow`
