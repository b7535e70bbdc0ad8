"""Prefect 3 is made ready when the flow's code imports it, wherever that is."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

from .detection import installed
from .server import Server, prepare

_held: list[Server] = []
"""The server: it ends with this."""


class ImportHook:
    """A finder in front of all others, which looks for nothing but Prefect, and only once."""

    def __init__(self, client: Any, gently: bool = True) -> None:
        """`client`: of the run's cluster, or None. `gently`: see three_prepare.patch."""
        self._client = client
        self._gently = gently
        self._looks = False

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Called by Python for whatever is imported, and by who asks whether it could be."""
        if name != "prefect" or self._looks:
            return None
        self._looks = True  # other threads go through the list of finders: it stays as it is meanwhile
        try:
            spec = importlib.util.find_spec(name)
            three = installed() == 3
        finally:
            self._looks = False
        if spec is None or spec.loader is None or not three:
            return spec
        load = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]
            if (made := prepare()) is not None:
                _held.append(Server(*made))
            load(module)
            from . import three_prepare

            three_prepare.prepare(self._client, self._gently)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec
