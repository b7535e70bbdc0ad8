"""The full record of a run's tasks, which `spec.report.to` keeps: read and bounded.

`api/flowrun_report.py` tells its form. A user's pods wrote it, so nothing in it is believed unseen.
"""

import gzip
import io
import json
import zlib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError, model_validator

from daskflow.client.errors import PackageMissing, WrongUse

_PACKED = 64 * 2**20
_UNPACKED = 128 * 2**20
"""Twice what a million tasks take; read as JSON it may become twenty times larger."""
_MOST_TASKS = 10**7

_Seconds = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
_Index = Annotated[int, Field(ge=0)]
_Name = Annotated[str, Field(max_length=1000)]


class Tasks(BaseModel):
    """An entry each task, in lists of one length."""

    prefix: list[_Index] = Field(max_length=_MOST_TASKS)
    worker: list[_Index]
    start: list[_Seconds]
    stop: list[_Seconds]
    bytes: list[Annotated[int, Field(ge=0, le=2**60)]]
    failed: list[_Index]


class Record(BaseModel):
    """All of it."""

    prefixes: list[_Name]
    kept: list[Annotated[int, Field(ge=1, le=10**9)]]
    workers: list[_Name]
    threads: list[_Index]
    tasks: Tasks

    @model_validator(mode="after")
    def _fits(self) -> "Record":
        tasks = self.tasks
        columns = (tasks.worker, tasks.start, tasks.stop, tasks.bytes, tasks.failed)
        pairs = [(len(tasks.prefix), len(each)) for each in columns]
        pairs += [(len(self.prefixes), len(self.kept)), (len(self.workers), len(self.threads))]
        if any(one != other for one, other in pairs):
            raise ValueError("lists that belong together are not of one length")
        named = ((tasks.prefix, self.prefixes), (tasks.worker, self.workers))
        if any(max(indices, default=-1) >= len(names) for indices, names in named):
            raise ValueError("a task names a prefix or worker that is not there")
        return self


def record_at(where: str) -> Record:
    """The record at a path or, through fsspec, at a URL. Raises WrongUse, PackageMissing."""
    packed = _fetched(where) if "://" in where else _opened(where)
    if len(packed) > _PACKED:
        raise WrongUse(f"--record {where} has more than 64 MiB; a record of daskflow has less")
    return parsed(packed, where)


def parsed(packed: bytes, where: str) -> Record:
    """Raises WrongUse for what is no record."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as opened:
            text = opened.read(_UNPACKED + 1)
        if len(text) > _UNPACKED:
            raise ValueError("it is larger than 128 MiB when unpacked")
        return Record.model_validate(json.loads(text))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        at = ".".join(map(str, first["loc"]))
        raise WrongUse(_no_record(where, f"{at or 'it'}: {first['msg']}")) from None
    except (OSError, EOFError, ValueError, RecursionError, zlib.error) as error:
        raise WrongUse(_no_record(where, str(error))) from None


def _no_record(where: str, why: str) -> str:
    return f"--record {where} is no tasks.json.gz as spec.report.to writes it ({why}); give the path of one"


def _opened(where: str) -> bytes:
    try:
        with Path(where).open("rb") as opened:
            return opened.read(_PACKED + 1)
    except OSError as error:
        raise WrongUse(
            f"--record {where} cannot be read here: {error.strerror}; a path of spec.report.to is in the "
            "volume of the run's pods, so copy the file here first"
        ) from None


def _fetched(where: str) -> bytes:
    try:
        import fsspec
    except ImportError:
        raise PackageMissing(
            f"--record {where} is read by fsspec; pip install fsspec, or give a file"
        ) from None
    try:
        with fsspec.open(where, "rb") as opened:
            return bytes(opened.read(_PACKED + 1))
    except ImportError as error:
        raise PackageMissing(f"--record {where} needs another package: {error}") from None
    except Exception as error:  # whatever a file system raises
        said = f"{type(error).__name__}: {error}"
        raise WrongUse(
            f"--record {where} cannot be read: {said}; is it there, and may you read it?"
        ) from None
