"""What is of another version here than in a cluster: functions and data go as pickles of both."""

from collections.abc import Mapping
from typing import Any

_COMPARED = ("dask", "distributed", "cloudpickle", "numpy", "pandas")
"""Python apart, what most often decides whether one side can read what the other has pickled."""


def differences(here: Mapping[str, Any], there: Mapping[str, Any]) -> str:
    """One sentence on them, "" if there is none. Both are what `distributed` says of its process."""
    unlike = [
        f"{name} is {mine} here and {theirs} in the cluster"
        for name, mine, theirs in (
            ("Python", _python(here), _python(there)),
            *((name, _package(here, name), _package(there, name)) for name in _COMPARED),
        )
        if mine and theirs and mine != theirs
    ]
    if not unlike:
        return ""
    risk = (
        "functions that you send may not be understood"
        if unlike[0].startswith("Python")
        else "it may not fit"
    )
    return f"{', '.join(unlike)}: {risk}; use the image's versions here, or an image with yours"


def _python(versions: Mapping[str, Any]) -> str:
    """Without the patch: pickles of code are those of a minor version."""
    host = versions.get("host") or {}
    # Older ones send pairs.
    said = str(dict(host).get("python") or "")
    return ".".join(said.split(".")[:2])


def _package(versions: Mapping[str, Any], name: str) -> str:
    return str((versions.get("packages") or {}).get(name) or "")
