"""Whose a task is on a cluster that runs share: the run's whose flow was the first to ask for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from ..settings import CLIENT_NAME

_UUID = 37
"""Characters that end the name of each client of Dask's, with the dash before them."""


class RunsTasks:
    """By key, for as long as the scheduler knows it. `runners` are those whose runs are recorded.

    Clients of a flow have its runner's name (runner/supervisor.py). Those that tasks ask for have none: what
    they bring is the run's that is recorded, if only one is.
    """

    def __init__(self, runners: Collection[str]) -> None:
        self._runners = runners
        self._of: dict[Any, str] = {}

    def asked(self, client: str, keys: Iterable[Any]) -> None:
        """This client has asked for these tasks."""
        runner = self._runner(client)
        if runner is not None:
            for key in keys:
                self._of.setdefault(key, runner)

    def _runner(self, client: str) -> str | None:
        if client.startswith("Client-worker-") and len(self._runners) == 1:
            return next(iter(self._runners))
        runner = client[:-_UUID].partition(f"-{CLIENT_NAME}")[2]
        return runner if runner in self._runners else None

    def of(self, key: Any) -> str | None:
        """The runner, if it is any run's."""
        return self._of.get(key)

    def forget(self, key: Any) -> None:
        """The scheduler does not know this task any more."""
        self._of.pop(key, None)

    def clear(self) -> None:
        """It knows none any more."""
        self._of.clear()
