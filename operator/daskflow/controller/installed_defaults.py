"""The defaults that the installation gives: a file that the chart mounts. Read once, at the start."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from daskflow.api.yaml_text import plain
from daskflow.plan.default_fields import MOST_BYTES, DefaultsInvalid, checked

VARIABLE = "DASKFLOW_DEFAULTS"
"""The file's path; empty: none are given."""


def installed_defaults() -> Mapping[str, Any]:
    """As in the spec of a FlowRun. Raises DefaultsInvalid with one sentence.

    An operator that went on without them would begin runs without the limits and users that they are to have,
    and one that is not there begins none; what runs goes on by itself, and a rollout that fails is seen.
    """
    path = os.environ.get(VARIABLE, "")
    try:
        return _read(path) if path else {}
    except DefaultsInvalid as error:
        raise DefaultsInvalid(f"daskflow does not start with these defaults: {error}") from error


def _read(path: str) -> Mapping[str, Any]:
    try:
        text = Path(path).read_text()
    except OSError as error:
        raise DefaultsInvalid(f"{path} ({VARIABLE}) cannot be read: {error.strerror}.") from error
    if len(text) > MOST_BYTES:
        raise DefaultsInvalid(f"{path} has {len(text)} characters; at most {MOST_BYTES} are read.")
    try:
        return checked(plain(text))
    except DefaultsInvalid:
        raise
    except ValueError as error:
        raise DefaultsInvalid(f"{path} is no YAML: {error!s:.200}.") from error
