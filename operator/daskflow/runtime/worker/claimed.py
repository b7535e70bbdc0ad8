"""The worker of a cluster that a run has claimed: the scheduler tells it where the flow's code is."""

from __future__ import annotations

from ..claimed import code
from ..settings import say


class Claimed:
    """Called once or twice: by the scheduler's broadcast, by the stream of a worker that has come since."""

    def __init__(self) -> None:
        self._heard = False

    def __call__(self, entrypoint: str, archive: str) -> str:
        """Answers "heard", for the scheduler. Its tasks fail where the code cannot be had; that is said."""
        if not self._heard:
            self._heard = True
            try:
                code(entrypoint, archive, "worker")
            except (ValueError, OSError) as error:
                say(str(error))
        return "heard"
